"""The operators of invisible text put every word where a plain reckoning of one word at a time puts it."""

from __future__ import annotations

import math
import random
import re
from typing import NamedTuple

import pytest
from results import displayed_polygon, result

from desktop_ocr.document_host.export.glyphless import CodeTable
from desktop_ocr.document_host.export.invisible_text import ToPage, page_operators
from desktop_ocr.schema.results import Line, PageResult, Polygon, Word

TEXTS = {"word": "word", "a": "a", "naïve": "naïve", "漢字": "漢字", "שלום": "םולש", "ב-15": "15-ב"}
"""Words, and their characters as they stand on the page."""


class Shown(NamedTuple):
    """A string that a reader shows: its characters, the ends of its baseline and its height in points."""

    text: str
    start: complex
    end: complex
    height: float


TOKEN = re.compile(rb"\((?P<string>(?:\\.|[^\\()])*)\)|(?P<word>[^\s()]+)", re.DOTALL)
ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
ADVANCES = {" ": 0.01}  # em; others are half an em wide


def read(operators: bytes) -> list[Shown]:
    """Show the operators as a reader of PDF does (ISO 32000-1, 9.4), a space apart from its word."""
    shown, stack = [], []
    size, stretch, at = 0.0, 1.0, 0.0
    outer, line = complex(1), complex(1)  # scale and direction of the page's and of the line's own coordinates
    origin, start = 0j, 0j

    def place(x: float) -> complex:
        return origin + outer * (start + line * x)

    for token in TOKEN.finditer(operators):
        if token["word"] is None:
            stack.append(ESCAPE.sub(lambda found: b"\r" if found[1] == b"r" else found[1], token["string"]))
            continue
        match token["word"].decode("ascii"):
            case "Tf":
                size = float(stack[-1])
            case "Tz":
                stretch = float(stack[-1]) / 100
            case "cm" | "Tm" as name:
                a, b, c, d, x, y = (float(value) for value in stack[-6:])
                assert (a, b) == (d, -c)
                if name == "cm":
                    outer, origin = complex(a, b), complex(x, y)
                else:
                    assert math.hypot(a, b) == pytest.approx(1, abs=1e-4)
                    line, start, at = complex(a, b), complex(x, y), 0.0
            case "Td":
                start, at = start + line * complex(float(stack[-2]), float(stack[-1])), 0.0
            case "Tj":
                for part in re.findall(" |[^ ]+", stack[-1].decode("utf-16-be")):
                    end = at + sum(ADVANCES.get(character, 0.5) for character in part) * size * stretch
                    shown.append(Shown(part, place(at), place(end), size * abs(outer)))
                    at = end
            case _:
                stack.append(token["word"])
                continue
        stack.clear()
    return shown


def reckon(text: str, polygon: Polygon, made: PageResult, to_page: ToPage) -> Shown:
    """One word, step by step."""
    top_left, top_right, bottom_right, bottom_left = (
        complex(*to_page(x, y)) for x, y in displayed_polygon(polygon, made)
    )
    start, end = (top_left + bottom_left) / 2, (top_right + bottom_right) / 2
    length = abs(end - start)
    if length:
        along = (end - start) / length
    else:  # as the page's lines run
        left, right, _, _ = (complex(*to_page(x, y)) for x, y in displayed_polygon((0, 0, 1, 0, 0, 0, 0, 0), made))
        along = (right - left) / abs(right - left)
    for axis in (1, 1j, -1, -1j):
        if (along * axis.conjugate()).real > math.cos(math.radians(8)):
            along = complex(axis)
    sides = [abs(((top - bottom) / along).imag) for top, bottom in ((top_left, bottom_left), (top_right, bottom_right))]
    height = max(0.1, sum(sides) / 2)
    baseline = (start + end) / 2 - along * length / 2 - along * 1j * height * 0.3
    return Shown(text, baseline, baseline + along * max(0.05, length), height)


def polygons(chance: random.Random) -> list[Polygon]:
    """Upright, skewed, slanted and turned words, bent ones, and some without width or height."""
    found = []
    for turn in (0, 90, 180, 270):
        for off in (0.0, 0.0, 1.5, -3.0, 7.0, 9.0, -20.0, 45.0):
            for width, height in (
                (chance.uniform(5, 400), chance.uniform(5, 80)),
                (0.0, 20.0),
                (60.0, 0.0),
                (0.0, 0.0),
            ):
                centre = complex(chance.uniform(100, 1500), chance.uniform(100, 2200))
                direction = complex(math.cos(math.radians(turn + off)), math.sin(math.radians(turn + off)))
                corners = [
                    centre + direction * complex(x * width / 2, y * height / 2)
                    for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))
                ]
                if off == 1.5:
                    corners = [one + complex(chance.uniform(-1, 1), chance.uniform(-1, 1)) for one in corners]
                found.append(tuple(value for one in corners for value in (one.real, one.imag)))
    return found


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize(
    "to_page",
    [
        lambda x, y: (x, 842 - y),
        lambda x, y: (0.7 * x + 12, 600 - 0.7 * y),
        lambda x, y: (y + 20, x + 30),
    ],
    ids=["upright", "smaller", "sideways"],
)
def test_words_stand_where_one_at_a_time_would(rotation, to_page):
    chance = random.Random(rotation)
    words = [Word(chance.choice(list(TEXTS)), polygon, 0.9) for polygon in polygons(chance)]
    made = result(Line(" ".join(word.text for word in words), words[0].polygon, 0.9, tuple(words)), rotation=rotation)
    shown = read(page_operators(made, to_page, CodeTable()))
    found = [one for one in shown if one.text != " "]
    assert len(found) == len(words) == len(shown) - len(found)
    for word, one in zip(words, found, strict=True):
        expected = reckon(TEXTS[word.text], word.polygon, made, to_page)
        assert one.text == expected.text
        assert abs(one.start - expected.start) < 0.02, word
        assert abs(one.end - expected.end) < 0.04, word  # a slanted direction has four digits
        assert one.height == pytest.approx(expected.height, abs=0.006), word


@pytest.mark.parametrize(
    ("texts", "shown"), [(("one", "two"), ["one", " ", "two", " "]), (("שלום", "עולם"), [" ", "םולש", " ", "םלוע"])]
)
def test_a_thin_space_joins_a_word_on_the_side_where_it_ends(texts, shown):
    places = [(x, 300.0, x + 200.0, 300.0, x + 200.0, 340.0, x, 340.0) for x in (300.0, 600.0)]
    if texts[0] != "one":
        places.reverse()
    words = tuple(Word(text, place, 0.9) for text, place in zip(texts, places, strict=True))
    made = result(Line(" ".join(texts), words[0].polygon, 0.9, words))
    found = read(page_operators(made, lambda x, y: (x, 842 - y), CodeTable()))
    assert [one.text for one in found] == shown
    for first, second in zip(found[0::2], found[1::2], strict=True):
        assert first.end == pytest.approx(second.start, abs=0.02)
    assert all(0 < (one.end - one.start).real < 0.5 for one in found if one.text == " ")


def test_a_size_is_said_where_it_changes():
    places = [
        (100.0, y, 300.0, y, 300.0, y + height, 100.0, y + height) for y, height in ((100, 40), (200, 40), (300, 50))
    ]
    made = result(*(Line("word", place, 0.9, (Word("word", place, 0.9),)) for place in places))
    operators = page_operators(made, lambda x, y: (x, 842 - y), CodeTable())
    assert operators.count(b" Tf") == 2
    assert [one.height for one in read(operators) if one.text == "word"] == pytest.approx([14.4, 14.4, 18.0])
    assert page_operators(result(), lambda x, y: (x, y), CodeTable()) == b""


def test_unwanted_words_are_left_out():
    places = [(100.0, y, 300.0, y, 300.0, y + 40.0, 100.0, y + 40.0) for y in (100.0, 200.0)]
    made = result(*(Line("word", place, 0.9, (Word("word", place, 0.9),)) for place in places))
    operators = page_operators(
        made, lambda x, y: (x, 842 - y), CodeTable(), wanted=lambda polygon: polygon == places[1]
    )
    (word,) = (one for one in read(operators) if one.text == "word")
    assert word.start.imag == pytest.approx(842 - (240 - 0.2 * 40) * 72 / 200, abs=0.01)
