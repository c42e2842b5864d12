"""Documents that another running program works at: seen, read, and left alone."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt

from desktop_ocr.gui.job_delegate import mark, second_line
from desktop_ocr.gui.job_model import described
from desktop_ocr.gui.result_view import Shown
from desktop_ocr.gui.words import elsewhere_tip, queue_words
from desktop_ocr.schema.jobs import JobState, JobView
from tests.gui.conftest import Desk, until


def test_it_can_be_read_and_nothing_else_while_the_other_works(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(pace=0.02, stop_at=3)
        window.commands.add([Path("others-9p.pdf")])
        await until(lambda: any(view.pages_done == 3 for view in window.model.views()))
        (view,) = window.model.views()
        window.workspace.queue.choose(view.job)
        jobs, pane = window.jobs, window.workspace.document.pane
        await until(lambda: pane.review.result is not None)
        await until(jobs.export.isEnabled)  # actions follow the list a moment later
        actions = (jobs.hold, jobs.cancel, jobs.retry, jobs.remove, jobs.other_options, jobs.pause_all, jobs.resume_all)
        assert [action.isEnabled() for action in actions] == [False] * len(actions)
        assert jobs.show_file.isEnabled()
        assert pane.review.locked
        pane.result.show_as(Shown.LINES)
        assert pane.result.lines.isReadOnly()
        assert pane.result.notes.elsewhere.isVisibleTo(pane)
        assert "convert" in pane.result.notes.elsewhere.words.text()
        window.workspace.removal.remove([view.job])
        assert [shown.job for shown in window.model.views()] == [view.job]
        index = window.model.index_of(view.job)
        assert "another running desktop ocr (convert)" in index.data(Qt.ItemDataRole.ToolTipRole).casefold()
        assert "by “convert”" in index.data(Qt.ItemDataRole.AccessibleTextRole)

        # The other one is done.
        assert desk.session is not None
        job = desk.session.jobs[view.job]
        desk.session._set(job, state=JobState.DONE)
        await until(lambda: not pane.review.locked)
        await until(jobs.remove.isEnabled)
        assert not pane.result.lines.isReadOnly()
        assert not pane.result.notes.elsewhere.isVisibleTo(pane)

    desk.run(story())


def test_what_the_user_paused_is_not_asked_about_at_the_start(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(unfinished=["old-9p.pdf"])
        await until(lambda: window.bars.texts())
        for bar in window.bars.bars():
            bar.leave()
        await until(lambda: not window.bars.texts())
        assert desk.session is not None
        (job,) = desk.session.jobs.values()
        desk.session._set(job, state=JobState.PAUSED)
        await until(lambda: not window.model.views()[0].interrupted)
        window.commands.offer_to_go_on()
        assert window.bars.texts() == []

    desk.run(story())


def test_words() -> None:
    view = JobView(1, "/a.pdf", "a.pdf", JobState.RUNNING, 40, 12, elsewhere="convert")
    assert second_line(view) == "12 of 40 pages  ·  by “convert”"
    assert mark(view) == ("eye", "muted")
    assert described(view) == "a.pdf, Reading, by “convert”, 12 of 40 pages"
    assert queue_words([view]) == "Another program reads 1 document"
    ours = JobView(2, "/b.pdf", "b.pdf", JobState.RUNNING, 2, 1)
    assert queue_words([view, ours]) == "Reading 1 document: 1 of 2 pages"
    interrupted = JobView(3, "/c.pdf", "c.pdf", JobState.PAUSED, 9, 2, interrupted=True)
    assert second_line(interrupted) == "Interrupted  ·  2 of 9 pages"
    opening = JobView(1, "/a.pdf", "a.pdf", JobState.OPENING, elsewhere="window")
    assert second_line(opening) == "Opening  ·  in another window"
    assert elsewhere_tip(ours) == ""
