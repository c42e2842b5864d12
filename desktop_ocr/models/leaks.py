"""Which engine hosts grow from page to page, and are to be replaced between two of them."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

WARM_UP_PAGES = 10
FEWEST_PAGES = 20
MOST_PAGES = 40


class _History:
    """What a host held after each of its pages."""

    def __init__(self, generation: int) -> None:
        self.generation = generation
        self.pages = 0
        self.held: deque[float] = deque(maxlen=MOST_PAGES)


class LeakGuard:
    """Looks at what hosts hold after each page."""

    def __init__(self, leak_mb_per_page: float, recycle_after_pages: int, limit_mb: float) -> None:
        """Know of no host yet.

        Args:
            leak_mb_per_page: growth from which on a host counts as leaking, in MB a page; 0 for never.
            recycle_after_pages: a host is replaced after so many; 0 for never.
            limit_mb: a host that holds more after a page is replaced; 0 for no limit.
        """
        self._leak_mb_per_page = leak_mb_per_page
        self._recycle_after_pages = recycle_after_pages
        self._limit_mb = limit_mb
        self._histories: dict[str, _History] = {}

    def note(self, service_name: str, generation: int, rss_mb: float) -> str | None:
        """Take down what a host held after a page.

        Args:
            service_name: of the host's place.
            generation: of the host; another one begins a new history.
            rss_mb: resident memory in MB; a figure that cannot be (0, NaN) counts as a page and nothing more.

        Returns:
            Why the host is to be replaced, as words that go on from "it ...", or None.
        """
        history = self._histories.get(service_name)
        if history is None or history.generation != generation:
            history = self._histories[service_name] = _History(generation)
        history.pages += 1
        if math.isfinite(rss_mb) and rss_mb > 0:
            if history.pages > WARM_UP_PAGES:
                history.held.append(rss_mb)
            if self._limit_mb and rss_mb > self._limit_mb:
                return f"held {rss_mb:.0f} MB, more than the {self._limit_mb:.0f} MB allowed"
        if self._recycle_after_pages and history.pages >= self._recycle_after_pages:
            return f"has done {history.pages} pages"
        growth = steady_growth(history.held)
        if self._leak_mb_per_page and growth > self._leak_mb_per_page:
            return f"grew by {growth:.1f} MB a page"
        return None


def steady_growth(held: Sequence[float]) -> float:
    """MB a page by which a series grows all along; 0.0 where it is too short to tell.

    One larger page lifts memory once, which a line through everything would take for growth: only what also grew in
    both halves counts.
    """
    if len(held) < FEWEST_PAGES:
        return 0.0
    values = list(held)
    half = len(values) // 2
    whole = slope(values)
    return whole if min(slope(values[:half]), slope(values[half:])) > whole / 3 else 0.0


def slope(values: Sequence[float]) -> float:
    """Least-squares slope of a series over its indices."""
    middle = (len(values) - 1) / 2
    mean = sum(values) / len(values)
    spread = sum((index - middle) ** 2 for index in range(len(values)))
    return sum((index - middle) * (value - mean) for index, value in enumerate(values)) / spread
