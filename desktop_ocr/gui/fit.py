"""What the zoom of a page's picture follows."""

from __future__ import annotations

import enum


class Fit(enum.Enum):
    """What the zoom follows when the window's size changes."""

    WIDTH = "width"
    PAGE = "page"
    FREE = "free"
