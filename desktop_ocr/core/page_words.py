"""What a result says of itself beside its text, as lists of pages show it."""

from __future__ import annotations

from desktop_ocr.schema.jobs import PageState, PageView
from desktop_ocr.schema.results import DEGRADED, LEFT_OUT, PageResult


def degraded_words(result: PageResult) -> str:
    """What a page was made with less of, and why; "" for nothing."""
    return _notes(result, DEGRADED)


def left_out_words(result: PageResult) -> str:
    """What could not be looked for, and why; "" for nothing."""
    return _notes(result, LEFT_OUT)


def state_of(result: PageResult) -> PageState:
    """Whether a page is finished, or has stages before it."""
    return PageState.PARTIAL if result.pending else PageState.DONE


def view_of(result: PageResult) -> PageView:
    """A page that can be read, as a list shows it."""
    return PageView(result.page, state_of(result), None, degraded_words(result), result.pending, left_out_words(result))


def _notes(result: PageResult, code: str) -> str:
    return " ".join(note.text for note in result.notes if note.code == code)
