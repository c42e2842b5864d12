"""PyMuPDF, imported once, with its printing silenced and its many errors under one name."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pymupdf
from pymupdf import mupdf

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

# MuPDF prints what it thinks of a file, which may quote it: warnings say nothing that a user can act on.
pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)

# Boxes of letters as their fonts give them. pymupdf4llm sets it, too: whether somebody imported that, or this program
# left it out, is to change nothing.
pymupdf.TOOLS.unset_quad_corrections(True)

# PyMuPDF raises its own errors as RuntimeError and ValueError, MuPDF's as FzErrorBase.
ERRORS: tuple[type[Exception], ...] = (mupdf.FzErrorBase, RuntimeError, ValueError, TypeError, IndexError, KeyError)


@contextlib.contextmanager
def page_errors(what: str) -> Iterator[None]:
    """Turn MuPDF's errors into ours; `what` ends the sentence "The page is damaged and cannot be ...".

    Raises:
        DesktopOcrError: DAMAGED, or OUT_OF_MEMORY.
    """
    try:
        yield
    except ERRORS as error:
        if isinstance(error, mupdf.FzErrorSystem) or "alloc" in str(error):
            raise DesktopOcrError(
                ErrorCode.OUT_OF_MEMORY, "There was not enough memory for the page.", "Close other programs."
            ) from error
        raise DesktopOcrError(ErrorCode.DAMAGED, f"The page is damaged and cannot be {what}.") from error


def shrink_store() -> None:
    """Give back what MuPDF keeps of fonts and pictures between pages, up to 256 MB otherwise."""
    pymupdf.TOOLS.store_shrink(100)
    pymupdf.TOOLS.reset_mupdf_warnings()
