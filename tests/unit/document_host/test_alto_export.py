"""ALTO, checked by the schema of its makers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from results import line, result
from rich_page import clean, export_file, rich_page

from desktop_ocr.schema.exports import ExportOptions
from desktop_ocr.schema.results import Block, BlockKind, Cell, Line, PageResult, PageSource, Table, box_polygon

SCHEMAS = Path(__file__).parent / "schemas"
ALTO = "{http://www.loc.gov/standards/alto/ns-v4#}"


class _Here(etree.Resolver):
    """The schema refers to another one on the web, which lies beside it here."""

    def resolve(self, system_url, public_id, context):  # noqa: ARG002
        return self.resolve_filename(str(SCHEMAS / Path(system_url).name), context)


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Here())
    return etree.XMLSchema(etree.parse(str(SCHEMAS / "alto-4-3.xsd"), parser))


@pytest.fixture
def written(handler, tmp_path, schema):
    """Write pages; the file is valid, and comes back parsed."""

    def write(*pages: PageResult | None, **more: Any) -> etree._Element:
        done = export_file(handler, "alto", tmp_path / "a & b.tif", tmp_path / "o.alto.xml", *pages, **more)
        assert done.path.endswith("/o.alto.xml")
        document = etree.parse(done.path)
        assert schema.validate(document), schema.error_log
        assert not list(tmp_path.glob(".*"))
        return document.getroot()

    return write


def text(lines: list[etree._Element]) -> list[str]:
    """Each line's text: strings, spaces and hyphens."""
    return [
        "".join(" " if one.tag == f"{ALTO}SP" else one.get("CONTENT") for one in found if one.tag != f"{ALTO}Shape")
        for found in lines
    ]


def test_the_text_in_reading_order(written):
    made = rich_page()
    root = written(made)
    by_id = {one.get("ID"): one for one in root.iter() if one.get("ID")}
    order = [by_id[one.get("REF")] for one in root.iter(f"{ALTO}ElementRef")]
    assert len(order) == len(made.blocks)
    found = text([found for block in order for found in block.iter(f"{ALTO}TextLine")])
    expected = []
    for block in made.blocks:
        expected += [clean(made.lines[index].text) for index in block.lines] or ([block.latex] if block.latex else [])
    assert found == expected


def test_places_and_confidence(written):
    made = rich_page()
    root = written(made)
    (page,) = root.iter(f"{ALTO}Page")
    assert (page.get("WIDTH"), page.get("HEIGHT"), page.get("PC")) == ("1654", "2339", "0.9")
    found = {
        one.get("CONTENT"): [float(one.get(key)) for key in ("HPOS", "VPOS", "WIDTH", "HEIGHT")]
        for one in root.iter(f"{ALTO}String")
        if one.get("WC") == "0.9"
    }
    for one in made.lines[2:4]:
        for word in one.words:
            x0, y0, x1, _, _, y2, _, _ = word.polygon
            assert found[word.text.removesuffix("-")] == pytest.approx([x0, y0, x1 - x0, y2 - y0], abs=0.01)
    assert root.findtext(f".//{ALTO}fileName") == "a & b.tif"
    assert [one.tag.removeprefix(ALTO) for one in page] == ["TopMargin", "BottomMargin", "PrintSpace"]
    assert text(list(page[0].iter(f"{ALTO}TextLine"))) == ["Annual report"]


def test_words_divided_between_lines(written):
    root = written(rich_page())
    parts = [
        (one.get("CONTENT"), one.get("SUBS_CONTENT")) for one in root.iter(f"{ALTO}String") if one.get("SUBS_TYPE")
    ]
    assert parts == [("recog", "recognised"), ("nised", "recognised")]
    (hyphen,) = root.iter(f"{ALTO}HYP")
    assert hyphen.get("CONTENT") == "-"


def test_tables_are_rows_of_cells(written):
    root = written(rich_page())
    (table,) = [one for one in root.iter(f"{ALTO}ComposedBlock") if one.get("TYPE") == "table"]
    rows = [[" ".join(text(list(cell.iter(f"{ALTO}TextLine")))) for cell in row] for row in table]
    assert rows == [["Sales"], ["North", "1,204"], ["South", "877"]]


def test_figures_that_a_model_read_have_no_place(written):
    table = Table(1, 2, (Cell(0, 0, "left"), Cell(0, 1, "two words")))
    block = Block(BlockKind.CHART, (10, 10, 90, 90), (), table=table)
    root = written(PageResult(0, 100, 100, 72, 0, PageSource.RECOGNISED, (), (block,)))
    assert text(list(root.iter(f"{ALTO}TextLine"))) == ["left", "two words"]


def test_kinds_and_levels_are_tags(written):
    root = written(rich_page())
    tags = {one.get("ID"): one for one in root.find(f"{ALTO}Tags")}
    for block in root.iter(f"{ALTO}TextBlock"):
        assert set(block.get("TAGREFS", "").split()) <= tags.keys()
    title = next(one for one in root.iter(f"{ALTO}TextBlock") if "kind_title" in one.get("TAGREFS", ""))
    assert "level_1" in title.get("TAGREFS")
    assert [one.get("LABEL") for one in tags.values() if one.get("TYPE") == "latex"] == ["a^2 + b^2 < c^2"]


def test_right_to_left_skewed_and_edited_lines(written):
    skewed = Line("askew", (10, 10, 90, 20, 88, 40, 8, 30), 1.0, human=True)
    empty = Line("", box_polygon((10, 100, 90, 120)), 1.0, human=True)
    root = written(result(skewed, empty, line("שלום עולם", (10, 50, 90, 70)), size=(100, 130)))
    first, second = root.iter(f"{ALTO}TextLine")
    assert first.get("CS") == "true"
    assert first.find(f"{ALTO}Shape/{ALTO}Polygon").get("POINTS") == "10,10 90,20 88,40 8,30"
    assert second.getparent().get("BASEDIRECTION") == "rtl"
    assert text([second]) == ["שלום עולם"]
    assert "corrected" in [one.get("ID") for one in root.iter(f"{ALTO}Processing")]


def test_a_page_that_failed_is_there(written):
    root = written(rich_page(), None, result(page=2), options=ExportOptions(language="he"))
    pages = list(root.iter(f"{ALTO}Page"))
    assert [one.get("PHYSICAL_IMG_NR") for one in pages] == ["1", "2", "3"]
    assert pages[1].get("QUALITY") == "Damaged"
    assert text(list(pages[1].iter(f"{ALTO}TextLine"))) == ["[Page 2 could not be read: It took too long.]"]
    assert {one.get("LANG") for one in pages[0].iter(f"{ALTO}TextBlock")} == {"he"}


def test_nothing_at_all_is_valid_too(written):
    written(result())
    written(None)
