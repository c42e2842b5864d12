"""Formats of other packages: the one that the documentation shows, and those that are broken."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pymupdf
import pytest
from rich_page import FAILURE, export_file, rich_page

from desktop_ocr.core.export_formats import FormatList, brought_names
from desktop_ocr.document_host.handler import DocumentHandler
from desktop_ocr.schema.document_messages import Formats, ListFormats
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.exports import EXPORTERS, FORMATS, FormatInfo

DOCUMENT = Path(__file__).parents[3] / "docs" / "exports.md"
Install = Callable[[str, str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a distribution: its name, its only module's code, and its entry points."""
    before = set(sys.modules)

    def made(name: str, code: str, points: str) -> None:
        site = tmp_path / f"site-{name}"
        information = site / f"{name}-1.0.dist-info"
        information.mkdir(parents=True)
        (site / f"{name}.py").write_text(code, encoding="utf-8")
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (information / "entry_points.txt").write_text(f"[{EXPORTERS}]\n{points}\n")
        monkeypatch.syspath_prepend(str(site))

    yield made
    for module in set(sys.modules) - before:
        if module.endswith("_format"):
            del sys.modules[module]


def documented() -> tuple[str, str]:
    """The code that the documentation shows, and its entry point."""
    text = DOCUMENT.read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    point = re.search(r'```toml\n\[project.entry-points."([^"]+)"\]\n(\w+) = "([^"]+)"', text)
    assert code is not None
    assert point is not None
    assert point[1] == EXPORTERS
    return code[1], f"{point[2]} = {point[3]}"


def listed(handler: DocumentHandler) -> tuple[FormatInfo, ...]:
    reply = handler(ListFormats())
    assert isinstance(reply, Formats)
    return reply.formats


class _Host:
    """A document host in this process, for the core."""

    def __init__(self, handler: DocumentHandler) -> None:
        self.handler = handler
        self.asked = 0

    async def ask(self, body: object, *_: object) -> object:
        self.asked += 1
        return self.handler(body)  # type: ignore[arg-type]


async def test_ours_alone_need_no_document_host(handler: DocumentHandler) -> None:
    assert listed(handler) == FORMATS
    host = _Host(handler)
    assert await FormatList(host).all() == FORMATS  # type: ignore[arg-type]
    assert host.asked == 0


async def test_the_documented_format_works(handler: DocumentHandler, tmp_path: Path, install: Install) -> None:
    install("wordcount_format", *documented())
    info = FormatInfo("wordcount", ".tsv", "Word count", "How often each word occurs", uses_pictures=True, ours=False)
    assert listed(handler) == (*FORMATS, info)
    assert brought_names() == ["wordcount"]
    formats = FormatList(_Host(handler))  # type: ignore[arg-type]
    assert await formats.named("wordcount") == info
    source = tmp_path / "scan.pdf"
    document = pymupdf.open()
    document.new_page(width=595.44, height=842.04)
    document.save(source)
    done = export_file(handler, "wordcount", source, tmp_path / "scan.tsv", rich_page(), None)
    counts = dict(line.split("\t") for line in Path(done.path).read_text(encoding="utf-8").splitlines())
    assert counts["thing"] == "2"
    assert done.notes == (f"Page 2 is not counted: {FAILURE.message}",)
    assert [Path(path).parent.name for path in done.others] == ["scan-pictures"]


BROKEN = """
class Works:
    name, suffix = "works", ".x"
    def begin(self, context): return self
    def add_page(self, page, result, error): raise KeyError("a bug")
    def close(self): pass
class Named(Works):
    name = "another"
class Suffixed(Works):
    name, suffix = "suffixed", "/../x"
class Pdf(Works):
    name, suffix = "pdf", ".pdf"
"""
POINTS = """
works = broken_format:Works
named = broken_format:Named
suffixed = broken_format:Suffixed
missing = broken_format:Missing
absent = no_such_module_format:X
pdf = broken_format:Pdf
Bad Name = broken_format:Works
"""


async def test_broken_ones_never_break_the_others(
    handler: DocumentHandler, tmp_path: Path, install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    install("broken_format", BROKEN, POINTS)
    install("wordcount_format", *documented())
    with caplog.at_level(logging.WARNING):
        assert [info.name for info in listed(handler)[len(FORMATS) :]] == ["wordcount", "works"]
    for name in ("named", "suffixed", "missing", "absent", "pdf", "Bad Name"):
        assert any(repr(name) in said and "broken_format" in said for said in caplog.messages), name
    formats = FormatList(_Host(handler))  # type: ignore[arg-type]
    for name in ("named", "suffixed", "missing", "absent"):
        with pytest.raises(DesktopOcrError) as caught:
            export_file(handler, name, tmp_path / "a.pdf", tmp_path / "a.x", rich_page())
        assert caught.value.code is ErrorCode.EXPORT_FAILED
        assert f"The format '{name}' of the package 'broken_format' does not work" in caught.value.info.message
        with pytest.raises(DesktopOcrError, match="'broken_format' does not work"):
            await formats.named(name)
    assert next(info for info in listed(handler) if info.name == "pdf") == FORMATS[0]
    with pytest.raises(DesktopOcrError, match="There is no format 'nothing'"):
        await formats.named("nothing")


def test_one_that_fails_on_the_way_is_told_and_leaves_nothing(
    handler: DocumentHandler, tmp_path: Path, install: Install
) -> None:
    install("broken_format", BROKEN, POINTS)
    (tmp_path / "out").mkdir()
    with pytest.raises(DesktopOcrError) as caught:
        export_file(handler, "works", tmp_path / "a.pdf", tmp_path / "out" / "a.x", rich_page())
    assert caught.value.info.message == "The format 'works', which another package brings, failed (KeyError)."
    assert not list((tmp_path / "out").iterdir())
