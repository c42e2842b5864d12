"""What two readings have in common, and the widget that shows it."""

from __future__ import annotations

import pytest

from desktop_ocr.gui.compare_view import CompareView, summary_words, sums_words
from desktop_ocr.gui.comparing import MOST_LINES, Mark, Row, compare, lines_in
from desktop_ocr.schema.results import Block, BlockKind, Line, PageResult, PageSource, box_polygon
from tests.gui.conftest import Desk, until
from tests.gui.fake_pages import figures


def page(*texts: str, confidence: float = 0.9) -> PageResult:
    boxes = [(100.0, 100.0 + 50 * at, 900.0, 140.0 + 50 * at) for at in range(len(texts))]
    lines = tuple(Line(text, box_polygon(box), confidence) for text, box in zip(texts, boxes, strict=True))
    blocks = tuple(Block(BlockKind.TEXT, box, (at,)) for at, box in enumerate(boxes))
    return PageResult(0, 1000.0, 50.0 * len(texts) + 200, 200.0, 0, PageSource.RECOGNISED, lines, blocks)


def marked(row: Row) -> tuple[list[str], list[str]]:
    """What is marked on both sides."""
    return (
        [piece.text for piece in row.old or () if piece.mark is Mark.GONE],
        [piece.text for piece in row.new or () if piece.mark is Mark.NEW],
    )


def test_words_that_differ_are_marked_and_counted() -> None:
    found = compare(page("One fine day", "the cat sat", "here"), page("One fine day", "the car sat", "here"))
    assert [row.differs for row in found.rows] == [False, True, False]
    assert marked(found.rows[1]) == (["cat"], ["car"])
    assert found.changed == 1
    assert not found.same
    assert summary_words(found) == "1 word differs."


def test_lines_that_are_divided_otherwise_are_no_change_of_words() -> None:
    found = compare(page("One fine day the cat", "sat here"), page("One fine day", "the cat sat here"))
    assert found.changed == 0
    assert not found.same
    assert all(marked(row) == ([], []) for row in found.rows)
    assert summary_words(found) == "The words are the same; lines are divided otherwise."


def test_what_is_on_one_side_alone_stands_across_from_nothing() -> None:
    found = compare(page("a", "b", "c"), page("a", "c", "d e"))
    assert [(row.old is None, row.new is None) for row in found.rows] == [
        (False, False),
        (False, True),
        (False, False),
        (True, False),
    ]
    assert found.changed == 2


def test_same_readings_are_the_same() -> None:
    found = compare(page("a b", "c"), page("a  b", "c"))
    assert found.same
    assert found.changed == 0
    assert summary_words(found) == "Not a word differs."


def test_sums_are_of_lines_words_tables_and_confidence() -> None:
    found = compare(page("One fine day", "here"), figures(0))
    assert (found.old.lines, found.old.words, found.old.tables) == (2, 4, 0)
    assert found.old.confidence == pytest.approx(0.9)
    assert found.new.tables == 1
    assert sums_words(found.old) == "2 lines, 4 words, 90 % sure"
    assert compare(page(), page()).old.confidence is None


def test_long_texts_are_cut_and_unlike_ones_are_not_compared_word_by_word() -> None:
    old = page(*(f"line {at} of the old one" for at in range(MOST_LINES + 5)))
    new = page(*(f"row {at * 7} in another" for at in range(MOST_LINES + 5)))
    found = compare(old, new)
    assert found.cut
    assert len(found.rows) == MOST_LINES
    assert all(row.differs for row in found.rows)


def test_lines_of_a_rectangle_are_those_whose_middles_lie_in_it() -> None:
    assert lines_in(page("a", "b", "c"), (0.0, 145.0, 1000.0, 200.0)) == [1]
    assert lines_in(page("a", "b", "c"), (0.0, 0.0, 400.0, 1000.0)) == []


def shown(view: CompareView) -> list[str]:
    rows = view.list.rows
    return [rows.index(row).data() for row in range(rows.rowCount())]


def test_view_shows_all_lines_or_those_that_differ_and_walks_through_them(desk: Desk) -> None:
    del desk
    old = page("a", "b", "c", "d", "e", "f")
    new = page("a", "B", "C", "d", "e", "F")
    view = CompareView("Old", "New")
    view.resize(700, 400)
    view.show()
    view.show_comparison(compare(old, new))
    assert shown(view)[:2] == ["a", "Differs. Old: b. New: B"]
    assert view.list.currentIndex().row() == 1  # at the first difference
    view.forward.click()
    assert view.list.currentIndex().row() == 5
    view.forward.click()
    assert view.list.currentIndex().row() == 5
    view.back.click()
    assert view.list.currentIndex().row() == 1
    view.only.click()
    assert len(shown(view)) == 3
    assert view.sums[0].accessibleName().startswith("Old: 6 lines")
    view.grab()
    view.deleteLater()


def test_view_without_text_or_difference_says_so(desk: Desk) -> None:
    del desk
    view = CompareView("Old", "New")
    view.show_comparison(compare(page(), page()))
    assert view.stack.currentWidget() is view.card
    assert not view.forward.isEnabled()
    view.deleteLater()


def test_a_dense_page_is_shown_bit_by_bit(desk: Desk) -> None:
    """Not in one go: its lines get their places after the first paint, and then the difference is gone to."""
    texts = [f"Line {at} " + "with some words of no great interest " * 3 for at in range(MOST_LINES)]
    made = compare(page(*texts), page(*texts[:1400], "another", *texts[1401:]))

    async def story() -> None:
        view = CompareView("Old", "New")
        view.resize(860, 500)
        view.show()
        view.show_comparison(made)
        there = view.list.currentIndex()
        assert there.row() == 1400
        assert view.list.visualRect(there).isEmpty()
        box = view.list.viewport().rect()
        await until(lambda: box.intersects(view.list.visualRect(there)))
        view.deleteLater()

    desk.run(story())
