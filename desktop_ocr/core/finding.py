"""Looking through the stored pages of a document: a few at a time, in another thread, so that nobody waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

import msgspec

from desktop_ocr.core.ledger import Ledger, PageKey
from desktop_ocr.core.ledger_rows import unpack
from desktop_ocr.core.page_texts import ScoredLine, ScoredPage, SearchedPage, decode_texts
from desktop_ocr.schema.edits import MOST_HITS, Doubt, FindQuery, Found, Hit, SetTexts
from desktop_ocr.schema.errors import DesktopOcrError

if TYPE_CHECKING:
    from desktop_ocr.core.matching import Matcher

log = logging.getLogger(__name__)

AT_ONCE = 4
"""Pages that are taken apart between two turns of the loop."""
_Seen = TypeVar("_Seen")
_Page = TypeVar("_Page")

_scores = msgspec.msgpack.Decoder(ScoredPage).decode


async def find(ledger: Ledger, key: PageKey, pages: Iterable[int], query: FindQuery) -> Found:
    """Where something stands; see `ReviewApi.find`."""
    matcher = await asyncio.to_thread(_matcher, query)
    hits: list[Hit] = []
    if matcher.nothing:
        return Found()
    async with contextlib.aclosing(
        _seen(ledger, key, pages, decode_texts, lambda result: matcher.hits(result, MOST_HITS + 1))
    ) as seen:
        async for _, own in seen:
            hits += own
            if len(hits) > MOST_HITS:
                return Found(tuple(hits[:MOST_HITS]), more=True)
    return Found(tuple(hits))


async def replacements(
    ledger: Ledger, key: PageKey, pages: Iterable[int], query: FindQuery, by: str
) -> AsyncIterator[tuple[int, int, SetTexts, int]]:
    """What "replace" is to do: page, number of the version looked at, the edit, and how many places it changes.

    Pages on which something is still being looked for are left out: they cannot be edited.
    """
    matcher = await asyncio.to_thread(_matcher, query)
    if matcher.nothing:
        return

    def replaced(result: SearchedPage) -> tuple[SetTexts, int]:
        return (SetTexts(), 0) if result.pending else matcher.replaced(result, by)

    async for (page, number), (edit, places) in _seen(ledger, key, pages, decode_texts, replaced):
        if places:
            yield page, number, edit, places


async def next_doubt(
    ledger: Ledger, key: PageKey, pages: Iterable[int], after: Doubt, below: float, *, backwards: bool
) -> Doubt | None:
    """The next doubtful place; see `ReviewApi.next_doubt`. `pages` are in the order in which they are walked."""

    def first(result: ScoredPage) -> Doubt | None:
        found = doubts(result, below)
        if result.page != after.page or after.line < 0:
            return None if not found else found[-1 if backwards else 0][1]
        own = _place(result, after)
        later = [doubt for place, doubt in found if own is None or (place < own if backwards else place > own)]
        return None if not later else later[-1 if backwards else 0]

    async with contextlib.aclosing(_seen(ledger, key, pages, _scores, first)) as seen:
        async for _, doubt in seen:
            if doubt is not None:
                return doubt
    return None


def doubts(result: ScoredPage, below: float) -> list[tuple[tuple[int, int], Doubt]]:
    """The doubtful places of a page in reading order, each with its place in it.

    Recognisers mostly score lines, and give the score to the words: then the line is in doubt, not each of its words.
    """
    found: list[tuple[tuple[int, int], Doubt]] = []
    if result.pending:
        return found  # it cannot be mended yet
    for at, (index, line) in enumerate(result.ordered()):
        for word in _doubtful(line, below):
            found.append(((at, word), Doubt(result.page, index, word)))
    return found


def _doubtful(line: ScoredLine | None, below: float) -> Iterable[int]:
    """The doubtful words of a line; -1 for all of it."""
    if line is None or line.human or not line.text.strip():
        return []
    if any(word.confidence != line.confidence for word in line.words):
        return [at for at, word in enumerate(line.words) if word.confidence < below]
    return [-1] if line.confidence < below else []


def _place(result: ScoredPage, doubt: Doubt) -> tuple[int, int] | None:
    """Where a line or word stands in the reading order; None where it is not there any more."""
    at = next((at for at, (index, _) in enumerate(result.ordered()) if index == doubt.line), None)
    return None if at is None else (at, doubt.word)


def _matcher(query: FindQuery) -> Matcher:
    """For a thread: the library takes a moment to be imported, which most sessions never need."""
    from desktop_ocr.core.matching import Matcher

    return Matcher(query)


async def _seen(
    ledger: Ledger,
    key: PageKey,
    pages: Iterable[int],
    decode: Callable[[bytes], _Page],
    look: Callable[[_Page], _Seen],
) -> AsyncGenerator[tuple[tuple[int, int], _Seen], None]:
    """What `look` says of each page that can be read, with its number and its version's.

    The ledger is asked here, on the loop, and what it gives is taken apart elsewhere. Stored pages that cannot be read
    keep no other back.
    """

    def look_at(batch: list[tuple[int, int, bytes]]) -> list[tuple[tuple[int, int], _Seen]]:
        seen = []
        for page, number, blob in batch:
            try:
                result = unpack(blob, page, decode)
            except DesktopOcrError as error:
                log.warning("looking through page %d: %s", page + 1, error.code)
                continue
            seen.append(((page, number), look(result)))
        return seen

    left = iter(pages)
    while numbers := list(itertools.islice(left, AT_ONCE)):
        batch = [(page, *packed) for page in numbers if (packed := ledger.versions.packed(key, page)) is not None]
        if batch:
            for one in await asyncio.to_thread(look_at, batch):
                yield one
