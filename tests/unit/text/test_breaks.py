"""Lines that end on purpose, and lines of running text."""

from __future__ import annotations

import pytest

from desktop_ocr.schema.results import Line, box_polygon
from desktop_ocr.text.breaks import paragraphs

WIDE = 10.0  # of a character, and 20 high


def block(*texts: str, right: float | None = None) -> list[Line]:
    """Lines below each other, from the left; or up to `right` where that is given."""
    lines = []
    for number, text in enumerate(texts):
        width = WIDE * len(text)
        x = 0.0 if right is None else right - width
        lines.append(Line(text, box_polygon((x, 30.0 * number, x + width, 30.0 * number + 20)), 1.0))
    return lines


ADDRESS = ("Marlow & Finch, Bookbinders", "14 Tanner's Row", "Eastbridge EB2 7QX", "Telephone 0555 018 2240")
PROSE = (
    "Thank you for the three atlases, which reached us on Tuesday in",
    "good order. We have looked at each of them under the lamp, and",
    "can now tell you what the repairs would involve.",
)


@pytest.mark.parametrize("texts", [ADDRESS, ("TEA 2.50", "MILK AND SUGAR 0.40", "TOTAL 2.90"), ("one",)])
def test_lines_that_end_on_purpose_stay_apart(texts: tuple[str, ...]) -> None:
    assert paragraphs(block(*texts)) == list(texts)


def test_entries_below_each_other_stay_apart() -> None:
    names = (
        "Tom Hammel, Teledyne Energy Systems",
        "Russell Bennett, Teledyne Energy System",
        "Robert Sievers, Teledyne Energy",
    )
    assert paragraphs(block(*names)) == list(names)
    times = ("6:15 - 6:25 Reports of the parents' committee", "6:25 - 6:30 Report of the president and vice")
    assert paragraphs(block(*times)) == list(times)


def test_running_text_is_joined() -> None:
    assert paragraphs(block(*PROSE)) == [" ".join(PROSE)]


def test_a_short_line_inside_running_text_ends_a_paragraph_where_it_ends_a_sentence() -> None:
    assert paragraphs(block(*PROSE, *PROSE)) == [" ".join(PROSE)] * 2
    cut = (PROSE[0], "good order", *PROSE)
    assert paragraphs(block(*cut)) == [" ".join(cut)]


def test_divided_words_are_joined() -> None:
    assert paragraphs(block("recog-", "nised text that is much wider")) == ["recognised text that is much wider"]


def test_right_to_left_lines_are_looked_at_from_the_other_side() -> None:
    assert paragraphs(block("שלום לך עולם גדול ויפה", "רחוב א", "תל אביב", right=300)) == [
        "שלום לך עולם גדול ויפה",
        "רחוב א",
        "תל אביב",
    ]


def test_vertical_writing_is_joined() -> None:
    columns = [
        Line("有評是是非", box_polygon((100, 0, 120, 100)), 1.0),
        Line("之士", box_polygon((70, 0, 90, 40)), 1.0),
    ]
    assert paragraphs(columns) == ["有評是是非之士"]


def test_nothing() -> None:
    assert paragraphs([]) == []
    assert paragraphs(block(" ")) == []


def test_rows_stay_apart() -> None:
    rows = [(("Rye bread", 0.0), ("3.20", 500.0)), (("Butter, salted", 0.0), ("2.45", 500.0)), (("Thank you", 0.0),)]
    lines = [
        Line(text, box_polygon((x, 30.0 * number, x + WIDE * len(text), 30.0 * number + 20)), 1.0)
        for number, row in enumerate(rows)
        for text, x in row
    ]
    assert paragraphs(lines) == ["Rye bread 3.20", "Butter, salted 2.45", "Thank you"]
