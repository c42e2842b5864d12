"""Where words stand, and right-to-left words as readers of PDF expect them."""

from __future__ import annotations

import pytest
from results import line, result

from desktop_ocr.document_host.export.visual_order import visual
from desktop_ocr.document_host.export.word_places import baseline, direction, page_words, words_of
from desktop_ocr.schema.results import Line, Word, box_polygon, polygon_box


def word(text: str, at: float) -> Word:
    return Word(text, box_polygon((at, 0, at + 9, 9)), 0.5)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("שלום", "םולש"),
        ("מ-2024", "2024-מ"),
        ("ב-15.3%", "15.3%-ב"),
        ("(שלום)", ")םולש("),
        ("שABCל", "לABCש"),
        ("في١٢٣", "١٢٣يف"),
    ],
)
def test_figures_keep_their_order(text, shown):
    assert visual(text) == shown


def test_lines_without_words_are_cut_where_they_stand():
    line = Line("one  two", box_polygon((0, 0, 80, 10)), 1.0)
    assert [(word.text, polygon_box(word.polygon), spaced) for word, spaced in words_of(line)] == [
        ("one", (0, 0, 30, 10), True),
        ("two", (50, 0, 80, 10), True),
    ]
    backwards = Line("שלום עולם", box_polygon((0, 0, 90, 10)), 1.0)
    first, second = (polygon_box(word.polygon) for word, _ in words_of(backwards))
    assert (first[0], second[2]) == (pytest.approx(50), pytest.approx(40))
    assert words_of(Line("  ", box_polygon((0, 0, 90, 10)), 1.0)) == []


def test_words_without_spaces_between_them():
    words = tuple(Word(text, box_polygon((at * 10.0, 0, at * 10.0 + 9, 10)), 0.5) for at, text in enumerate("漢字a"))
    line = Line("漢字 a", box_polygon((0, 0, 30, 10)), 0.5, words)
    assert [(word.text, spaced) for word, spaced in words_of(line)] == [("漢", False), ("字", True), ("a", True)]


@pytest.mark.parametrize(
    "lines",
    [
        (line("one two", (0, 0, 70, 10)), line("three", (0, 20, 50, 30))),
        (line("one two", (0, 0, 70, 10)), Line("three four", box_polygon((0, 20, 50, 30)), 1.0)),
        (line("one two", (0, 0, 70, 10)), Line("", box_polygon((0, 20, 50, 30)), 1.0)),
        (Line("ab", box_polygon((0, 0, 20, 9)), 1.0, (word("a", 0), word("b", 10))), line("c", (0, 20, 9, 30))),
        (Line("a b", box_polygon((0, 0, 30, 9)), 1.0, (word("a", 0), word("\u00a0", 10), word("b", 20))),),
        (Line("a b", box_polygon((0, 0, 30, 9)), 1.0, (word("a b", 0), word("  ", 20))),),
    ],
    ids=["whole", "a line without words", "an empty line", "no space", "a blank word", "a word with a space"],
)
def test_the_words_of_a_page_are_those_of_its_lines(lines):
    made = result(*lines)
    found = page_words(made)
    spaced = found.spaced or [True] * len(found.texts)
    expected = [one for each in lines for one in words_of(each)]
    assert list(zip(found.texts, found.polygons, spaced, strict=True)) == [
        (placed.word.text, placed.word.polygon, placed.spaced) for placed in expected
    ]
    places = {placed.word.polygon for placed in expected[1:]}
    kept = page_words(made, lambda polygon: polygon in places)
    assert kept.texts == [placed.word.text for placed in expected if placed.word.polygon in places]


def test_direction_and_baseline():
    assert direction((0, 0, 10, 0, 10, 5, 0, 5)) == 0
    assert direction((5, 0, 5, 10, 0, 10, 0, 0)) == pytest.approx(90)
    assert baseline((0, 0, 10, 0, 10, 5, 0, 5)) == ((0, 4), (10, 4))
