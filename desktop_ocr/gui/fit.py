"""What the zoom of a page's picture follows, and how large a picture it takes."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass

from desktop_ocr.schema.results import Box

MOST_PIXELS = 3000  # a side of a picture of a whole page; what is seen larger is fetched in parts
PART_PIXELS = 4_500_000  # of a part with what is around it
AROUND = 0.25  # of what is seen, on each side: scrolling a little fetches nothing
GRAIN = 256  # pictures are asked for in steps of this, so that each resizing does not fetch one anew


class Fit(enum.Enum):
    """What the zoom follows when the window's size changes."""

    WIDTH = "width"
    PAGE = "page"
    FREE = "free"


@dataclass(frozen=True)
class WantedPart:
    """A part of a page that is to be sharp.

    Attributes:
        seen: what is to be seen, in parts (0 to 1) of the page.
        region: what to fetch: that and a little around it.
        page_width, page_height: of the whole page at that size, in pixels.
    """

    seen: Box
    region: Box
    page_width: int
    page_height: int

    @property
    def pixels(self) -> tuple[int, int]:
        """Of the region."""
        x0, y0, x1, y1 = self.region
        return max(1, round((x1 - x0) * self.page_width)), max(1, round((y1 - y0) * self.page_height))

    def served_by(self, region: Box, page_width: float) -> bool:
        """Whether a picture of a region, of a page that wide, is good enough."""
        inside = all(a <= b + 1e-6 for a, b in zip(region[:2], self.seen[:2], strict=True))
        inside = inside and all(a >= b - 1e-6 for a, b in zip(region[2:], self.seen[2:], strict=True))
        return inside and 0.99 * self.page_width <= page_width <= 2.01 * self.page_width


def wanted_part(seen: Box, page: tuple[int, int]) -> WantedPart | None:
    """What to fetch for a part of a page that is seen; None where a picture of the whole page is sharp enough.

    Args:
        seen: in parts (0 to 1) of the page.
        page: pixels of the whole page as it is seen.
    """
    if max(page) <= MOST_PIXELS:
        return None
    across, down = seen[2] - seen[0], seen[3] - seen[1]
    pixels = max(1.0, across * page[0] * down * page[1])
    around = min(AROUND, max(0.0, (math.sqrt(PART_PIXELS / pixels) - 1) / 2))
    region = (
        max(0.0, seen[0] - around * across),
        max(0.0, seen[1] - around * down),
        min(1.0, seen[2] + around * across),
        min(1.0, seen[3] + around * down),
    )
    return WantedPart(seen, region, *page)
