"""Words about what is stored: when it was read, how much there is, what becomes of it."""

from __future__ import annotations

import time

from PySide6.QtCore import QDateTime, QLocale

from desktop_ocr.gui.words import documents_words, memory_words, pages_words, tr
from desktop_ocr.schema.library import LibraryFound, LibraryHit, LibrarySize
from desktop_ocr.schema.settings import Settings

MB_IN_WORDS = 10.0  # from here on without a fraction
_LANGUAGE = QLocale(QLocale.Language.English)  # of the words around: a month in another one would stand out


def many(count: int) -> str:
    """ "20,000"."""
    return f"{count:,}"


def many_pages(count: int) -> str:
    """ "1 page", "20,000 pages"."""
    return pages_words(1) if count == 1 else tr("{n} pages").format(n=many(count))


def many_documents(count: int) -> str:
    """ "1 document", "1,200 documents"."""
    return documents_words(1) if count == 1 else tr("{n} documents").format(n=many(count))


def size_words(size: LibrarySize) -> str:
    """ "312 documents, 20,000 pages, 640 MB"."""
    if not size.pages:
        return tr("Nothing is stored")
    room = f"{size.mb:.1f} MB" if size.mb < MB_IN_WORDS else memory_words(size.mb)
    return f"{many_documents(size.documents)}, {many_pages(size.pages)}, {room}"


def found_words(found: LibraryFound, *, documents: bool) -> str:
    """How much was found."""
    if documents:
        return many_documents(found.total)
    return tr("Found on {pages}").format(pages=many_pages(found.total)) if found.total else ""


def unindexed_words(count: int) -> str:
    """How many pages cannot be found yet, or ""."""
    if not count:
        return ""
    if count == 1:
        return tr("1 page is still being prepared for searching")
    return tr("{n} pages are still being prepared for searching").format(n=many(count))


def when_words(when: float, now: float | None = None) -> str:
    """When a page was finished, in few words: "today, 14:05", "yesterday", "3 March", "3 March 2024"."""
    if when <= 0:
        return ""
    then, today = _moment(when), _moment(time.time() if now is None else now)
    days = then.daysTo(today)
    if days == 0:
        return tr("today, {time}").format(time=then.toString("HH:mm"))
    return tr("yesterday") if days == 1 else _day(then, today)


def read_words(when: float, now: float | None = None) -> str:
    """The same in a sentence: "was read today", "was read on 3 March"."""
    if when <= 0:
        return tr("was read before")
    then, today = _moment(when), _moment(time.time() if now is None else now)
    days = then.daysTo(today)
    if days in (0, 1):
        return tr("was read today") if days == 0 else tr("was read yesterday")
    return tr("was read on {day}").format(day=_day(then, today))


def _moment(seconds: float) -> QDateTime:
    return QDateTime.fromMSecsSinceEpoch(round(seconds * 1000))


def _day(then: QDateTime, today: QDateTime) -> str:
    this_year = then.date().year() == today.date().year()
    return _LANGUAGE.toString(then.date(), "d MMMM" if this_year else "d MMMM yyyy")


def hit_words(hit: LibraryHit, *, documents: bool) -> str:
    """What stands beside a name: "page 12", or "20 pages, PDF"."""
    if not documents:
        words = tr("page {n}").format(n=many(hit.page + 1))
        return words + (tr(", corrected") if hit.edited else "")
    parts = [many_pages(hit.pages), hit.format, tr("corrected") if hit.edited else ""]
    parts.append(tr("in the list") if hit.listed else "")
    return ", ".join(part for part in parts if part)


def snippet_text(hit: LibraryHit) -> str:
    """A hit's text without its marks."""
    return "".join(part.text for part in hit.snippet)


def rules_words(settings: Settings) -> str:
    """What the settings let go when the library is cleaned up; "" where they keep everything."""
    days, limit = settings.library_days, settings.library_limit_mb
    if days and limit:
        return tr(
            "Documents that are not in the list leave the library when they are older than {days} days, and the "
            "oldest of them when it is larger than {limit}."
        ).format(days=many(days), limit=memory_words(limit))
    if days:
        return tr("Documents that are not in the list leave the library when they are older than {days} days.").format(
            days=many(days)
        )
    if limit:
        return tr(
            "The oldest documents that are not in the list leave the library until it is no larger than {limit}."
        ).format(limit=memory_words(limit))
    return ""
