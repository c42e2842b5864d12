"""A receipt in a sentence, for terminals and logs."""

from __future__ import annotations

from collections.abc import Sequence

from desktop_ocr.core.pages import format_pages
from desktop_ocr.schema.receipts import PageNote, Receipt

MOST_REASONS = 3


def receipt_words(receipt: Receipt) -> str:
    """As "500 pages: 497 fine, 2 with less detail, 1 failed (page 312: reason)"; without a full stop."""
    pages = _pages(receipt.pages)
    if receipt.fine == receipt.pages:
        return f"{pages}, fine" if receipt.pages == 1 else f"{pages}, all fine"
    parts = [f"{receipt.fine} fine"] if receipt.fine else []
    if receipt.noted:
        parts.append(f"{len(receipt.noted)} incomplete")
    if receipt.degraded:
        parts.append(f"{len(receipt.degraded)} with less detail")
    if receipt.failed:
        parts.append(f"{len(receipt.failed)} failed ({reasons(receipt.failed)})")
    left = receipt.pages - receipt.fine - len(receipt.noted) - len(receipt.degraded) - len(receipt.failed)
    if left:
        parts.append(f"{left} not done")
    return f"{pages}: {', '.join(parts)}"


def reasons(notes: Sequence[PageNote]) -> str:
    """As "page 312: reason; pages 3-7,12: another reason", a reason once; the first few of them."""
    pages: dict[str, list[int]] = {}
    for note in notes:
        pages.setdefault(note.text, []).append(note.page)
    told = [
        f"page{'s' * (len(which) > 1)} {format_pages(sorted(which))}: {text.rstrip('.')}"
        for text, which in list(pages.items())[:MOST_REASONS]
    ]
    if len(pages) > MOST_REASONS:
        rest = sum(len(which) for which in list(pages.values())[MOST_REASONS:])
        told.append(f"{_pages(rest)} for other reasons")
    return "; ".join(told)


def _pages(number: int) -> str:
    return f"{number} page{'s' * (number != 1)}"
