"""Page ranges as people write them: "1-3,7", counted from 1."""

from __future__ import annotations

import re

from desktop_ocr.schema.document_messages import MAX_PAGES
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

_PART = re.compile(r"(\d{1,18})(?:\s*(-)\s*(\d{0,18}))?")


def parse_pages(text: str, total: int | None = None) -> list[int]:
    """Page numbers from 0, ascending, each once.

    Args:
        text: like "1-3,7" or "5-" (to the end); "" for all.
        total: pages of the document; None checks the form alone.

    Raises:
        DesktopOcrError: the text is not a page range, or names no page of the document.
    """
    if not text.strip():
        return list(range(total or 0))
    last = MAX_PAGES if total is None else total
    chosen: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part.strip())
        if match is None:
            raise _bad(text)
        first = int(match[1])
        end = first if match[2] is None else int(match[3] or last)
        if first < 1 or (end < first and match[3]):
            raise _bad(text)
        if total is not None:
            chosen.update(range(first - 1, min(end, last)))
    if total is not None and not chosen:
        raise DesktopOcrError(
            ErrorCode.NO_SUCH_PAGE,
            f"The document has {total} {'page' if total == 1 else 'pages'}, none of them in '{text}'.",
        )
    return sorted(chosen)


def format_pages(pages: list[int]) -> str:
    """The shortest text that `parse_pages` reads back as these pages (from 0, ascending)."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][1] + 1:
            runs[-1][1] = page
        else:
            runs.append([page, page])
    return ",".join(str(a + 1) if a == b else f"{a + 1}-{b + 1}" for a, b in runs)


def _bad(text: str) -> DesktopOcrError:
    return DesktopOcrError(ErrorCode.USAGE, f"'{text}' is not a page range.", "Write it like 1-3,7.")
