"""Words of a line: characters, columns, polygons."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_ocr.engine_host.words import clip, cut, split_words
from desktop_ocr.schema.results import box_polygon


def texts(characters: str, columns: list[int] | None = None, count: float = 100) -> list[str]:
    columns = columns or list(range(0, 2 * len(characters), 2))
    return [word.text for word in split_words(list(characters), columns, count)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("one two", ["one", "two"]),
        ("  one   two ", ["one", "two"]),
        ("it's 3.50 (net), VGG-16!", ["it's", "3.50", "(net),", "VGG-16!"]),
        ("総合\u3000計", ["総合", "計"]),
        ("合計ABC12円", ["合計", "ABC12", "円"]),
        ("中文,中文", ["中文,中文"]),
        ("Größe Ωμέγα мир", ["Größe", "Ωμέγα", "мир"]),
        ("x", ["x"]),
        ("", []),
        (" ", []),
    ],
)
def test_lines_fall_into_words(line: str, words: list[str]) -> None:
    assert texts(line) == words


def test_a_words_stretch_ends_half_way_to_the_space() -> None:
    first, second = split_words(list("ab cd"), [10, 20, 30, 40, 50], 60)
    assert first.start == pytest.approx((10.5 - 7.5) / 60)
    assert first.end == pytest.approx((20.5 + 30.5) / 2 / 60)
    assert second.start == pytest.approx((30.5 + 40.5) / 2 / 60)
    assert second.end == pytest.approx((50.5 + 7.5) / 60)


@given(
    st.lists(st.tuples(st.sampled_from("ab1 ,中文あ "), st.integers(1, 5)), max_size=40),
    st.floats(0.5, 300),
)
def test_words_hold_every_character_in_order(signs: list[tuple[str, int]], count: float) -> None:
    characters = [sign for sign, _ in signs]
    columns, at = [], 0
    for _, step in signs:
        at += step
        columns.append(at)
    words = split_words(characters, columns, count)
    assert "".join(word.text for word in words) == "".join("".join(characters).split())
    assert all(0 <= word.start <= word.end <= 1 for word in words)
    assert all(a.end <= b.start + 1e-9 for a, b in itertools.pairwise(words))


def test_a_cut_follows_the_lines_direction() -> None:
    falling = (0.0, 0.0, 100.0, 10.0, 100.0, 30.0, 0.0, 20.0)
    assert cut(falling, 0.5, 1.0) == (50.0, 5.0, 100.0, 10.0, 100.0, 30.0, 50.0, 25.0)
    downwards = (20.0, 0.0, 20.0, 100.0, 0.0, 100.0, 0.0, 0.0)
    assert cut(downwards, 0.0, 0.25) == (20.0, 0.0, 20.0, 25.0, 0.0, 25.0, 0.0, 0.0)


def test_corners_are_moved_onto_the_page() -> None:
    assert clip(box_polygon((-5, -5, 50, 200)), 40, 100) == box_polygon((0, 0, 40, 100))
