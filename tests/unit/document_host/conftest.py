"""A handler, requests in short, and documents made on the spot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from desktop_ocr.document_host.handler import DocumentHandler
from desktop_ocr.schema.document_messages import PreparedPage, PreparePage, Source
from desktop_ocr.schema.jobs import TextLayerMode


@pytest.fixture
def handler() -> Iterator[DocumentHandler]:
    """A document host's handler, in this process."""
    made = DocumentHandler()
    yield made
    made.close()


@pytest.fixture
def prepare(handler: DocumentHandler, tmp_path: Path) -> Callable[..., PreparedPage]:
    """Ask for a page; the bitmap lies at `tmp_path/"page.rgb"`."""

    def ask(
        path: Path,
        page: int = 0,
        *,
        dpi: int = 200,
        max_pixels: int = 24_000_000,
        mode: TextLayerMode = TextLayerMode.AUTO,
        password: str | None = None,
    ) -> PreparedPage:
        bitmap = str(tmp_path / "page.rgb")
        source = Source(str(path), password)
        reply = handler(PreparePage(source, page, dpi, max_pixels, mode, bitmap))
        assert isinstance(reply, PreparedPage)
        assert (reply.bitmap is None) != (reply.layer is None)
        if reply.bitmap:
            size = reply.bitmap.width * reply.bitmap.height
            assert size <= max_pixels
            assert Path(bitmap).stat().st_size == 3 * size
        return reply

    return ask


@pytest.fixture
def text_pdf(tmp_path: Path) -> Callable[..., Path]:
    """Makes a PDF of lines of text; `change` may do more to its page."""

    def make(
        *lines: str,
        name: str = "text.pdf",
        pages: int = 1,
        change: Callable[[pymupdf.Page], object] | None = None,
        **save: Any,
    ) -> Path:
        document = pymupdf.open()
        for _ in range(pages):
            page = document.new_page()
            for i, line in enumerate(lines):
                page.insert_text((72, 100 + 40 * i), line, fontsize=14)
            if change:
                change(page)
        path = tmp_path / name
        document.save(path, **save)
        document.close()
        return path

    return make
