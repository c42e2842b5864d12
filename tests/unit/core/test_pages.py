from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_ocr.core.pages import format_pages, parse_pages
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("", [0, 1, 2, 3]),
        ("1-3", [0, 1, 2]),
        ("2,2,1", [0, 1]),
        ("3-", [2, 3]),
        (" 4 , 9 ", [3]),
        ("1-100", [0, 1, 2, 3]),
    ],
)
def test_ranges_of_a_document_of_four_pages(text: str, pages: list[int]) -> None:
    assert parse_pages(text, 4) == pages


@pytest.mark.parametrize("text", ["0", "3-1", "a", "1,,2", "-3", "1-2-3", "1.5", "9" * 5000, "1-" + "9" * 5000])
def test_what_is_no_range_is_told(text: str) -> None:
    with pytest.raises(DesktopOcrError) as caught:
        parse_pages(text, 4)
    assert caught.value.code is ErrorCode.USAGE


def test_pages_that_are_not_there() -> None:
    with pytest.raises(DesktopOcrError) as caught:
        parse_pages("7-9", 4)
    assert caught.value.code is ErrorCode.NO_SUCH_PAGE


@given(st.sets(st.integers(0, 300), min_size=1))
def test_what_is_written_is_read_back(pages: set[int]) -> None:
    assert parse_pages(format_pages(sorted(pages)), 301) == sorted(pages)
