"""Where words stand, and right-to-left words as readers of PDF expect them."""

from __future__ import annotations

import pytest

from desktop_ocr.document_host.export.visual_order import visual
from desktop_ocr.document_host.export.word_places import baseline, direction, words_of
from desktop_ocr.schema.results import Line, Word, box_polygon, polygon_box


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


def test_direction_and_baseline():
    assert direction((0, 0, 10, 0, 10, 5, 0, 5)) == 0
    assert direction((5, 0, 5, 10, 0, 10, 0, 0)) == pytest.approx(90)
    assert baseline((0, 0, 10, 0, 10, 5, 0, 5)) == ((0, 4), (10, 4))
