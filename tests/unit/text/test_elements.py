"""What a page is made of, for every format."""

from __future__ import annotations

from desktop_ocr.schema.results import (
    Block,
    BlockKind,
    Box,
    Cell,
    Line,
    PageResult,
    PageSource,
    Table,
    box_polygon,
)
from desktop_ocr.text.elements import (
    Caption,
    Code,
    Element,
    Figure,
    Footnotes,
    Formula,
    Heading,
    ListItems,
    Margin,
    Paragraph,
    TableElement,
    elements,
)
from desktop_ocr.text.lists import ListItem
from desktop_ocr.text.markdown import markdown
from desktop_ocr.text.plain import plain_text
from desktop_ocr.text.tables import is_backwards, mirrored


class Maker:
    """Puts a page together, a line below the other."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.blocks: list[Block] = []

    def add(self, kind: BlockKind, *texts: str | tuple[str, Box], **more: object) -> Block:
        numbers = []
        for text in texts:
            y = 30.0 * len(self.lines)
            words, box = (text, (10, y, 300, y + 20)) if isinstance(text, str) else text
            numbers.append(len(self.lines))
            self.lines.append(Line(words, box_polygon(box), 1.0))
        self.blocks.append(Block(kind, (0, 0, 1, 1), tuple(numbers), **more))  # type: ignore[arg-type]
        return self.blocks[-1]

    def page(self) -> PageResult:
        return PageResult(0, 600, 800, 72, 0, PageSource.RECOGNISED, tuple(self.lines), tuple(self.blocks))

    def elements(self, *, headers: bool = False) -> list[Element]:
        return elements(self.page(), headers=headers)


def test_every_kind_in_its_order() -> None:
    made = Maker()
    made.add(BlockKind.PAGE_FOOTER, "7", "of 9")
    made.add(BlockKind.FOOTNOTE, "1 a note", "2 another")
    title = made.add(BlockKind.TITLE, "A title")
    section = made.add(BlockKind.SECTION_HEADER, "A section", level=3)
    made.add(BlockKind.TEXT, "a para-", "graph")
    picture = made.add(BlockKind.PICTURE, "label", "other label")
    made.add(BlockKind.CAPTION, "Figure 1", caption_of=5)
    made.add(BlockKind.CAPTION, "of nothing")
    seal = made.add(BlockKind.SEAL)
    read = made.add(BlockKind.FORMULA, latex="x^2")
    unread = made.add(BlockKind.FORMULA, "E = m")
    made.add(BlockKind.CODE, "if x:", ("y()", (60, 390, 120, 410)))
    made.add(BlockKind.PAGE_HEADER, "Head")
    body = [
        Heading(1, "A title", title),
        Heading(3, "A section", section),
        Paragraph(("a paragraph",)),
        Figure(picture, ("label", "other label")),
        Caption("Figure 1", picture),
        Caption("of nothing", None),
        Figure(seal),
        Formula("x^2", "", read),
        Formula("", "E = m", unread),
    ]
    found = made.elements()
    assert found[: len(body)] == body
    assert isinstance(found[len(body)], Code)
    assert found[len(body) + 1 :] == [Footnotes((("1", "a note"), ("2", "another")))]
    whole = made.elements(headers=True)
    assert whole[0] == Margin(BlockKind.PAGE_HEADER, ("Head",))
    assert whole[-1] == Margin(BlockKind.PAGE_FOOTER, ("7", "of 9"))
    assert whole[1:-1] == found


def test_what_has_no_text_is_left_out_but_figures() -> None:
    made = Maker()
    for kind in BlockKind:
        made.add(kind)
        made.add(kind, " ")
    kinds = [type(one) for one in made.elements(headers=True)]
    assert kinds == [Figure] * 6


def test_lists_over_blocks_are_one_with_lists_below() -> None:
    made = Maker()
    made.add(BlockKind.LIST_ITEM, ("1. one", (10, 0, 90, 20)))
    made.add(BlockKind.LIST_ITEM, ("(a) below", (40, 30, 120, 50)), ("more of it.", (60, 60, 120, 80)))
    made.add(BlockKind.LIST_ITEM, ("2. two", (10, 90, 90, 110)))
    made.add(BlockKind.LIST_ITEM, ("A paragraph of two.", (45, 120, 200, 140)))
    (found,) = made.elements()
    below = ListItem("-", "(a) below more of it.", labelled=True)
    assert found == ListItems((ListItem("1.", "one", [below]), ListItem("2.", "two", ["A paragraph of two."])))
    assert markdown(made.page()) == "1. one\n   - (a) below more of it.\n2. two\n\n   A paragraph of two."


def test_tables_with_cells_and_without() -> None:
    table = Table(1, 2, (Cell(0, 0, "a", (0,)), Cell(0, 1, "b", (1,))))
    of_model = Table(1, 1, (Cell(0, 0, "7"),))
    made = Maker()
    first = made.add(BlockKind.TABLE, "a", "b", table=table)
    second = made.add(BlockKind.TABLE, "words", table=of_model)
    chart = made.add(BlockKind.CHART, "axis", table=of_model)
    row = [("x", (10.0, 200.0, 50.0, 220.0)), ("y", (200.0, 200.0, 250.0, 220.0)), ("z", (10.0, 240.0, 50.0, 260.0))]
    loose = made.add(BlockKind.TABLE, *row)
    grid = made.add(BlockKind.TABLE, *row, ("w", (200.0, 240.0, 250.0, 260.0)))
    assert made.elements() == [
        TableElement(first, table),
        TableElement(second, of_model, ("words",)),
        Figure(chart, ("axis",), of_model),
        TableElement(loose, None, rows=(("x", "y"), ("z",))),
        TableElement(grid, None, rows=(("x", "y"), ("z", "w"))),
    ]
    assert [one.is_grid for one in made.elements() if isinstance(one, TableElement)][-2:] == [False, True]


def test_headers_in_texts() -> None:
    made = Maker()
    made.add(BlockKind.PAGE_HEADER, "Head", "of it")
    made.add(BlockKind.TEXT, "Words.")
    assert markdown(made.page()) == plain_text(made.page(), headers=False) == "Words."
    assert markdown(made.page(), headers=True) == "Head  \nof it\n\nWords."
    assert plain_text(made.page()) == "Head\nof it\n\nWords."


def test_pictures_in_markdown() -> None:
    made = Maker()
    made.add(BlockKind.PICTURE, "label")
    made.add(BlockKind.SEAL)
    addresses = {BlockKind.PICTURE: "a%20b.png", BlockKind.SEAL: ""}
    assert markdown(made.page(), picture=lambda figure: addresses[figure.kind]) == "![](a%20b.png)\n\nlabel"


def test_a_table_from_the_right() -> None:
    table = Table(2, 3, (Cell(0, 0, "ג"), Cell(0, 1, "ab"), Cell(0, 2, "א 1"), Cell(1, 0, "2", column_span=2)))
    assert is_backwards(table)
    turned = mirrored(table)
    assert [(cell.row, cell.column, cell.text) for cell in turned.cells] == [
        (0, 0, "א 1"),
        (0, 1, "ab"),
        (0, 2, "ג"),
        (1, 1, "2"),
    ]
    assert mirrored(turned) == table
    assert not is_backwards(Table(1, 2, (Cell(0, 0, "12"), Cell(0, 1, "a"))))
    assert not is_backwards(Table(1, 1, (Cell(0, 0, "12"),)))
