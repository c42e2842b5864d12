"""The list of documents, on a fake session: pausing, removing, going on."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import JobState
from tests.gui.conftest import Desk, until


def test_pause_and_go_on_by_space(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(stop_at=4)
        await desk.add(window, "report-40p.pdf", state=JobState.RUNNING)
        window.activateWindow()
        window.workspace.queue.list.setFocus()
        await until(window.workspace.queue.list.hasFocus)
        await until(window.jobs.hold.isEnabled)
        QTest.keyClick(window.workspace.queue.list, Qt.Key.Key_Space)
        await until(lambda: window.model.views()[0].state is JobState.PAUSED)
        await until(lambda: window.jobs.hold.text() == "&Go on")
        QTest.keyClick(window.workspace.queue.list, Qt.Key.Key_Space)
        await until(lambda: window.model.views()[0].state is JobState.RUNNING)
        window.jobs.cancel.trigger()
        await until(lambda: window.model.views()[0].state is JobState.CANCELLED)

    desk.run(story())


def test_remove_can_be_undone(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(stop_at=4)
        await desk.add(window, "one-40p.pdf", "two-40p.pdf", state=JobState.RUNNING)
        window.workspace.queue.choose(1)
        window.activateWindow()
        window.workspace.queue.list.setFocus()
        await until(window.workspace.queue.list.hasFocus)
        QTest.keyClick(window.workspace.queue.list, Qt.Key.Key_Delete)
        assert [view.name for view in window.model.views()] == ["two-40p.pdf"]
        assert desk.session is not None
        await until(lambda: ("paused", 1) in desk.session.asked)
        window.jobs.undo.trigger()
        assert [view.name for view in window.model.views()] == ["one-40p.pdf", "two-40p.pdf"]
        await until(lambda: window.model.view(1).state is JobState.RUNNING)
        assert window.bars.texts() == []

    desk.run(story())


def test_removed_documents_are_forgotten_when_the_window_closes(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "one.pdf", "two.pdf")
        window.workspace.removal.remove([1])
        await desk.close()
        assert desk.session is not None
        assert list(desk.session.jobs) == [2]

    desk.run(story())


def test_removing_everything_leads_back_to_the_empty_window(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "one.pdf", "two.pdf")
        window.jobs.select_all.trigger()
        window.workspace.removal.remove(window.workspace.queue.jobs())
        await until(lambda: window.content.currentWidget() is window.drop_zone)
        await window.workspace.removal.commit()
        await until(lambda: desk.session is not None and not desk.session.jobs)

    desk.run(story())


def test_unfinished_documents_are_offered(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(unfinished=["old-9p.pdf", "older-9p.pdf"])
        await until(lambda: window.bars.texts())
        assert window.bars.texts() == ["Work on 2 documents was interrupted last time."]
        assert {view.state for view in window.model.views()} == {JobState.PAUSED}
        window.bars.bars()[0].buttons[0].click()
        await until(lambda: {view.state for view in window.model.views()} == {JobState.DONE})

    desk.run(story())


def test_old_documents_do_not_start_a_host_for_their_thumbnails(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(unfinished=["old-9p.pdf", "older-9p.pdf", "oldest-9p.pdf"])
        pane = window.workspace.document.pane
        await until(lambda: pane.picture.has_picture)  # of the document that is chosen
        window.workspace.queue.list.repaint()
        assert desk.session is not None
        assert {what for kind, what in desk.session.asked if kind == "picture"} == {(1, 0)}

    desk.run(story())


def test_removing_one_after_another_forgets_the_first_alone(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "one.pdf", "two.pdf", "three.pdf")
        window.workspace.removal.remove([1])
        window.workspace.removal.remove([2])
        assert desk.session is not None
        await until(lambda: list(desk.session.jobs) == [2, 3])
        assert len(window.bars.texts()) == 1
        assert "two.pdf" in window.bars.texts()[0]
        window.jobs.undo.trigger()
        assert [view.name for view in window.model.views()] == ["two.pdf", "three.pdf"]

    desk.run(story())


def test_undo_works_whatever_else_is_said(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "one.pdf", "two.pdf")
        window.workspace.removal.remove([1])
        for number in range(6):
            window.bars.say(f"message {number}")
        await asyncio.sleep(0)
        window.jobs.undo.trigger()
        assert [view.name for view in window.model.views()] == ["one.pdf", "two.pdf"]
        assert not window.workspace.removal.can_undo

    desk.run(story())


def test_delete_goes_on_with_the_next_document(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "one.pdf", "two.pdf", "three.pdf")
        window.workspace.queue.choose(1)
        window.activateWindow()
        window.workspace.queue.list.setFocus()
        await until(window.workspace.queue.list.hasFocus)
        for left in (["two.pdf", "three.pdf"], ["three.pdf"]):
            await until(window.jobs.remove.isEnabled)
            QTest.keyClick(window.workspace.queue.list, Qt.Key.Key_Delete)
            assert [view.name for view in window.model.views()] == left
            await until(lambda: len(window.workspace.queue.jobs()) == 1)

    desk.run(story())


def test_removing_many_documents_shows_none_of_them(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, *(f"{number}.pdf" for number in range(30)))
        shown: list[int | None] = []
        window.workspace.queue.chosen.connect(shown.append)
        window.workspace.removal.remove(list(range(1, 30)))
        await until(lambda: shown)
        await asyncio.sleep(0.05)  # and no other one
        assert shown == [30]
        window.jobs.undo.trigger()
        assert len(window.model.views()) == 30

    desk.run(story())


def test_document_that_cannot_be_forgotten_comes_back(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "one.pdf", "two.pdf")

        async def refuse(job: int) -> None:
            raise DesktopOcrError(ErrorCode.DISK_FULL, f"The disk is full ({job}).")

        assert desk.session is not None
        desk.session.remove = refuse  # type: ignore[method-assign]
        window.workspace.removal.remove([1])
        await window.workspace.removal.commit()
        assert [view.name for view in window.model.views()] == ["one.pdf", "two.pdf"]
        assert window.bars.texts() == ["The disk is full (1)."]
        window.workspace.removal.remove([2])  # and the window closes as ever

    desk.run(story())
