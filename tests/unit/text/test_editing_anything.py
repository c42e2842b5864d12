"""Whatever is edited on whatever page: what comes of it is a page, and says what it should."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_ocr.schema.results import check_page_result
from tests.unit.text.made_up_pages import check, edit, page


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_what_comes_of_edits_is_a_page(seed: int) -> None:
    chance = Random(seed)
    made = page(chance)
    check_page_result(made)
    for _ in range(6):
        made = check(made, edit(chance, made))
