"""What the tray shows, as words and as pixels."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from desktop_ocr.gui.notifications import Target, done_notification, longer
from desktop_ocr.gui.tray_icon import ASKS, DONE, PAUSED, SIZES, TRACK, drawn, tray_icon
from desktop_ocr.gui.tray_state import STEPS, Activity, Look, tray_state
from desktop_ocr.schema.jobs import JobState, JobView

WORKING = [
    JobView(1, "/a", "a", JobState.RUNNING, pages_total=300, pages_done=250, seconds_left=50.0),
    JobView(2, "/b", "b", JobState.WAITING, pages_total=198),
    JobView(3, "/c", "c", JobState.RUNNING, pages_total=1, seconds_left=None),
    JobView(4, "/d", "d", JobState.RUNNING, pages_total=1, pages_failed=1),
]


def colours(picture: QImage) -> dict[str, int]:
    """How many pixels there are of each colour."""
    found: dict[str, int] = {}
    for y in range(picture.height()):
        for x in range(picture.width()):
            colour = picture.pixelColor(x, y)
            if colour.alpha() == 255:
                found[colour.name()] = found.get(colour.name(), 0) + 1
    return found


def test_words_of_work() -> None:
    state = tray_state(WORKING)
    assert state.words == "Desktop OCR – page 252 of 500, 4 documents, about 4 min left"
    assert state.look == Look(Activity.WORKING, STEPS * 251 // 500)


def test_words_of_one_document_that_is_being_opened() -> None:
    state = tray_state([JobView(1, "/a", "a", JobState.OPENING)])
    assert state.words == "Desktop OCR – 1 document"
    assert state.look == Look(Activity.WORKING, None)


def test_words_of_what_waits_is_paused_or_asks() -> None:
    assert tray_state(WORKING, waits=["it is quiet until 17:30"]).words.endswith(", waits: it is quiet until 17:30")
    paused = JobView(5, "/e", "e", JobState.PAUSED, pages_total=10, pages_done=5)
    locked = JobView(6, "/f", "f", JobState.NEEDS_PASSWORD)
    state = tray_state([paused, locked], troubles=2)
    assert state.words == "Desktop OCR – paused, 1 document, 1 document needs a password, 2 errors"
    assert state.look == Look(Activity.PAUSED, STEPS // 2, asks=True)
    assert tray_state([]).words == "Desktop OCR"


def test_what_another_program_works_at_is_not_ours() -> None:
    other = JobView(1, "/a", "a", JobState.RUNNING, pages_total=10, elsewhere="convert")
    assert tray_state([other]).look == Look()


@pytest.mark.parametrize("size", SIZES)
def test_progress_is_drawn_on_whole_pixels(qapp: QApplication, size: int) -> None:
    assert qapp
    widths = []
    for steps in (0, 1, STEPS // 4, STEPS // 2, STEPS):
        image = drawn(Look(Activity.WORKING, steps), size).toImage()
        row = [image.pixelColor(x, size - 1 - max(1, size // 16)).name() for x in range(size)]
        done = row.count(QColor(DONE).name())
        assert row.count(QColor(TRACK).name()) + done >= size - 4, "no pixel is half one, half the other"
        widths.append(done)
    assert widths[0] == 0
    assert widths[1] >= 1
    assert widths == sorted(widths)
    assert widths[-1] >= size - 4


@pytest.mark.parametrize("size", SIZES)
def test_states_are_told_apart_at_every_size(qapp: QApplication, size: int) -> None:
    assert qapp
    looks = [Look(), Look(Activity.WORKING, 20), Look(Activity.PAUSED, 20), Look(Activity.IDLE, None, asks=True)]
    pictures = [drawn(look, size).toImage() for look in looks]
    assert all(first != second for n, first in enumerate(pictures) for second in pictures[:n])
    asking, paused = colours(pictures[3]), colours(pictures[2])
    assert asking.get(QColor(ASKS).name(), 0) >= 0.08 * size * size
    assert asking.get("#ffffff", 0) >= 4
    assert paused.get(QColor(PAUSED).name(), 0) >= 0.05 * size * size


def test_icon_has_every_size_and_is_kept(qapp: QApplication) -> None:
    assert qapp
    icon = tray_icon(Look(Activity.WORKING, 7))
    assert {size.width() for size in icon.availableSizes()} == set(SIZES)
    assert tray_icon(Look(Activity.WORKING, 7)) is icon
    tray_icon.cache_clear()


def test_words_of_notifications() -> None:
    one = JobView(1, "/a/" + "x" * 90, "x" * 90, JobState.DONE, pages_total=500, pages_done=499, pages_failed=1)
    note = done_notification([one], more=False)
    assert note.title.startswith("Done: xxx")
    assert len(note.title) < 60
    assert (note.text, note.target) == ("500 pages, 1 page failed", Target(1, failed=True))
    fine = [JobView(n, f"/{n}", f"{n}.pdf", JobState.DONE, pages_total=1, pages_done=1) for n in range(2, 7)]
    note = done_notification(fine, more=True)
    assert (note.title, note.text) == ("5 documents are done", "2.pdf\n3.pdf\n4.pdf\nand 2 more")
    assert note.target == Target(6)
    note = done_notification([one, *fine], more=False)
    assert note.title == "All done: 6 documents"
    assert note.target == Target(1, failed=True)


def test_gaps_grow_to_an_hour() -> None:
    gaps = [0]
    for _ in range(9):
        gaps.append(longer(gaps[-1]))
    assert gaps[1:4] == [60_000, 120_000, 240_000]
    assert gaps[-1] == 3_600_000
