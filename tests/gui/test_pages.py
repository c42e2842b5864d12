"""Looking at pages, on a fake session: turning, following, zoom, copying."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from desktop_ocr.core.api import PagePicture
from desktop_ocr.gui.fit import Fit
from desktop_ocr.gui.page_pane import PagePane
from desktop_ocr.schema.events import PageFinished
from desktop_ocr.schema.jobs import JobState, PageState, PageView
from tests.gui.conftest import Desk, until
from tests.gui.fake_session import SMALL, FakeSession
from tests.gui.helpers import shown_text


def test_pages_show_while_the_rest_is_still_to_do(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(stop_at=5)
        await desk.add(window, "report-40p.pdf", state=None)
        pane = window.workspace.document.pane
        await until(lambda: window.model.views()[0].pages_done == 5)
        await until(lambda: "harbour office" in shown_text(window))
        pane.go_to(20)
        await until(lambda: shown_text(window).startswith("Not read yet"))
        await until(lambda: pane.picture.has_picture)
        assert pane.bar.spin.value() == 21

    desk.run(story())


def test_document_stays_at_its_first_page_while_its_pages_are_asked_for(desk: Desk) -> None:
    async def story() -> None:
        class Slow(FakeSession):
            gate = asyncio.Event()

            async def pages(self, job: int) -> list[PageView]:
                await self.gate.wait()
                return await super().pages(job)

        window = await desk.open(lambda emit: Slow(emit, stop_at=5, pace=0.03))
        await desk.add(window, "report-40p.pdf", state=JobState.RUNNING)
        pane = window.workspace.document.pane
        await until(lambda: window.model.views()[0].pages_done == 5)
        assert pane.page == 0

        async def open_gate(_session: object) -> None:
            Slow.gate.set()

        await window._worker.ask(open_gate)
        await until(lambda: "harbour office" in shown_text(window))
        assert pane.page == 0

    desk.run(story())


def test_pages_are_turned_by_keyboard_and_number(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "report-9p.pdf")
        pane = window.workspace.document.pane
        await until(lambda: pane.picture.has_picture)
        QTest.keyClick(pane.picture, Qt.Key.Key_PageDown)
        QTest.keyClick(pane.picture, Qt.Key.Key_PageDown)
        assert pane.page == 2
        QTest.keyClick(pane.picture, Qt.Key.Key_PageUp)
        assert pane.page == 1
        pane.bar.spin.setValue(9)
        assert pane.page == 8
        assert not window.views.forward.isEnabled()
        window.views.first.trigger()
        assert pane.page == 0

    desk.run(story())


def test_turning_many_pages_fast_asks_for_few_pictures(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "report-60p.pdf")
        pane = window.workspace.document.pane
        await until(lambda: pane.picture.has_picture)
        assert desk.session is not None
        desk.session.asked.clear()
        for _ in range(50):
            pane.step(1)
            await asyncio.sleep(0)
        await until(lambda: pane.picture.has_picture)
        pictures = [what for kind, what in desk.session.asked if kind == "picture"]
        assert (1, 50) in pictures
        assert len(pictures) <= 7  # with its neighbours

    desk.run(story())


def test_follow_shows_each_page_until_the_user_turns_one(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(pace=0.05)
        await desk.add(window, "report-400p.pdf", state=None)
        pane = window.workspace.document.pane
        await until(lambda: window.views.follow.isEnabled())
        window.views.follow.trigger()
        await until(lambda: pane.page >= 3)
        pane.step(-1)
        assert not window.views.follow.isChecked()
        page = pane.page
        done = window.model.views()[0].pages_done
        await until(lambda: window.model.views()[0].pages_done >= done + 3)
        assert pane.page == page

    desk.run(story())


@pytest.mark.parametrize("following", [False, True])
def test_text_appears_as_soon_as_the_page_looked_at_is_read(desk: Desk, following: bool) -> None:
    async def story() -> None:
        window = await desk.fake(stop_at=0)
        await desk.add(window, "report-9p.pdf", state=JobState.RUNNING)
        pane = window.workspace.document.pane
        await until(lambda: len(pane.walk.pages) == 9 and pane.picture.has_picture)
        if following:
            window.views.follow.trigger()
        assert shown_text(window).startswith("Not read yet")
        assert desk.session is not None
        desk.session.jobs[1].pages[0] = PageView(0, PageState.DONE)
        pane.page_finished(PageFinished(1, 0, PageState.DONE, 0.1))
        await until(lambda: "harbour office" in shown_text(window))
        await until(lambda: pane.picture.overlays.marks is not None)

    desk.run(story())


def test_failed_page_says_why_and_can_be_tried_again(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "bad-3p.pdf")
        pane = window.workspace.document.pane
        await until(lambda: pane.bar.marked[0].isVisible())
        window.views.failed.trigger()
        await until(lambda: "Scan this page again." in shown_text(window))
        assert pane.page == 1
        pane.result.card.button.click()
        await until(lambda: "harbour office" in shown_text(window))
        await until(lambda: not pane.bar.marked[0].isVisible())

    desk.run(story())


def test_zoom(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf")
        picture = window.workspace.document.pane.picture
        await until(lambda: picture.has_picture)
        window.views.fit_page.trigger()
        page = picture.factor
        window.views.fit_width.trigger()
        assert picture.factor > page * 0.9
        window.views.actual.trigger()
        assert picture.factor == pytest.approx(1.0)
        assert picture.fit is Fit.FREE
        assert not window.views.fit_width.isChecked()
        window.views.zoom_in.trigger()
        assert window.workspace.document.pane.bar.zoom.text() == "125 %"

    desk.run(story())


def test_copied_text_is_that_of_the_page(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "港务局-1p.pdf")
        await until(lambda: "港务局年度报告" in shown_text(window))
        window.views.copy_page.trigger()
        assert "<h1" in QGuiApplication.clipboard().mimeData().html()
        assert QGuiApplication.clipboard().text().startswith("港务局年度报告")
        window.workspace.document.pane.result.plain.setChecked(True)
        window.views.copy_page.trigger()
        assert QGuiApplication.clipboard().text().startswith("港务局年度报告")
        assert desk.preferences.text_shown == "lines"

    desk.run(story())


def test_page_that_finishes_while_pages_are_asked_for_is_not_forgotten(desk: Desk) -> None:
    """The event may overtake the answer."""

    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "report-3p.pdf")
        pane = window.workspace.document.pane
        await until(lambda: pane.picture.has_picture)
        assert desk.session is not None
        desk.session.jobs[1].pages[2] = PageView(2, PageState.WAITING)
        learning = asyncio.ensure_future(pane.walk.learn_pages(1))
        await asyncio.sleep(0)
        pane.page_finished(PageFinished(1, 2, PageState.DONE, 0.1))
        await learning
        assert pane.walk.pages.state(2) is PageState.DONE

    desk.run(story())


def test_answers_about_all_pages_may_overtake_each_other(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "report-3p.pdf")
        pane = window.workspace.document.pane
        await until(lambda: pane.picture.has_picture)
        session, answers = desk.session, list[asyncio.Event]()
        assert session is not None
        pages = session.pages

        async def late(job: int) -> list[PageView]:
            known = await pages(job)
            answers.append(asyncio.Event())
            await answers[-1].wait()
            return known

        async def let_go(which: int) -> None:
            async def letting(_session: object) -> None:
                answers[which].set()

            await window._worker.ask(letting)

        session.pages = late  # type: ignore[method-assign]
        session.jobs[1].pages[2] = PageView(2, PageState.WAITING)
        first = asyncio.ensure_future(pane.walk.learn_pages(1))
        await until(lambda: len(answers) == 1)
        session.jobs[1].pages[1] = PageView(1, PageState.WAITING)
        second = asyncio.ensure_future(pane.walk.learn_pages(1))
        await until(lambda: len(answers) == 2)
        await let_go(1)
        await second
        pane.page_finished(PageFinished(1, 2, PageState.DONE, 0.1))
        await let_go(0)
        await first
        assert [pane.walk.pages.state(page) for page in range(3)] == [PageState.DONE, PageState.WAITING, PageState.DONE]

    desk.run(story())


async def half_read(desk: Desk) -> PagePane:
    """A document of nine pages, of which two have been read."""
    window = await desk.fake(stop_at=2)
    await desk.add(window, "report-9p.pdf", state=JobState.RUNNING)
    pane = window.workspace.document.pane
    await until(lambda: pane.bar.total.text() == "of 9")
    return pane


class Gate:
    """Lets pictures through when it is opened; knows who waits."""

    def __init__(self, session: FakeSession) -> None:
        self.open = True
        self.waiting: list[tuple[int, int]] = []
        self._picture = session.picture
        session.picture = self._late  # type: ignore[method-assign]

    async def _late(self, job: int, page: int, max_width: int, max_height: int, region: object = None) -> PagePicture:
        picture = await self._picture(job, page, max_width, max_height, region)
        if max_width <= SMALL:
            return picture
        self.waiting.append((job, page))
        while not self.open:
            await asyncio.sleep(0.005)
        self.waiting.remove((job, page))
        return picture


def test_picture_asked_for_twice_is_shown(desk: Desk) -> None:
    """The user turns a page and back while its picture is on its way."""

    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "report-9p.pdf")
        pane = window.workspace.document.pane
        await until(lambda: pane.picture.has_picture)
        assert desk.session is not None
        gate = Gate(desk.session)
        gate.open = False
        pane.go_to(4)
        await until(lambda: gate.waiting == [(1, 4)])
        pane.step(1)
        pane.step(-1)
        assert not pane.picture.has_picture
        gate.open = True
        await until(lambda: pane.picture.has_picture)

    desk.run(story())


def test_picture_stays_while_its_page_is_read(desk: Desk) -> None:
    async def story() -> None:
        pane = await half_read(desk)
        pane.go_to(5)
        await until(lambda: pane.loader.kept(1, 5, 1))
        assert desk.session is not None
        gate = Gate(desk.session)
        gate.open = False
        pane.page_finished(PageFinished(1, 5, PageState.DONE, 0.1))
        await until(lambda: gate.waiting)
        assert pane.picture.has_picture  # no blank sheet in between
        gate.open = True

    desk.run(story())


def test_picture_from_before_a_page_was_read_is_not_kept(desk: Desk) -> None:
    """The page may have been turned upright since."""

    async def story() -> None:
        pane = await half_read(desk)
        pane.go_to(5)
        await until(lambda: pane.loader.kept(1, 5, 1))
        pane.go_to(6)
        pane.page_finished(PageFinished(1, 5, PageState.DONE, 0.1))
        assert pane.loader.kept(1, 5, 1) is None
        assert desk.session is not None
        gate = Gate(desk.session)
        gate.open = False
        pane.go_to(7)
        await until(lambda: gate.waiting == [(1, 7)])
        pane.go_to(8)
        pane.page_finished(PageFinished(1, 7, PageState.DONE, 0.1))
        gate.open = True
        await until(lambda: pane.loader.kept(1, 8, 1))
        assert pane.loader.kept(1, 7, 1) is None

    desk.run(story())


def test_marks_of_one_page_are_not_drawn_on_another(desk: Desk) -> None:
    async def story() -> None:
        pane = await half_read(desk)
        pane.go_to(5)  # not read yet, and its picture is kept
        await until(lambda: pane.loader.kept(1, 5, 1))
        pane.go_to(0)
        await until(lambda: pane.picture.overlays.lines.shapes)
        pane.go_to(5)
        assert pane.picture.has_picture
        assert not pane.picture.overlays.lines.shapes

    desk.run(story())


def test_another_document_and_back_is_at_the_same_page(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "report-9p.pdf")
        await desk.add(window, "other-3p.pdf")
        queue, pane = window.workspace.queue, window.workspace.document.pane
        queue.list.setCurrentIndex(window.model.index(0))
        await until(lambda: pane.job == window.model.views()[0].job and pane.picture.has_picture)
        pane.go_to(6)
        queue.list.setCurrentIndex(window.model.index(1))
        await until(lambda: pane.bar.spin.maximum() == 3)
        assert pane.page == 0
        queue.list.setCurrentIndex(window.model.index(0))
        await until(lambda: pane.bar.spin.maximum() == 9)
        assert (pane.page, pane.bar.spin.value()) == (6, 7)

    desk.run(story())
