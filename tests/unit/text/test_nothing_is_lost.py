"""Every word of a page is in its Markdown, whatever is on the page; those of page headers and footers alone are not."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_ocr.schema.results import Block, BlockKind, Line, PageResult, PageSource, box_polygon
from desktop_ocr.text.markdown import LEFT_OUT, markdown

MARKERS = ("", "", "", "• ", "o ", "1. ", "2) ", "(a) ", "[3] ", "- ", "* ", "12", "¹", "Table 1: ", "# ")
words = st.text("abcdefgh", min_size=2, max_size=9) | st.sampled_from(
    ("Über", "Δx", "字符", "שלום", "a_b", "2.50", "`x`", "<b>")
)
texts = st.builds(
    lambda marker, said: marker + " ".join(said), st.sampled_from(MARKERS), st.lists(words, min_size=1, max_size=9)
)
places = st.tuples(st.floats(0, 900), st.floats(0, 900), st.floats(5, 400), st.floats(5, 40))
lines = st.builds(lambda text, p: Line(text, box_polygon((p[0], p[1], p[0] + p[2], p[1] + p[3])), 0.9), texts, places)
blocks = st.tuples(st.sampled_from(list(BlockKind)), st.lists(lines, max_size=8))


def page(made: list[tuple[BlockKind, list[Line]]]) -> PageResult:
    every: list[Line] = []
    found: list[Block] = []
    for kind, own in made:
        found.append(Block(kind, (0, 0, 1, 1), tuple(range(len(every), len(every) + len(own)))))
        every += own
    return PageResult(0, 1000, 1000, 100, 0, PageSource.RECOGNISED, lines=tuple(every), blocks=tuple(found))


def letters(text: str) -> Counter[str]:
    """What is said, without signs and case: an item's marker may change, "12." may become a raised 12."""
    folded = unicodedata.normalize("NFKC", re.sub(r"</?sup>", "", text)).casefold()
    return Counter(sign for sign in folded if sign.isalpha())


@settings(max_examples=40, deadline=None)
@given(st.lists(blocks, max_size=6))
def test_no_letter_is_lost_or_doubled(made: list[tuple[BlockKind, list[Line]]]) -> None:
    result = page(made)
    written = letters(markdown(result))
    shown = [line for kind, own in made if kind not in LEFT_OUT for line in own]
    wanted = sum((letters(line.text) for line in shown), Counter[str]())
    missing = wanted - written
    # A small "o" before a capital is a bullet.
    assert set(missing) <= {"o"}, missing
    assert missing["o"] <= sum(line.text.startswith("o ") for line in shown)
    assert not written - wanted, written - wanted
