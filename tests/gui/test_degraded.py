"""Pages with less detail, and what is told to the core of where the user looks, on a fake session."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_ocr.gui.job_delegate import mark, second_line
from desktop_ocr.gui.words import degraded_words, progress_words
from desktop_ocr.schema.jobs import JobState, JobView, PageState
from tests.gui.conftest import Desk, until
from tests.gui.helpers import shown_text


def view(**more: object) -> JobView:
    return JobView(1, "/a/1.pdf", "1.pdf", JobState.DONE, **more)  # type: ignore[arg-type]


def asked(desk: Desk, what: str) -> list[object]:
    assert desk.session is not None
    return [how for name, how in desk.session.asked if name == what]


def test_words_for_less_detail() -> None:
    done = view(pages_total=12, pages_done=12, pages_degraded=2)
    assert progress_words(done) == "12 pages, 2 with less detail"
    assert second_line(done) == "Done  ·  12 pages, 2 with less detail"
    assert mark(done) == ("circle-check", "warning")
    failed = view(pages_total=12, pages_done=11, pages_failed=1, pages_degraded=2)
    assert second_line(failed) == "1 of 12 pages failed, 2 with less detail"
    assert "recognised again" in degraded_words(done)
    assert not degraded_words(view(pages_total=1, pages_done=1))


def test_page_with_less_detail_says_so_and_is_read_again_by_its_button(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "heavy-6p.pdf")
        pane = window.workspace.document.pane
        await until(lambda: "harbour office" in shown_text(window))
        assert not pane.result.notes.degraded.isVisible()
        assert pane.bar.marked[1].isVisible()
        assert "1 with less detail" in pane.bar.marked[1].text()
        QTest.mouseClick(pane.bar.marked[1], Qt.MouseButton.LeftButton)
        assert pane.page == 1
        await until(lambda: pane.result.notes.degraded.isVisible())
        assert pane.result.notes.degraded.words.text().startswith("Less detail: tables and columns were not looked for")
        assert desk.session is not None
        desk.session.standing = True
        QTest.mouseClick(pane.result.notes.again, Qt.MouseButton.LeftButton)
        await until(lambda: pane.walk.pages.state(1) is PageState.WAITING)
        desk.session.standing = False
        await until(lambda: window.model.views()[0].pages_degraded == 0)
        await until(lambda: window.model.views()[0].state is JobState.DONE)
        await until(lambda: "harbour office" in shown_text(window))
        assert pane.page == 1
        assert not pane.result.notes.degraded.isVisible()
        assert not pane.bar.marked[1].isVisible()
        assert asked(desk, "recognise_again") == [(1, (1,))]

    desk.run(story())


def test_any_finished_page_is_read_again_by_its_key(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(stop_at=4)
        await desk.add(window, "report-40p.pdf", state=JobState.RUNNING)
        await until(lambda: window.model.views()[0].pages_done == 4)
        pane = window.workspace.document.pane
        await until(lambda: len(pane.walk.pages) == 40)
        pane.go_to(20)
        assert not window.views.again.isEnabled()
        pane.go_to(2)
        await until(lambda: window.views.again.isEnabled())
        QTest.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        await until(lambda: asked(desk, "recognise_again") == [(1, (2,))])
        assert window.views.again in pane.menu.build().actions()

    desk.run(story())


def test_all_pages_of_a_document_with_less_detail_are_read_again(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "heavy-6p.pdf", "plain-2p.pdf")
        window.workspace.queue.choose(2)
        await until(lambda: window.jobs.again_degraded.isVisible() and not window.jobs.again_degraded.isEnabled())
        window.workspace.queue.list.selectAll()
        await until(window.jobs.again_degraded.isEnabled)
        window.jobs.again_degraded.trigger()
        await until(lambda: asked(desk, "recognise_again") == [(1, (1,))])
        await until(lambda: window.model.views()[0].pages_degraded == 0)
        await until(lambda: not window.jobs.again_degraded.isVisible())

    desk.run(story())


def test_core_is_told_where_the_user_looks_once_it_has_settled(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "report-20p.pdf", "letter.pdf")
        window.workspace.queue.choose(1)
        pane = window.workspace.document.pane
        await until(lambda: len(pane.walk.pages) == 20)
        await until(lambda: asked(desk, "look_at")[-1:] == [(1, pane.page)])
        pane.go_to(0)
        await until(lambda: asked(desk, "look_at")[-1:] == [(1, 0)])
        told = len(asked(desk, "look_at"))
        for _ in range(12):
            pane.step(1)
        await until(lambda: asked(desk, "look_at")[-1:] == [(1, 12)])
        assert len(asked(desk, "look_at")) <= told + 2
        window.workspace.queue.choose(2)
        await until(lambda: asked(desk, "look_at")[-1:] == [(2, 0)])
        window.workspace.queue.list.selectAll()
        window.jobs.remove.trigger()
        await until(lambda: asked(desk, "look_at")[-1:] == [(None, None)])
        await asyncio.sleep(0)

    desk.run(story())
