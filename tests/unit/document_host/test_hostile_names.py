"""Names that documents give (titles, embedded files, tables, figures) are text: no file is ever called by them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import msgspec
import pymupdf
import pytest
from results import line
from rich_page import export_file

from desktop_ocr.document_host.handler import DocumentHandler
from desktop_ocr.hosts.answers import check_exported
from desktop_ocr.schema.exports import FORMATS, ExportOptions, PictureMode
from desktop_ocr.schema.results import Block, BlockKind, Cell, PageResult, PageSource, Table

NAMES = [
    "../../../evil",
    "/tmp/evil",
    "C:\\evil",
    "evil\0.txt",
    "CON",
    "ü" * 300,
    "$(touch evil)",
    "file:///evil",
]


def named_everywhere(name: str) -> PageResult:
    """A page whose every text is that name: headings, captions, cells, lines."""
    words = [line(name, (10, 40 * at + 10, 500, 40 * at + 40)) for at in range(6)]
    cells = (Cell(0, 0, name, (3,), heading=True), Cell(0, 1, name, (4,)))
    table = Table(1, 2, cells, name[:100])
    blocks = (
        Block(BlockKind.TITLE, (10, 10, 500, 40), (0,), level=1),
        Block(BlockKind.CAPTION, (10, 50, 500, 80), (1,), caption_of=3),
        Block(BlockKind.CAPTION, (10, 90, 500, 120), (2,), caption_of=4),
        Block(BlockKind.TABLE, (10, 130, 500, 200), (3, 4), table=table),
        Block(BlockKind.PICTURE, (100, 300, 400, 500)),
        Block(BlockKind.TABLE, (10, 210, 500, 240), (), table=Table(1, 1, (Cell(0, 0, name),))),
        Block(BlockKind.FORMULA, (10, 210, 500, 240), (5,), latex=name),
    )
    return PageResult(0, 600, 800, 72, 0, PageSource.RECOGNISED, tuple(words), blocks)


def hostile_pdf(path: Path, name: str) -> Path:
    document = pymupdf.open()
    page = document.new_page(width=600, height=800)
    page.draw_rect(pymupdf.Rect(100, 300, 400, 500), fill=(1, 0, 0))
    plain = name.replace("\0", "")
    document.set_metadata({"title": plain, "author": plain, "subject": plain})
    document.embfile_add(plain or "x", b"boo", filename=plain, desc=plain)
    document.set_toc([[1, plain, 1]])
    document.save(path)
    document.close()
    return path


def files_in(folder: Path) -> set[Path]:
    return {found.relative_to(folder) for found in folder.rglob("*") if found.is_file()}


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_exports_are_where_they_were_asked_for_whatever_the_document_calls_itself(
    handler: DocumentHandler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    source = hostile_pdf(tmp_path / "source.pdf", name)
    out = tmp_path / "out"
    out.mkdir()
    before = files_in(tmp_path)
    page = named_everywhere(name)
    for info in [info for info in FORMATS if info.name not in ("txt", "json", "hocr", "alto")]:
        pictures = PictureMode.BESIDE if info.name in ("md", "html") else PictureMode.EMBEDDED
        options = ExportOptions(title=name, language=name[:20], pictures=pictures, picture_dpi=72)
        if "\n" in name or "\0" in name:
            options = msgspec.structs.replace(options, language="")
        done = export_file(handler, info.name, source, out / f"made{info.suffix}", page, options=options)
        check_exported(done, out / f"made{info.suffix}")
    new = files_in(tmp_path) - before
    assert new
    for file in new:
        assert file.parts[0] == "out"
        assert file.name.startswith("made") or file.parts[1] == "made-pictures"
        assert "evil" not in str(file)
    for package in ("made.docx", "made.xlsx"):
        with zipfile.ZipFile(out / package) as inside:
            assert not [one for one in inside.namelist() if "evil" in one or one.startswith(("/", ".."))]
