"""Finding, replacing and walking through doubts, as the window asks for it."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from desktop_ocr.core import finding, matching
from desktop_ocr.schema.edits import (
    Doubt,
    FindQuery,
    LineText,
    PageVersion,
    SetTexts,
)
from desktop_ocr.schema.errors import ErrorCode
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.results import (
    Block,
    BlockKind,
    Cell,
    Line,
    Table,
    Word,
    box_polygon,
)
from tests.unit.core.reviewing import BOX, Review, page, refused, texts


@pytest.fixture
def review() -> Review:
    return Review(None)


async def found(review: Review, job: int, text: str, **how: bool) -> list[tuple[int, int, int, int]]:
    return [(hit.page, hit.line, hit.start, hit.end) for hit in (await review.find(job, FindQuery(text, **how))).hits]


async def test_a_text_is_found_on_all_pages_in_reading_order(review: Review) -> None:
    first = page(0, "a cat", "Cat and cat")
    blocks = (Block(BlockKind.TEXT, BOX, (1,)), Block(BlockKind.TEXT, BOX, (0,)))
    partial = msgspec.structs.replace(page(2, "cat"), pending=(Feature.FORMULAS,))
    pages = (msgspec.structs.replace(first, blocks=blocks), *(page(at, "concat") for at in (1, 3, 5)), partial)
    job = review.add("/a.pdf", *pages)
    assert await found(review, job, "cat") == [
        *((0, 1, 0, 3), (0, 1, 8, 11), (0, 0, 2, 5), (1, 0, 3, 6), (2, 0, 0, 3), (3, 0, 3, 6), (5, 0, 3, 6))
    ]
    assert await found(review, job, "cat", case=True, whole_words=True) == [(0, 1, 8, 11), (0, 0, 2, 5), (2, 0, 0, 3)]
    assert await found(review, job, "^c.t", pattern=True) == [(0, 1, 0, 3), (2, 0, 0, 3)]
    assert await found(review, job, "a|and", pattern=True, whole_words=True) == [(0, 1, 4, 7), (0, 0, 0, 1)]
    assert await found(review, job, "") == []
    assert await found(review, job, "x*", pattern=True) == []


@pytest.mark.parametrize(
    ("query", "text", "places"),
    [
        ("straße", "Die STRASSE, die Straße", [(4, 11), (17, 23)]),
        ("STRASSE", "straße", [(0, 6)]),
        ("σίσυφος", "ΣΊΣΥΦΟΣ", [(0, 7)]),
        ("привет", "ПРИВЕТ", [(0, 6)]),
        ("s", "ß", []),
        ("fi", "ﬁne", [(0, 1)]),
        ("é", "caf\u0065\u0301 É", [(3, 5), (6, 7)]),
        ("e\u0301t", "l'ét\u00e9", [(2, 4)]),
        ("識別", "字符識別", [(2, 4)]),
        ("a b", "a\u00a0b a  b", [(0, 3)]),
        ("(.+)", "x(.+)", [(1, 5)]),
        ("İ", "aİb", [(1, 2)]),
    ],
)
async def test_letters_are_folded_and_offsets_are_those_of_the_text(
    review: Review, query: str, text: str, places: list[tuple[int, int]]
) -> None:
    job = review.add("/a.pdf", page(0, text))
    assert [hit[2:] for hit in await found(review, job, query)] == places


async def test_cells_without_lines_are_searched_and_replaced_in(review: Review) -> None:
    made = page(0, "label 12")
    cells = (Cell(0, 0, "year"), Cell(0, 1, "12 and 12"))
    chart = Block(BlockKind.CHART, BOX, (0,), table=Table(1, 2, cells))
    job = review.add("/a.pdf", msgspec.structs.replace(made, blocks=(chart,)))
    hits = (await review.find(job, FindQuery("12"))).hits
    assert [(hit.line, hit.cell, hit.start) for hit in hits] == [(0, None, 6), (-1, (0, 0, 1), 0), (-1, (0, 0, 1), 7)]
    assert (await review.replace(job, FindQuery("12"), "13")).places == 3
    table = (await review.now(job)).result.blocks[0].table
    assert table is not None
    assert [cell.text for cell in table.cells] == ["year", "13 and 13"]


async def test_what_stands_behind_a_formula_s_latex_is_neither_found_nor_in_doubt(review: Review) -> None:
    made = page(0, "E = rnc2", "$E = mc^2$", confidence=0.3)
    latex = [Block(BlockKind.FORMULA, BOX, (index,), latex="E = mc^2") for index in (0, 1)]
    job = review.add("/a.pdf", msgspec.structs.replace(made, blocks=tuple(latex)))
    assert await found(review, job, "c") == [(0, 1, 6, 7)]
    assert await review.next_doubt(job, 0, -1) is None


async def test_a_hit_shows_the_text_around_it(review: Review) -> None:
    job = review.add("/a.pdf", page(0, f"{'x' * 500} word {'y' * 500}", "word"))
    first, second = (await review.find(job, FindQuery("word"))).hits
    assert first.text.startswith("…x")
    assert first.text.endswith("y…")
    assert len(first.text) < 100
    assert second.text == "word"


async def test_there_may_be_more_places_than_are_shown(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MOST_HITS", 3)
    job = review.add("/a.pdf", page(0, "aa"), page(1, "aa"))
    few = await review.find(job, FindQuery("a"))
    assert (len(few.hits), few.more) == (3, True)


@pytest.mark.parametrize("pattern", ["(", "a)(b", "[a", "\\", "*", "a{99999999999}", "x" * 2_000])
async def test_what_is_no_pattern_is_told(review: Review, pattern: str) -> None:
    job = review.add("/a.pdf", page(0, "text"))
    query = FindQuery(pattern, pattern=True, whole_words=True)
    assert (await refused(review.find(job, query))).code is ErrorCode.USAGE
    assert (await refused(review.replace(job, query, "x"))).code is ErrorCode.USAGE


async def test_a_pattern_that_takes_for_ever_is_given_up_and_holds_nobody_up(
    review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "SLOWEST", 0.1)
    job = review.add("/a.pdf", page(0, "x" * 2_000))
    asked = asyncio.create_task(review.find(job, FindQuery("(x+x+)+y|(x|x)+z", pattern=True)))
    turns = 0
    while not asked.done():
        await asyncio.sleep(0)
        turns += 1
    assert "too long" in str(await refused(asked))
    assert turns > 2


async def test_stored_pages_that_cannot_be_read_keep_no_other_from_being_found(review: Review) -> None:
    job = review.add("/a.pdf", page(0, "word"), page(1, "word"))
    review._ledger._db.execute("UPDATE pages SET result = x'00' WHERE page = 0")
    assert await found(review, job, "word") == [(1, 0, 0, 4)]


async def test_replacing_is_one_edit_a_page(review: Review) -> None:
    partial = msgspec.structs.replace(page(2, "cat"), pending=(Feature.FORMULAS,))
    job = review.add("/a.pdf", page(0, "a cat", "Cat, cat"), page(1, "dog"), partial, page(3, "CAT"))
    done = await review.replace(job, FindQuery("cat"), "dog")
    assert (done.places, done.pages) == (4, (0, 3))
    assert texts(await review.now(job)) == ["a dog", "dog, dog"]
    assert review.edited() == {job: 2}
    assert texts(await review.undo(job, 0)) == ["a cat", "Cat, cat"]
    only = await review.replace(job, FindQuery("dog"), "cow", page=1)
    assert (only.places, only.pages) == (1, (1,))
    assert texts(await review.now(job, 3)) == ["dog"]
    assert (await review.replace(job, FindQuery("cow"), "cow")).places == 0
    assert (await review.now(job, 2)).number == 0


async def test_a_pattern_s_groups_are_put_in(review: Review) -> None:
    job = review.add("/a.pdf", page(0, "12.50 EUR and 3.00 EUR", "none"))
    query = FindQuery(r"(\d+)\.(\d\d)", pattern=True)
    await review.replace(job, query, r"\1,\2")
    assert texts(await review.now(job)) == ["12,50 EUR and 3,00 EUR", "none"]
    for wrong in (r"\7", r"\g<x>", "\\"):
        assert "does not fit" in str(await refused(review.replace(job, FindQuery("(none)", pattern=True), wrong)))
    assert (await review.replace(job, FindQuery("12,50"), r"\1")).places == 1
    assert texts(await review.now(job))[0] == r"\1 EUR and 3,00 EUR"


async def test_a_page_that_changes_while_it_is_replaced_in_is_looked_at_again(
    review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = review.add("/a.pdf", page(0, "cat", "cat"))
    really, interfered = review.edit, False

    async def edit(*where: object, **base: int) -> PageVersion:
        nonlocal interfered
        if not interfered:
            interfered = True
            await really(job, 0, SetTexts((LineText(1, "a cat more"),)), base=0)
        return await really(*where, **base)  # type: ignore[arg-type]

    monkeypatch.setattr(review, "edit", edit)
    done = await review.replace(job, FindQuery("cat"), "dog")
    assert (done.places, done.pages) == (2, (0,))
    assert texts(await review.now(job)) == ["dog", "a dog more"]


# --- doubts -------------------------------------------------------------------------------------------------


async def walked(review: Review, job: int, start: Doubt, *, backwards: bool = False) -> list[tuple[int, int, int]]:
    places: list[tuple[int, int, int]] = []
    now: Doubt | None = start
    while now is not None and len(places) < 20:
        now = await review.next_doubt(job, now.page, now.line, word=now.word, backwards=backwards)
        if now is not None:
            places.append((now.page, now.line, now.word))
    return places


async def test_doubts_are_walked_forth_and_back(review: Review) -> None:
    words = (
        Word("sure", box_polygon(BOX), 0.95),
        Word("nuot", box_polygon(BOX), 0.4),
        Word("x", box_polygon(BOX), 0.3),
    )
    own = Line("sure nuot x", box_polygon(BOX), 0.9, words)
    bad = Line("all of it", box_polygon(BOX), 0.5, (Word("all", box_polygon(BOX), 0.5),))
    human = msgspec.structs.replace(bad, human=True)
    empty = msgspec.structs.replace(bad, text=" ")
    made = msgspec.structs.replace(
        page(0, *"abcd"), lines=(own, bad, human, empty), blocks=(Block(BlockKind.TEXT, BOX, (1, 2, 3, 0)),)
    )
    partial = msgspec.structs.replace(page(1, "x", confidence=0.1), pending=(Feature.FORMULAS,))
    job = review.add("/a.pdf", made, partial, page(4, "fine"), page(5, "doubtful", confidence=0.2))
    forth = [(0, 1, -1), (0, 0, 1), (0, 0, 2), (5, 0, -1)]
    assert await walked(review, job, Doubt(0, -1)) == forth
    assert await walked(review, job, Doubt(0, 2)) == forth[1:]
    assert await walked(review, job, Doubt(5, -1), backwards=True) == forth[::-1]
    assert await walked(review, job, Doubt(5, 0), backwards=True) == forth[2::-1]
    assert await walked(review, job, Doubt(0, 77)) == forth
    assert await review.next_doubt(job, 0, -1, below=0.1) is None
    await review.edit(job, 0, SetTexts((LineText(1, "All of it"),)), base=0)
    assert await walked(review, job, Doubt(0, -1)) == forth[1:]
