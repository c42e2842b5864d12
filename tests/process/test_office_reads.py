"""LibreOffice reads what is exported: the words of a web page, the numbers of a workbook, a document's structure."""

from __future__ import annotations

import csv
import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from desktop_ocr.document_host.handler import DocumentHandler
from desktop_ocr.schema.document_messages import Exported, ExportPage, FinishExport, Source, StartExport
from desktop_ocr.schema.exports import ExportOptions
from desktop_ocr.schema.results import Block, BlockKind, Cell, Line, PageResult, PageSource, Table, box_polygon

pytestmark = pytest.mark.process

TEXTS = ("A heading <1>", "Prose & more of it.", "• an item", "Zażółć 漢字 שלום")
KINDS = (BlockKind.SECTION_HEADER, BlockKind.TEXT, BlockKind.LIST_ITEM, BlockKind.TEXT)
CELLS = (("Name", "Price"), ("Ann", "1.234,56"), ("=1+1", "(7,50)"), ("007", "12,5 %"))


def page() -> PageResult:
    lines = tuple(Line(text, box_polygon((10, 30.0 * at, 400, 30.0 * at + 20)), 1.0) for at, text in enumerate(TEXTS))
    table = Table(
        4,
        2,
        tuple(
            Cell(row, column, text, heading=row == 0)
            for row, texts in enumerate(CELLS)
            for column, text in enumerate(texts)
        ),
    )
    blocks = [Block(kind, (0, 0, 1, 1), (at,)) for at, kind in enumerate(KINDS)]
    blocks.append(Block(BlockKind.TABLE, (0, 0, 1, 1), table=table))
    return PageResult(0, 600, 800, 72, 0, PageSource.RECOGNISED, lines, tuple(blocks))


def export(kind: str, folder: Path) -> Path:
    handler = DocumentHandler()
    source, target = Source(str(folder / "a.pdf")), str(folder / f"a.{kind}")
    handler(StartExport(1, kind, source, target, False, 1, ExportOptions(language="de"), 1))
    handler(ExportPage(1, 0, page()))
    done = handler(FinishExport(1))
    handler.close()
    assert isinstance(done, Exported)
    return Path(done.path)


def office(folder: Path, file: Path, *options: str) -> None:
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed")
    home = f"-env:UserInstallation={(folder / 'office').as_uri()}"
    command = [program, home, "--headless", *options, "--outdir", str(folder), str(file)]
    subprocess.run(command, check=True, timeout=150, capture_output=True)


def test_it_reads_the_web_page(tmp_path: Path) -> None:
    words = ("--infilter=HTML (StarWriter)", "--convert-to", "txt:Text (encoded):UTF8")
    office(tmp_path, export("html", tmp_path), *words)
    said = (tmp_path / "a.txt").read_text(encoding="utf-8-sig")
    wanted = [text.removeprefix("• ") for text in TEXTS] + [text for row in CELLS for text in row]
    at = 0
    for text in wanted:  # in this order
        at = said.index(text, at) + len(text)


def test_it_reads_the_workbook(tmp_path: Path) -> None:
    office(
        tmp_path, export("xlsx", tmp_path), "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true"
    )
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [["Name", "Price"], ["Ann", "1,234.56"], ["=1+1", "(7.50)"], ["007", "12.5%"]]


def test_it_reads_the_word_document(tmp_path: Path) -> None:
    office(tmp_path, export("docx", tmp_path), "--convert-to", "html")
    made = (tmp_path / "a.html").read_text(encoding="utf-8", errors="replace")
    said = " ".join(html.unescape(re.sub("<[^>]*>", " ", made)).split())
    at = 0
    for text in [text.removeprefix("• ") for text in TEXTS[:3]] + [text for row in CELLS for text in row]:
        at = said.index(text, at) + len(text)
    assert (made.count("<table"), made.count("<tr")) == (1, len(CELLS))
    assert "<h2" in made
    assert "<ul" in made
