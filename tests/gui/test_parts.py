"""Small parts, each alone: words, pages, colours, events, pasting, messages."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from desktop_ocr.gui import intake
from desktop_ocr.gui.app import missing_display
from desktop_ocr.gui.formatted_view import PageText
from desktop_ocr.gui.message_bar import MOST_BARS, MessageBars, Offer
from desktop_ocr.gui.page_list import PageList
from desktop_ocr.gui.result_view import LONGEST_PARAGRAPH, MOST_PLAIN, fits_formatted, in_pieces
from desktop_ocr.gui.theme import DARK, LIGHT, Colours
from desktop_ocr.gui.words import (
    memory_words,
    one_line,
    progress_words,
    queue_words,
    shortened,
    state_words,
    time_words,
)
from desktop_ocr.gui.worker import coalesce
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.events import JobChanged, JobRemoved, PageFinished
from desktop_ocr.schema.jobs import JobState, JobView, PageState, PageView
from desktop_ocr.schema.memory import MemorySample
from tests.gui.helpers import on_this_machine
from tests.gui.x_server import x_server


def view(job: int = 1, state: JobState = JobState.RUNNING, **more: object) -> JobView:
    return JobView(job, f"/a/{job}.pdf", f"{job}.pdf", state, **more)  # type: ignore[arg-type]


# --- words ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(3, "a few seconds left"), (44, "about 40 s left"), (130, "about 2 min left"), (9000, "about 2 h left")],
)
def test_time_left(seconds: float, words: str) -> None:
    assert time_words(seconds) == words


def test_words_for_a_job() -> None:
    assert progress_words(view(pages_total=500, pages_done=12)) == "12 of 500 pages"
    assert progress_words(view(pages_total=1, pages_done=1)) == "1 page"
    assert progress_words(view(pages_total=1)) == "1 page"
    assert progress_words(view()) == ""
    assert state_words(view(state=JobState.DONE, pages_failed=1)) == "Done with errors"
    assert all(state_words(view(state=state)) for state in JobState)


def test_words_for_the_queue() -> None:
    assert queue_words([]) == "Ready"
    assert queue_words([view(pages_total=1)]) == "Reading 1 document"
    assert queue_words([view(pages_total=8, pages_done=3, pages_failed=1)]) == "Reading 1 document: 4 of 8 pages"
    assert queue_words([view(state=JobState.NEEDS_PASSWORD)]) == "A document needs a password"
    assert queue_words([view(state=JobState.DONE)]) == "All done"
    failed = [view(state=JobState.DONE, pages_total=4, pages_failed=1), view(state=JobState.FAILED)]
    assert queue_words([view(state=JobState.DONE), *failed]) == "Done, with errors in 2 documents"


def test_words_for_memory() -> None:
    assert [memory_words(figure) for figure in (0, 812.4, 16_700)] == ["0 MB", "812 MB", "16.7 GB"]


# --- pages ------------------------------------------------------------------------------------------------------


def test_page_list_of_chosen_pages() -> None:
    pages = PageList([PageView(page, PageState.WAITING) for page in (2, 3, 9)])
    assert (pages.first, pages.last, len(pages)) == (2, 9, 3)
    assert [pages.nearest(page) for page in (0, 5, 7, 50)] == [2, 3, 9, 9]
    assert [pages.step(3, by) for by in (-5, -1, 1, 5)] == [2, 2, 9, 9]
    error = ErrorInfo(ErrorCode.DAMAGED, "no")
    pages.finish(PageFinished(1, 9, PageState.FAILED, 0.1, error))
    assert pages.next_failed(2) == 9
    assert pages.next_failed(9) == 9
    assert PageList().next_failed(0) is None


# --- colours ----------------------------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in QColor(colour).getRgbF()]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read_on_every_background(colours: Colours) -> None:
    backs = ["window", "base", "raised", "hover", "pressed", "selected"]
    bars = ["info_back", "good_back", "warning_back", "danger_back"]
    pairs = [*itertools.product(["text"], [*backs, *bars]), *itertools.product(["muted"], [*backs[:3], "selected"])]
    pairs += [("on_accent", "accent"), ("on_accent", "accent_hover"), ("danger", "base"), ("danger", "selected")]
    low = {pair: contrast(getattr(colours, pair[0]), getattr(colours, pair[1])) for pair in pairs}
    assert not {pair: ratio for pair, ratio in low.items() if ratio < 4.5}


# --- events -----------------------------------------------------------------------------------------------------


def test_bursts_are_thinned_without_losing_the_last_state_or_the_order() -> None:
    sample = MemorySample(1, 1, 1)
    finished = [PageFinished(1, page, PageState.DONE, 0.1) for page in range(3)]
    batch = coalesce(
        [
            JobChanged(view(1)),
            JobChanged(view(2)),
            sample,
            finished[0],
            JobChanged(view(1, pages_done=1)),
            finished[1],
            JobChanged(view(1, pages_done=2)),
            finished[2],
            MemorySample(2, 2, 2),
        ]
    )
    assert batch == (
        JobChanged(view(1, pages_done=2)),
        JobChanged(view(2)),
        MemorySample(2, 2, 2),
        *finished,
    )


def test_job_that_is_removed_does_not_come_back() -> None:
    batch = coalesce([JobChanged(view(1)), JobRemoved(1), JobChanged(view(2))])
    assert batch == (JobChanged(view(1)), JobRemoved(1), JobChanged(view(2)))


# --- messages ---------------------------------------------------------------------------------------------------


def test_messages_are_said_once_and_the_oldest_makes_room(qapp: QApplication) -> None:
    del qapp
    bars = MessageBars()
    for number in (0, 1, 1, 2, 3, 4):
        bars.say(f"message {number}")
    assert bars.texts() == ["message 4", "message 3", "message 2", "message 1"]
    assert len(bars.texts()) == MOST_BARS


def test_offer_is_taken_once_and_its_message_goes(qapp: QApplication) -> None:
    del qapp
    taken: list[int] = []
    bars = MessageBars()
    bar = bars.say("Removed.", offers=[Offer("Undo", lambda: taken.append(1))])
    bar.buttons[0].click()
    assert (taken, bars.texts()) == ([1], [])


def test_message_with_an_owner_makes_room_for_nobody(qapp: QApplication) -> None:
    """Progress, and the offer to undo."""
    del qapp
    bars = MessageBars()
    own = bars.say("Exporting…", closable=False)
    other = bars.say("Exporting…", closable=False)
    for number in range(6):
        bars.say(f"message {number}")
    assert len(bars.texts()) == MOST_BARS
    own.set_text("Exporting document 2 of 9…")
    assert "Exporting document 2 of 9…" in bars.texts()
    own.leave()
    own.leave()
    assert bars.texts()[-1] == "Exporting…"
    other.leave()


def test_markup_in_a_message_is_not_followed(qapp: QApplication) -> None:
    del qapp
    bars = MessageBars()
    bar = bars.say("<img src='http://nowhere.invalid/a.png'>.pdf: damaged")
    assert bar.label.textFormat().name == "PlainText"


# --- pasting ----------------------------------------------------------------------------------------------------


def picture() -> QImage:
    image = QImage(20, 10, QImage.Format.Format_RGB32)
    image.fill(QColor("#aabbcc"))
    return image


def test_pasted_pictures_get_names_of_their_own(tmp_path: Path) -> None:
    saved = {intake.save_picture(picture(), tmp_path / "pasted") for _ in range(3)}
    assert len(saved) == 3
    assert {path.suffix for path in saved} == {".png"}
    assert all(QImage(str(path)).size() == picture().size() for path in saved)
    assert not list((tmp_path / "pasted").glob("*.part"))


def test_picture_that_cannot_be_saved_says_so(tmp_path: Path) -> None:
    (tmp_path / "pasted").write_text("in the way")
    with pytest.raises(DesktopOcrError, match="could not be saved"):
        intake.save_picture(picture(), tmp_path / "pasted")


async def test_clipboard_without_anything_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DesktopOcrError, match="Copy a picture"):
        await intake.paths_from(intake.contents(QMimeData()), tmp_path)


def test_only_local_files_are_taken() -> None:
    mime = QMimeData()
    mime.setUrls([QUrl("https://nowhere.invalid/a.pdf")])
    assert not intake.can_take(mime)
    mime.setUrls([QUrl("https://nowhere.invalid/a.pdf"), QUrl.fromLocalFile("/tmp/b c.pdf")])
    assert intake.paths_of(mime.urls()) == [Path("/tmp/b c.pdf")]


def test_names_stay_on_their_line_and_run_the_way_they_are_read() -> None:
    assert one_line("two\nlines.pdf") == "two\N{REPLACEMENT CHARACTER}lines.pdf"
    assert one_line("bill\N{RIGHT-TO-LEFT OVERRIDE}fdp.exe") == "bill\N{REPLACEMENT CHARACTER}fdp.exe"
    persian = "می\N{ZERO WIDTH NON-JOINER}خواهم.pdf"
    assert one_line(persian) == persian
    assert shortened("a\tb") == "a\N{REPLACEMENT CHARACTER}b"


def test_long_names_are_shortened_in_their_middle() -> None:
    name = "scan_of_the_annual_report_" * 6 + "page_7.pdf"
    assert len(shortened(name)) <= 48
    assert shortened(name).endswith("page_7.pdf")
    assert shortened("letter.pdf") == "letter.pdf"


# --- limits and starts ------------------------------------------------------------------------------------------


def test_long_tables_are_not_laid_out() -> None:
    assert fits_formatted("Title\n\ntext")
    assert not fits_formatted("word " * 20_000)


def test_longest_text_that_is_shown_does_not_hold_the_window_up(qapp: QApplication) -> None:
    text = PageText()
    text.resize(400, 600)
    text.show()
    qapp.processEvents()
    started = time.thread_time()
    text.setPlainText(in_pieces(("港务局年度报告" * MOST_PLAIN)[:MOST_PLAIN]))
    qapp.processEvents()
    spent = time.thread_time() - started
    text.deleteLater()
    assert spent < on_this_machine(0.05)


def test_ordinary_text_is_not_cut_into_pieces() -> None:
    text = "One paragraph.\n\n" + "word " * 700 + "\nthe end"
    assert in_pieces(text) == text
    assert in_pieces("x" * LONGEST_PARAGRAPH + "\ny") == "x" * LONGEST_PARAGRAPH + "\ny"
    assert in_pieces("x" * (LONGEST_PARAGRAPH + 1)) == "x" * LONGEST_PARAGRAPH + "\nx"


def test_window_needs_a_display() -> None:
    assert "desktop-ocr convert" in missing_display({}, "linux")
    unreachable = missing_display({"DISPLAY": ":987"}, "linux")
    assert unreachable.startswith("The display ':987' cannot be opened")
    assert "desktop-ocr convert" in unreachable
    assert not missing_display({"WAYLAND_DISPLAY": "wayland-0"}, "linux")
    assert not missing_display({"QT_QPA_PLATFORM": "offscreen"}, "linux")
    assert missing_display({"QT_QPA_PLATFORM": "xcb"}, "linux")
    assert not missing_display({}, "win32")


def test_without_a_display_the_program_says_so_and_ends(tmp_path: Path) -> None:
    program = (
        "import sys; from desktop_ocr.gui.app import run_window; from desktop_ocr.core.paths import user_paths; "
        "from desktop_ocr.schema.settings import Settings; sys.exit(run_window([], user_paths(), Settings()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"HOME": str(tmp_path), "PATH": "", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "no display" in done.stderr
    assert "Traceback" not in done.stderr


def test_window_imports_no_model_library() -> None:
    program = """
import sys
import desktop_ocr.gui.app, desktop_ocr.gui.running, desktop_ocr.gui.workspace, desktop_ocr.gui.about
import desktop_ocr.gui.export_dialog, desktop_ocr.core.session
heavy = "numpy cv2 pymupdf fitz PIL onnxruntime paddle paddleocr paddlex openpyxl docx".split()
print([name for name in heavy if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_rest_of_the_window_is_imported_a_little_at_a_time() -> None:
    """The window handles events between the steps: no step is to bring many modules along, and none is left out."""
    program = """
import sys
import desktop_ocr.core.session  # in the core's thread
from desktop_ocr.gui import background, capture_side, furnishing, running
def ours():
    return {name for name in sys.modules if name.startswith("desktop_ocr")}
known = ours()
for name, _ in zip(furnishing.MODULES, furnishing.import_steps()):
    new, known = ours() - known, ours()
    assert 0 < len(new) < 7, (name, sorted(new))
from desktop_ocr.gui import document_view, keeping, page_loader, page_pane, queue_view, rereading, result_view, review
assert ours() == known, ours() - known
"""
    subprocess.run([sys.executable, "-c", program], timeout=60, check=True)


def test_qt_counts_its_references() -> None:
    """PySide6 6.12.0 takes a reference to None with every call on Pythons before 3.12, until the process aborts."""
    program = """
import sys
from PySide6.QtCore import QObject
before = sys.getrefcount(None)
target = QObject()
for _ in range(1000):
    target.setObjectName("x")
print(before - sys.getrefcount(None))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert int(done.stdout or 1000) < 500, "this PySide6 is broken on this Python: take PySide6-Essentials < 6.12"


def test_a_display_that_is_there_is_not_missed() -> None:
    with x_server("320x240") as name:
        assert not missing_display({"DISPLAY": name}, "linux")
