"""What the tray shows, as values: worked out from the list of documents, without any widget."""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass

from desktop_ocr.gui.job_model import ACTIVE_STATES
from desktop_ocr.gui.words import documents_words, time_words, tr
from desktop_ocr.schema.jobs import JobState, JobView

STEPS = 48  # of the progress drawn: more cannot be told apart on an icon


class Activity(enum.StrEnum):
    """What the program does."""

    IDLE = "idle"
    WORKING = "working"
    PAUSED = "paused"


@dataclass(frozen=True)
class Look:
    """What the icon shows: what is done, how much of it in `STEPS` (None: unknown), and whether somebody is asked."""

    activity: Activity = Activity.IDLE
    steps: int | None = None
    asks: bool = False


@dataclass(frozen=True)
class TrayState:
    """The icon and the words beside it."""

    look: Look
    words: str


def tray_state(views: Sequence[JobView], *, troubles: int = 0, waits: Sequence[str] = ()) -> TrayState:
    """What the tray shows of some documents.

    Args:
        views: all documents of the list; those that another program works at are not ours to tell of.
        troubles: errors that came while nobody looked.
        waits: why no page is taken now, although there are some; () when they are.
    """
    ours = [view for view in views if not view.elsewhere]
    working = [view for view in ours if view.state in ACTIVE_STATES]
    paused = [view for view in ours if view.state is JobState.PAUSED]
    locked = sum(view.state is JobState.NEEDS_PASSWORD for view in ours)
    asks = bool(locked or troubles)
    told = [*_asking(locked, troubles)]
    if working:
        activity = Activity.PAUSED if waits else Activity.WORKING
        told = [*_progress(working, ", ".join(waits)), *told]
        look = Look(activity, _steps(working), asks)
    elif paused:
        told = [tr("paused"), documents_words(len(paused)), *told]
        look = Look(Activity.PAUSED, _steps(paused), asks)
    else:
        look = Look(Activity.IDLE, None, asks)
    return TrayState(look, " – ".join(part for part in (tr("Desktop OCR"), ", ".join(told)) if part))


def seconds_left(working: Sequence[JobView]) -> float | None:
    """How long documents will take together; those that have not begun are taken to be like those that have."""
    known = [view for view in working if view.seconds_left is not None and rest_of(view)]
    if not known or any(not view.pages_total for view in working):
        return None
    seconds = sum(view.seconds_left or 0.0 for view in known)
    pages = sum(rest_of(view) for view in known)
    return seconds / pages * sum(rest_of(view) for view in working)


def rest_of(view: JobView) -> int:
    """Pages that are still to be done."""
    return max(0, view.pages_total - view.pages_done - view.pages_failed)


def _steps(views: Sequence[JobView]) -> int | None:
    total = sum(view.pages_total for view in views)
    done = sum(view.pages_done + view.pages_failed for view in views)
    return min(STEPS, math.floor(STEPS * done / total)) if total else None


def _progress(working: Sequence[JobView], waits: str) -> list[str]:
    total = sum(view.pages_total for view in working)
    done = sum(view.pages_done + view.pages_failed for view in working)
    told = [tr("page {page} of {total}").format(page=min(done + 1, total), total=total)] if total else []
    if len(working) > 1 or not told:
        told.append(documents_words(len(working)))
    if waits:
        told.append(tr("waits: {why}").format(why=waits.rstrip(".")))
    elif (left := seconds_left(working)) is not None:
        told.append(time_words(left))
    return told


def _asking(locked: int, troubles: int) -> list[str]:
    told = []
    if locked:
        told.append(tr("1 document needs a password") if locked == 1 else tr("%n documents need a password", locked))
    if troubles:
        told.append(tr("1 error") if troubles == 1 else tr("%n errors", troubles))
    return told
