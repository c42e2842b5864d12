"""What the window knows of a document's pages."""

from __future__ import annotations

import bisect
from collections.abc import Sequence

import msgspec

from desktop_ocr.schema.events import PageFinished
from desktop_ocr.schema.jobs import PageState, PageView


class PageList:
    """A job's pages in order; a job may leave out pages of its document."""

    def __init__(self, pages: Sequence[PageView] = ()) -> None:
        self._pages = {view.page: view for view in pages}
        self._numbers = sorted(self._pages)

    def __len__(self) -> int:
        """How many pages the job has."""
        return len(self._numbers)

    def __contains__(self, page: int) -> bool:
        """Whether the job has the page."""
        return page in self._pages

    @property
    def first(self) -> int:
        """The first page, 0 where there is none."""
        return self._numbers[0] if self._numbers else 0

    @property
    def last(self) -> int:
        """The last page, 0 where there is none."""
        return self._numbers[-1] if self._numbers else 0

    def state(self, page: int) -> PageState:
        """A page's state."""
        return self._pages[page].state if page in self._pages else PageState.WAITING

    def view(self, page: int) -> PageView | None:
        """All that is known of a page."""
        return self._pages.get(page)

    def finish(self, event: PageFinished) -> None:
        """A page has been finished."""
        if event.page not in self._pages:
            bisect.insort(self._numbers, event.page)
        before = self._pages.get(event.page)
        edited = before is not None and before.edited  # what a person has changed outlives another reading
        self._pages[event.page] = PageView(event.page, event.state, event.error, event.degraded, edited=edited)

    def set_edited(self, page: int, edited: bool) -> bool:
        """A person has changed a page, or has undone that; whether this was not known."""
        view = self._pages.get(page)
        if view is None or view.edited is edited:
            return False
        self._pages[page] = msgspec.structs.replace(view, edited=edited)
        return True

    @property
    def numbers(self) -> Sequence[int]:
        """The pages in order."""
        return self._numbers

    def place(self, page: int) -> int:
        """Which one of the job's pages it is, from 0; -1 where it is none of them."""
        at = bisect.bisect_left(self._numbers, page)
        return at if at < len(self._numbers) and self._numbers[at] == page else -1

    def nearest(self, page: int) -> int:
        """The page itself, or the one of the job that is closest."""
        return min(self._numbers, key=lambda number: abs(number - page), default=0)

    def step(self, page: int, by: int) -> int:
        """The page so many further on, staying inside."""
        if not self._numbers:
            return page
        at = bisect.bisect_left(self._numbers, page) + by
        return self._numbers[min(len(self._numbers) - 1, max(0, at))]

    @property
    def finished(self) -> int:
        """How many pages are done or failed."""
        return sum(view.state in (PageState.DONE, PageState.FAILED) for view in self._pages.values())

    def failed(self) -> list[int]:
        """The pages that failed."""
        return [number for number in self._numbers if self._pages[number].state is PageState.FAILED]

    def degraded(self) -> list[int]:
        """The pages that were done with less detail."""
        return [number for number in self._numbers if self._pages[number].degraded]

    def partial(self) -> list[int]:
        """The pages that can be read, and of which more is to come."""
        return [number for number in self._numbers if self._pages[number].state is PageState.PARTIAL]

    def noted(self) -> list[int]:
        """The pages of which something was left out."""
        return [number for number in self._numbers if self._pages[number].left_out]

    def next_noted(self, page: int) -> int | None:
        """The next page of which something was left out, round the end."""
        return _next(self.noted(), page)

    def next_failed(self, page: int) -> int | None:
        """The next page that failed, round the end."""
        return _next(self.failed(), page)

    def next_degraded(self, page: int) -> int | None:
        """The next page with less detail, round the end."""
        return _next(self.degraded(), page)


def _next(pages: list[int], page: int) -> int | None:
    return next((number for number in pages if number > page), pages[0] if pages else None)
