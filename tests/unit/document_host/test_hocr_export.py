"""hOCR as another's reader sees it (archive-hocr-tools), and as XML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hocr.parse
import pytest
from lxml import etree
from results import line, result
from rich_page import clean, export_file, rich_page

from desktop_ocr.document_host.export.hocr_page import CAPABILITIES
from desktop_ocr.schema.exports import ExportOptions
from desktop_ocr.schema.results import Line, PageResult, PageSource, box_polygon, polygon_box

HTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture
def written(handler, tmp_path):
    """Write pages of a document with a difficult name, and return the file's path."""

    def write(*pages: PageResult | None, **more: Any) -> Path:
        return Path(export_file(handler, "hocr", tmp_path / 'a "b" & c;.pdf', tmp_path / "o.hocr", *pages, **more).path)

    return write


def words(path: Path) -> list[list[dict]]:
    """The words of each page's lines, line by line."""
    return [
        [one for paragraph in hocr.parse.hocr_page_to_word_data(page) for one in paragraph["lines"]]
        for page in hocr.parse.hocr_page_iterator(str(path))
    ]


def test_every_word_in_its_place(written):
    made = rich_page()
    (lines,) = words(written(made))
    expected = [made.lines[index] for block in made.blocks for index in block.lines]
    assert [[word["text"] for word in one["words"]] for one in lines] == [clean(one.text).split() for one in expected]
    for one, wanted in zip(lines, expected, strict=True):
        assert one["bbox"] == list(polygon_box(wanted.polygon))
        assert -0.21 * (one["bbox"][3] - one["bbox"][1]) <= one["baseline"][1] <= 0
        for word, wanted_word in zip(one["words"], wanted.words, strict=True):
            assert word["confidence"] == 90
            assert word["bbox"] == pytest.approx(polygon_box(wanted_word.polygon), abs=1)


def test_right_to_left_paragraphs_say_so(written):
    (lines,) = words(written(rich_page()))
    directions = {word["text"]: word["writing_direction"] for one in lines for word in one["words"]}
    assert directions["שלום"] == hocr.parse.WRITING_DIRECTION_RIGHT_TO_LEFT
    assert directions["known"] != hocr.parse.WRITING_DIRECTION_RIGHT_TO_LEFT


def test_the_structure(written):
    path = written(rich_page(), options=ExportOptions(language="en", title="A <title>"))
    root = etree.parse(str(path)).getroot()
    assert root.get("lang") == "en"
    assert root.findtext(f"{HTML}head/{HTML}title") == "A <title>"
    classes = [one.get("class") for one in root.iter() if one.get("class")]
    assert set(classes) <= set(CAPABILITIES)
    for wanted in ("ocr_header", "ocr_footer", "ocr_title", "ocr_chapter", "ocr_caption", "ocr_table", "ocr_photo"):
        assert wanted in classes
    assert root.find(f".//{HTML}h1[@class='ocr_title']") is not None
    assert root.find(f".//{HTML}h2").get("class") == "ocr_chapter"
    (table,) = root.iter(f"{HTML}table")
    rows = [["".join(cell.itertext()).strip() for cell in row] for row in table]
    assert rows == [["Sales"], ["North", "1,204"], ["South", "877"]]
    assert table[0][0].get("colspan") == "2"
    assert root.findtext(f".//{HTML}div[@class='ocr_math']") == "a^2 + b^2 < c^2"
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    title = root.find(f".//{HTML}div[@class='ocr_page']").get("title")
    assert title == "image 'a \"b\" & c;.pdf'; bbox 0 0 1654 2339; ppageno 0; scan_res 200 200"


def test_a_page_that_failed_is_there(written):
    path = written(rich_page(), None, rich_page(2))
    pages = [page.attrib["title"] for page in hocr.parse.hocr_page_iterator(str(path))]
    assert ["ppageno 1" in title for title in pages] == [False, True, False]
    assert "Page 2 could not be read: It took too long." in path.read_text(encoding="utf-8")


def test_lines_without_words_and_from_text_layers(written):
    bare = Line("two words", box_polygon((10, 10, 100, 20)), 1.0, human=True)
    made = result(bare, line("שלום עולם", (10, 30.5, 100.5, 40)), size=(595, 842), dpi=72, source=PageSource.TEXT_LAYER)
    path = written(made)
    (lines,) = words(path)
    boxes = {word["text"]: word["bbox"] for one in lines for word in one["words"]}
    scale = 300 / 72
    assert boxes["two"][:2] == pytest.approx([10 * scale, 10 * scale], abs=1)
    assert boxes["words"][2] == pytest.approx(100 * scale, abs=1)
    assert boxes["two"][2] < boxes["words"][0]
    assert boxes["שלום"][0] > boxes["עולם"][2]
    page = next(hocr.parse.hocr_page_iterator(str(path)))
    assert hocr.parse.hocr_page_get_dimensions(page) == (2479, 3508)
    assert hocr.parse.hocr_page_get_scan_res(page) == (300, 300)


def test_the_same_results_give_the_same_bytes(written):
    assert written(rich_page()).read_bytes() == written(rich_page()).read_bytes()
