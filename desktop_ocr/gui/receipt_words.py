"""A receipt in words: for a message, and as a text that can be kept."""

from __future__ import annotations

from collections.abc import Sequence

from desktop_ocr.gui.library_words import many, many_pages
from desktop_ocr.gui.words import shortened, tr
from desktop_ocr.schema.receipts import PageNote, Receipt

NAMED_PAGES = 3


def all_fine(receipt: Receipt) -> bool:
    """Whether all pages are as they were wanted."""
    return receipt.fine == receipt.pages


def summary_words(receipt: Receipt) -> str:
    """ "500 pages: 497 fine, 2 with less detail, 1 failed (page 312: reason)"."""
    if all_fine(receipt):
        one = tr("1 page, fine")
        return one if receipt.pages == 1 else tr("{pages}, all fine").format(pages=many_pages(receipt.pages))
    parts = []
    if receipt.fine:
        parts.append(tr("{n} fine").format(n=many(receipt.fine)))
    if receipt.noted:
        parts.append(tr("{n} incomplete").format(n=many(len(receipt.noted))))
    if receipt.degraded:
        parts.append(tr("{n} with less detail").format(n=many(len(receipt.degraded))))
    if receipt.failed:
        words = tr("{n} failed ({which})")
        parts.append(words.format(n=many(len(receipt.failed)), which=named_pages(receipt.failed)))
    left = receipt.pages - receipt.fine - len(receipt.noted) - len(receipt.degraded) - len(receipt.failed)
    if left > 0:
        parts.append(tr("{n} not done").format(n=many(left)))
    return tr("{pages}: {parts}").format(pages=many_pages(receipt.pages), parts=", ".join(parts))


def named_pages(notes: Sequence[PageNote]) -> str:
    """ "page 312: reason", or "pages 3, 12, 40 and 7 more"; the reason where it is the same for all."""
    reasons = {note.text for note in notes}
    reason = f": {next(iter(reasons)).rstrip('.')}" if len(reasons) == 1 else ""
    numbers = [many(note.page + 1) for note in notes[:NAMED_PAGES]]
    if len(notes) == 1:
        return tr("page {n}").format(n=numbers[0]) + reason
    words = tr("pages {numbers}").format(numbers=", ".join(numbers))
    if len(notes) > NAMED_PAGES:
        words += tr(" and {n} more").format(n=many(len(notes) - NAMED_PAGES))
    return words + reason


def message_words(receipt: Receipt) -> str:
    """The same with the document's name, for a bar."""
    return f"{shortened(receipt.name)}: {summary_words(receipt)}."


def many_words(receipts: Sequence[Receipt]) -> str:
    """Of several documents of which pages are not as wanted."""
    failed = sum(len(one.failed) for one in receipts)
    less = sum(len(one.degraded) for one in receipts)
    parts = []
    if failed:
        parts.append(tr("{pages} failed").format(pages=many_pages(failed)))
    if less:
        parts.append(tr("{pages} with less detail").format(pages=many_pages(less)))
    return tr("{n} documents are done, but not all pages are fine: {parts}.").format(
        n=many(len(receipts)), parts=", ".join(parts)
    )


def took_words(seconds: float) -> str:
    """How long it took, or ""."""
    if seconds < 1:
        return ""
    if seconds < 90:
        return tr("Done in {n} s.").format(n=round(seconds))
    minutes = round(seconds / 60)
    if minutes < 120:
        return tr("Done in {n} min.").format(n=minutes)
    return tr("Done in {hours} h {minutes} min.").format(hours=minutes // 60, minutes=minutes % 60)


def full_text(receipts: Sequence[Receipt], most: int = 0) -> str:
    """All that is to be said, a page a line; not more than `most` lines where that is not 0."""
    lines: list[str] = []
    for receipt in receipts:
        lines += [""] if lines else []
        lines.append(receipt.name)
        lines.append(" ".join(part for part in (f"{summary_words(receipt)}.", took_words(receipt.seconds)) if part))
        for title, notes in (
            (tr("Failed:"), receipt.failed),
            (tr("With less detail:"), receipt.degraded),
            (tr("Incomplete:"), receipt.noted),
        ):
            if notes:
                lines += ["", title]
                lines += [tr("Page {n}: {text}").format(n=many(note.page + 1), text=note.text) for note in notes]
    if most and len(lines) > most:
        rest = len(lines) - most
        lines = [*lines[:most], tr("… and {n} more lines. Copy has all of them.").format(n=many(rest))]
    return "\n".join(lines)
