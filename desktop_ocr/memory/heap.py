"""This process' own heap."""

from __future__ import annotations

import ctypes
import sys


def trim() -> None:
    """Give the system what was freed and the C library keeps: tens of MB after some pictures (glibc only)."""
    if sys.platform == "linux":
        give_back = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if give_back is not None:
            give_back(0)
