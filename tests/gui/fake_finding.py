"""How the fake session finds: in memory, with the program's own code for matching and for doubts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from desktop_ocr.core.finding import doubts
from desktop_ocr.core.matching import Matcher
from desktop_ocr.core.page_texts import ScoredPage, SearchedPage
from desktop_ocr.schema.edits import Doubt, Edit, FindQuery, Found, Hit, PageVersion, Replaced
from desktop_ocr.schema.results import PageResult

MOST = 10_000


class FakeFinding:
    """The part of the fake session that is about finding."""

    def __init__(
        self,
        count: Callable[[int], int],
        version: Callable[[int, int], Awaitable[PageVersion | None]],
        edit: Callable[..., Awaitable[PageVersion]],
    ) -> None:
        self._count = count
        self._version = version
        self._edit = edit

    async def find(self, job: int, query: FindQuery) -> Found:
        """All places."""
        matcher = Matcher(query)
        hits: list[Hit] = []
        for page in range(self._count(job)):
            version = await self._version(job, page)
            if version is not None:
                hits += matcher.hits(searched(version.result), MOST)
        return Found(tuple(hits))

    async def replace(self, job: int, query: FindQuery, by: str, *, page: int | None = None) -> Replaced:
        """One edit a page."""
        matcher = Matcher(query)
        places, pages = 0, []
        for at in range(self._count(job)) if page is None else [page]:
            version = await self._version(job, at)
            if version is None:
                continue
            edit: Edit
            edit, count = matcher.replaced(searched(version.result), by)
            if count:
                await self._edit(job, at, edit, base=version.number)
                places, pages = places + count, [*pages, at]
        return Replaced(places, tuple(pages))

    async def next_doubt(
        self, job: int, page: int, line: int, *, word: int = -1, below: float = 0.85, backwards: bool = False
    ) -> Doubt | None:
        """The next line or word that is doubtful."""
        found: list[tuple[tuple[int, int, int], Doubt]] = []
        here = (page, -1 if not backwards else 1_000_000, -1)
        for at in range(self._count(job)):
            version = await self._version(job, at)
            if version is None:
                continue
            order = [index for block in version.result.blocks for index in block.lines]
            here = (page, order.index(line), word) if at == page and line in order else here
            scored = msgspec.json.decode(msgspec.json.encode(version.result), type=ScoredPage)
            found += [((at, *place), doubt) for place, doubt in doubts(scored, below)]
        if backwards:
            return next((doubt for place, doubt in reversed(found) if place < here), None)
        return next((doubt for place, doubt in found if place > here), None)


def searched(result: PageResult) -> SearchedPage:
    """A page as it is searched."""
    return msgspec.json.decode(msgspec.json.encode(result), type=SearchedPage)
