"""Words for states, times and sizes."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import Qt

from desktop_ocr.schema.jobs import JobState, JobView

_JOINERS = "\u200c\u200d"  # parts of words in Persian, of pictures made of several characters


def tr(text: str, number: int = -1) -> str:
    """Translate outside of a QObject. With a number, `%n` in the text is replaced by it."""
    translated = QCoreApplication.translate("Words", text, None, number)
    return translated.replace("%n", str(number)) if number >= 0 else translated


def one_line(name: str) -> str:
    """A file's name as a list can show it: with a mark for what would break the line, or turn around what follows."""
    if name.isprintable():
        return name
    return "".join(one if one.isprintable() or one in _JOINERS else "\N{REPLACEMENT CHARACTER}" for one in name)


def shortened(name: str, most: int = 48) -> str:
    """A file's name that fits into a sentence: a label cannot break it where it has no spaces."""
    name = one_line(name)
    if len(name) <= most:
        return name
    half = (most - 1) // 2
    return f"{name[:half]}…{name[-half:]}"


def plain_tip(text: str) -> str:
    """Text for a tooltip. Qt takes for markup what looks like it: names of files, say, that load other files."""
    return f"<p>{html.escape(text, quote=False)}</p>" if Qt.mightBeRichText(text) else text


def state_words(view: JobView) -> str:
    """A job's state in a word or two."""
    if view.state is JobState.DONE:
        return tr("Done with errors") if view.pages_failed else tr("Done")
    if view.interrupted:
        return tr("Interrupted")
    return {
        JobState.WAITING: tr("Waiting"),
        JobState.OPENING: tr("Opening"),
        JobState.NEEDS_PASSWORD: tr("Needs a password"),
        JobState.RUNNING: tr("Reading"),
        JobState.PAUSED: tr("Paused"),
        JobState.CANCELLED: tr("Cancelled"),
        JobState.FAILED: tr("Failed"),
    }[view.state]


def progress_words(view: JobView) -> str:
    """How far a job is: "12 of 500 pages, 2 failed, 1 with less detail"."""
    if not view.pages_total:
        return ""
    done = view.pages_done
    less = tr(", {n} with less detail").format(n=view.pages_degraded) if view.pages_degraded else ""
    less += more_words(view)
    if done + view.pages_failed == view.pages_total and not view.pages_failed:
        return pages_words(done) + less
    if view.pages_partial and done + view.pages_failed + view.pages_partial == view.pages_total > 1:
        failed = tr(", {failed} failed").format(failed=view.pages_failed) if view.pages_failed else ""
        noted = tr(", {n} incomplete").format(n=view.pages_noted) if view.pages_noted else ""
        return (
            tr("Text read, {done} of {total} pages complete").format(done=done, total=view.pages_total) + failed + noted
        )
    words = (
        pages_words(1)
        if view.pages_total == 1
        else tr("{done} of {total} pages").format(done=done, total=view.pages_total)
    )
    if view.pages_failed:
        words += tr(", {failed} failed").format(failed=view.pages_failed)
    return words + less


def more_words(view: JobView) -> str:
    """How many pages have text already and more to come, and of how many something was left out: ", 3 partly read"."""
    words = tr(", {n} partly read").format(n=view.pages_partial) if view.pages_partial else ""
    return words + (tr(", {n} incomplete").format(n=view.pages_noted) if view.pages_noted else "")


def notes_words(view: JobView) -> str:
    """What that means, or ""."""
    parts = []
    if view.pages_partial:
        one = tr("1 page can be read, and more is still looked for on it.")
        several = tr("%n pages can be read, and more is still looked for on them.", view.pages_partial)
        parts.append(one if view.pages_partial == 1 else several)
    if view.pages_noted:
        one = tr("Something was left out of 1 page; the page says what and why.")
        several = tr("Something was left out of %n pages; each of them says what and why.", view.pages_noted)
        parts.append(one if view.pages_noted == 1 else several)
    return " ".join(parts)


def elsewhere_words(view: JobView) -> str:
    """Who else works at a document."""
    if view.elsewhere == "window":
        return tr("in another window")
    return tr("by “{program}”").format(program=view.elsewhere)


def elsewhere_tip(view: JobView) -> str:
    """What that means, or ""."""
    if not view.elsewhere:
        return ""
    return tr(
        "Another running Desktop OCR ({program}) works at this document. Its pages appear here as they are finished;"
        " when that program is done, everything can be done with it here, too."
    ).format(program=view.elsewhere)


def deferred_words() -> str:
    """Why a document that could be worked at is not."""
    return tr("Waits: memory is short")


def degraded_words(view: JobView) -> str:
    """What it means that pages have less detail, or ""."""
    if not view.pages_degraded:
        return ""
    if view.pages_degraded == 1:
        return tr("1 page was read with less detail because memory was short. It can be recognised again.")
    return tr(
        "%n pages were read with less detail because memory was short. They can be recognised again.",
        view.pages_degraded,
    )


def failure_words(view: JobView) -> str:
    """How much of a finished job failed: "2 of 40 pages failed, 1 with less detail"."""
    if view.pages_total == 1:
        return tr("The page failed")
    words = tr("{failed} of {total} pages failed").format(failed=view.pages_failed, total=view.pages_total)
    words += tr(", {n} with less detail").format(n=view.pages_degraded) if view.pages_degraded else ""
    return words + more_words(view)


def pages_words(count: int) -> str:
    """ "1 page", "3 pages"."""
    return tr("1 page") if count == 1 else tr("%n pages", count)


def documents_words(count: int) -> str:
    """ "1 document", "3 documents"."""
    return tr("1 document") if count == 1 else tr("%n documents", count)


def time_words(seconds: float) -> str:
    """A duration that is an estimate: "about 2 min left"."""
    if seconds < 10:
        return tr("a few seconds left")
    if seconds < 90:
        return tr("about %n s left", round(seconds / 10) * 10)
    minutes = round(seconds / 60)
    if minutes < 90:
        return tr("about %n min left", minutes)
    return tr("about %n h left", round(minutes / 60))


def memory_words(megabytes: float) -> str:
    """ "812 MB" or "3.4 GB"."""
    if megabytes < 1000:
        return f"{megabytes:.0f} MB"
    return f"{megabytes / 1000:.1f} GB"


def queue_words(views: Sequence[JobView]) -> str:
    """The whole queue in a sentence, for the status bar."""
    active = [view for view in views if view.state in (JobState.OPENING, JobState.RUNNING, JobState.WAITING)]
    working = [view for view in active if not view.elsewhere]
    if working:
        total = sum(view.pages_total for view in working)
        done = sum(view.pages_done + view.pages_failed for view in working)
        words = tr("Reading {documents}").format(documents=documents_words(len(working)))
        if total > 1:
            words += ": " + tr("{done} of {total} pages").format(done=done, total=total)
        return words
    if active:
        return tr("Another program reads {documents}").format(documents=documents_words(len(active)))
    asking = sum(view.state is JobState.NEEDS_PASSWORD for view in views)
    if asking:
        return tr("A document needs a password") if asking == 1 else tr("%n documents need a password", asking)
    paused = sum(view.state is JobState.PAUSED for view in views)
    if paused:
        return tr("Paused")
    failed = sum(view.state is JobState.FAILED or view.pages_failed > 0 for view in views)
    if failed:
        return tr("Done, with errors in {documents}").format(documents=documents_words(failed))
    return tr("All done") if views else tr("Ready")
