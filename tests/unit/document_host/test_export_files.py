"""An export of several files: all of them or none, one number for all, links that stay right; notes."""

from __future__ import annotations

import errno
import os
import resource
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import msgspec
import pymupdf
import pytest
from results import line, result
from rich_page import export_file, rich_page

from desktop_ocr.document_host.export import placing
from desktop_ocr.document_host.export.output_files import OutputFiles
from desktop_ocr.document_host.handler import DocumentHandler
from desktop_ocr.schema.document_messages import DropExport, ExportPage, FinishExport, Source, StartExport
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.exports import ExportOptions, PictureMode
from desktop_ocr.schema.results import Block, BlockKind, Cell, Table

BESIDE = ExportOptions(pictures=PictureMode.BESIDE)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    document = pymupdf.open()
    page = document.new_page(width=595.44, height=842.04)
    page.draw_rect(pymupdf.Rect(72, 306, 288, 450), color=(1, 0, 0), fill=(0, 0, 1))
    document.save(tmp_path / "scan.pdf")
    return tmp_path / "scan.pdf"


def put(out: Path, *texts: str, overwrite: bool = False, pictures: tuple[bytes, ...] = ()) -> tuple[list[str], bool]:
    """Write "doc.x" and as many files beside it as there are further texts."""
    files = OutputFiles(out / "doc.x", ".x")
    files.path.write_text(texts[0])
    for number, text in enumerate(texts[1:], start=2):
        files.beside(f"-{number}.x").write_text(text)
    for data in pictures:
        files.picture(data, f"{data.hex()}.png")
    try:
        placed = files.place(overwrite=overwrite)
    finally:
        files.discard()
    assert placed.size == sum(path.stat().st_size for path in (placed.path, *placed.others))
    return [str(path.relative_to(out)) for path in (placed.path, *placed.others)], placed.unchanged


def present(out: Path) -> dict[str, str]:
    return {str(path.relative_to(out)): path.read_text() for path in sorted(out.rglob("*")) if path.is_file()}


def test_all_get_the_same_number(out: Path) -> None:
    assert put(out, "a", "b") == (["doc.x", "doc-2.x"], False)
    assert put(out, "a", "b") == (["doc.x", "doc-2.x"], True)
    assert put(out, "a", "c") == (["doc (2).x", "doc (2)-2.x"], False)
    (out / "doc (3)-2.x").write_text("somebody's")
    assert put(out, "d", "e") == (["doc (4).x", "doc (4)-2.x"], False)
    assert "doc (3).x" not in present(out)
    (out / "doc-2.x").unlink()
    assert put(out, "a", "b") == (["doc.x", "doc-2.x"], False), "what is missing is put back"


def test_a_suffix_with_two_dots_is_one(out: Path) -> None:
    for text in ("a", "b"):
        files = OutputFiles(out / "my.doc.alto.xml", ".alto.xml")
        files.path.write_text(text)
        files.place(overwrite=False)
    assert sorted(present(out)) == ["my.doc (2).alto.xml", "my.doc.alto.xml"]


def test_pictures_are_shared_and_never_numbered(out: Path) -> None:
    assert put(out, "a", pictures=(b"1", b"2")) == (["doc.x", "doc-pictures/31.png", "doc-pictures/32.png"], False)
    assert put(out, "b", pictures=(b"2", b"3"))[0] == ["doc (2).x", "doc-pictures/32.png", "doc-pictures/33.png"]
    assert put(out, "b", pictures=(b"2", b"3"))[1]
    assert sorted(path.name for path in (out / "doc-pictures").iterdir()) == ["31.png", "32.png", "33.png"]


def test_replacing_all(out: Path) -> None:
    put(out, "a", "b")
    assert put(out, "c", "b", overwrite=True) == (["doc.x", "doc-2.x"], False)
    assert present(out) == {"doc.x": "c", "doc-2.x": "b"}
    assert put(out, "c", "b", overwrite=True)[1]


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_cannot_be_put_in_place_leaves_everything_as_it_was(
    out: Path, monkeypatch: pytest.MonkeyPatch, overwrite: bool
) -> None:
    put(out, "a", "b", "c", pictures=(b"1",))
    before = present(out)
    moves = 0

    def full(*_: object, **__: object) -> None:
        nonlocal moves
        moves += 1
        if moves == 3:
            raise OSError(errno.ENOSPC, "full")

    move, replace = placing.Moves.move, placing.Moves.replace
    monkeypatch.setattr(placing.Moves, "move", lambda self, *a: (full(), move(self, *a)))
    monkeypatch.setattr(placing.Moves, "replace", lambda self, *a, **k: (full(), replace(self, *a, **k)))
    with pytest.raises(OSError, match="full"):
        put(out, "d", "e", "f", overwrite=overwrite, pictures=(b"2",))
    assert present(out) == before
    monkeypatch.undo()
    (out / "new").mkdir()
    with pytest.raises(DesktopOcrError):
        put_with_a_file_in_the_way(out / "new")
    assert present(out / "new") == {"doc-pictures": "a file"}


def put_with_a_file_in_the_way(out: Path) -> None:
    (out / "doc-pictures").write_text("a file")
    put(out, "a", pictures=(b"1",))


def test_without_hard_links(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    assert put(out, "a", "b")[0] == ["doc.x", "doc-2.x"]
    assert put(out, "c", "b")[0] == ["doc (2).x", "doc (2)-2.x"]
    assert put(out, "d", "e", overwrite=True)[0] == ["doc.x", "doc-2.x"]
    assert present(out) == {"doc.x": "d", "doc-2.x": "e", "doc (2).x": "c", "doc (2)-2.x": "b"}


@pytest.mark.parametrize("tail", ["", "/x", "a\\b", "-2.x", "-2.X", ".x"])
def test_a_tail_that_is_none(out: Path, tail: str) -> None:
    files = OutputFiles(out / "doc.x", ".x")
    files.beside("-2.x")
    with pytest.raises(ValueError, match="cannot end in"):
        files.beside(tail)
    files.discard()
    assert not list(out.iterdir())


def full_disk(limit: int, work: Callable[[], object]) -> DesktopOcrError:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        with pytest.raises(DesktopOcrError) as caught:
            work()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    return caught.value


@pytest.mark.parametrize("kind", ["html", "csv", "xlsx", "md"])
def test_a_full_disk_leaves_nothing(handler: DocumentHandler, source: Path, out: Path, kind: str) -> None:
    words = [line(f"{i} Zażółć gęślą jaźń", (100, 10 + 4 * i, 900, 13 + 4 * i)) for i in range(500)]
    cells = tuple(Cell(row, 0, one.text) for row, one in enumerate(words))
    table = Block(BlockKind.TABLE, (0, 0, 1, 1), table=Table(len(cells), 1, cells))
    page = msgspec.structs.replace(result(*words), blocks=(*result(*words).blocks, table))

    def work() -> None:
        handler(StartExport(1, kind, Source(str(source)), str(out / f"a.{kind}"), False, 2, BESIDE, 2))
        handler(ExportPage(1, 0, rich_page()))
        handler(ExportPage(1, 1, page))
        handler(FinishExport(1))

    before = set(Path(tempfile.gettempdir()).glob("openpyxl.*"))
    assert full_disk(3000, work).code is ErrorCode.DISK_FULL
    handler(DropExport(1))
    assert not list(out.iterdir())
    assert set(Path(tempfile.gettempdir()).glob("openpyxl.*")) <= before


def test_markdown_with_pictures_beside_it(handler: DocumentHandler, source: Path, out: Path) -> None:
    bare = export_file(handler, "md", source, out / "bare.md", rich_page())  # a folder comes where it is asked for
    assert bare.others == ()
    assert "![" not in Path(bare.path).read_text(encoding="utf-8")
    wish = ExportOptions(pictures=PictureMode.BESIDE)
    for _ in range(2):
        done = export_file(handler, "md", source, out / "my scan.md", rich_page(), options=wish)
    assert done.unchanged
    text = Path(done.path).read_text(encoding="utf-8")
    links = [part.partition(")")[0] for part in text.split("![](")[1:]]
    assert len(links) == 3
    assert {str(out / unquote(link)) for link in links} == set(done.others)
    assert all("/" in link and " " not in link for link in links)
    assert done.notes == ()


@pytest.mark.parametrize(("kind", "header"), [("txt", "Annual report"), ("md", "Annual report"), ("html", "Annual")])
def test_headers_and_footers_come_when_asked(
    handler: DocumentHandler, source: Path, out: Path, kind: str, header: str
) -> None:
    none = ExportOptions(headers=False, pictures=PictureMode.NONE)
    bare = Path(export_file(handler, kind, source, out / f"a.{kind}", rich_page(), options=none).path).read_text()
    wish = ExportOptions(headers=True, pictures=PictureMode.NONE)
    whole = Path(export_file(handler, kind, source, out / f"b.{kind}", rich_page(), options=wish).path).read_text()
    assert header not in bare
    assert header in whole
    assert len(whole) > len(bare)
    usual = ExportOptions(pictures=PictureMode.NONE)
    text = Path(export_file(handler, kind, source, out / f"c.{kind}", rich_page(), options=usual).path).read_text()
    assert text == (whole if kind == "txt" else bare)


def test_pictures_that_cannot_be_cut_are_noted_once(handler: DocumentHandler, tmp_path: Path, out: Path) -> None:
    done = export_file(handler, "html", tmp_path / "gone.pdf", out / "a.html", rich_page(), rich_page(1))
    assert done.notes == ("Pictures of 2 pages are missing, the first of them page 1: The file is not there.",)
    done = export_file(handler, "html", tmp_path / "gone.pdf", out / "b.html", rich_page(1))
    assert done.notes == ("Pictures of page 2 are missing: The file is not there.",)
    assert "<img" not in Path(done.path).read_text()
