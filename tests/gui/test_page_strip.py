"""The strip of small pictures, on a fake session: thousands of pages, few pictures."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_ocr.core.api import PagePicture
from desktop_ocr.gui import strip_pictures
from desktop_ocr.gui.page_pane import PagePane
from desktop_ocr.gui.strip_delegate import badges, page_words
from desktop_ocr.gui.strip_pictures import KEPT_BYTES
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.events import PageEdited
from desktop_ocr.schema.jobs import JobState, PageState, PageView
from tests.gui.conftest import Desk, until

MANY = 2000


async def opened(desk: Desk, name: str, **how: object) -> PagePane:
    """A document with a strip beside its first page."""
    window = await desk.fake(**how)
    await desk.add(window, name, state=None)
    pane = window.workspace.document.pane
    await until(lambda: pane.strip.isVisible() and pane.picture.has_picture)
    return pane


def small_pictures(desk: Desk) -> list[int]:
    assert desk.session is not None
    return [page for kind, (_job, page) in desk.session.asked if kind == "small picture"]  # type: ignore[misc]


def test_pages_in_view_get_pictures_and_no_others(desk: Desk) -> None:
    async def story() -> None:
        pane = await opened(desk, f"archive-{MANY}p.pdf", stop_at=3)
        strip = pane.strip
        await until(lambda: strip.rows.rowCount() == MANY)
        visible = strip.visible_pages()
        assert visible[0] == 0
        assert len(visible) < 12
        await until(lambda: all(strip.pictures.get(page) is not None for page in visible))
        assert set(small_pictures(desk)) <= set(visible)
        bar = strip.verticalScrollBar()
        bar.setValue(bar.maximum())
        await until(lambda: strip.pictures.get(MANY - 1) is not None)
        assert strip.pictures.get(MANY // 2) is None

    desk.run(story())


def test_scrolling_over_thousands_of_pages_keeps_few_pictures(desk: Desk) -> None:
    async def story() -> None:
        pane = await opened(desk, f"archive-{MANY}p.pdf", stop_at=3)
        strip, bar = pane.strip, pane.strip.verticalScrollBar()
        await until(lambda: strip.rows.rowCount() == MANY)
        for step in range(200):
            bar.setValue(bar.maximum() * step // 199)
            await asyncio.sleep(0.003)
        await until(lambda: strip.pictures.get(MANY - 1) is not None)
        assert strip.pictures.kept_bytes <= KEPT_BYTES
        fetched = len(small_pictures(desk))
        assert fetched < MANY / 4  # what has scrolled away is not fetched any more
        assert strip.pictures.kept <= fetched

    desk.run(story())


def test_pictures_are_let_go_when_there_are_too_many(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    most = 400_000
    monkeypatch.setattr(strip_pictures, "KEPT_BYTES", most)

    async def story() -> None:
        pane = await opened(desk, "archive-60p.pdf", stop_at=3)
        strip, bar = pane.strip, pane.strip.verticalScrollBar()
        await until(lambda: strip.rows.rowCount() == 60)
        height = strip.sizeHintForRow(0)
        for first in range(0, 60, 5):
            bar.setValue(first * height)
            await until(lambda: all(strip.pictures.get(page) is not None for page in strip.visible_pages()))
        assert strip.pictures.kept_bytes <= most
        assert len(set(small_pictures(desk))) > strip.pictures.kept
        strip.free()
        assert strip.pictures.kept <= len(strip.visible_pages())

    desk.run(story())


def test_strip_and_page_follow_each_other(desk: Desk) -> None:
    async def story() -> None:
        pane = await opened(desk, "report-40p.pdf")
        strip = pane.strip
        await until(lambda: strip.rows.rowCount() == 40)
        pane.go_to(30)
        assert strip.currentIndex().row() == 30
        await until(lambda: 30 in strip.visible_pages())
        strip.setFocus()
        QTest.keyClick(strip, Qt.Key.Key_Down)
        assert pane.page == 31
        QTest.mouseClick(
            strip.viewport(),
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            strip.visualRect(strip.rows.index(32)).center(),
        )
        assert pane.page == 32

    desk.run(story())


def test_strip_can_be_switched_off_and_is_not_there_for_one_page(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "one.pdf")
        pane = window.workspace.document.pane
        await until(lambda: pane.picture.has_picture)
        assert not pane.strip.isVisible()
        await desk.add(window, "report-3p.pdf")
        window.workspace.queue.choose(2)
        await until(pane.strip.isVisible)
        window.views.strip.trigger()
        assert not pane.strip.isVisible()
        assert not desk.preferences.shown("strip", True)

    desk.run(story())


def test_states_of_pages_are_marked_and_told(desk: Desk) -> None:
    async def story() -> None:
        pane = await opened(desk, "heavy bad-6p.pdf")
        strip = pane.strip
        index = strip.rows.index(1)
        accessible = Qt.ItemDataRole.AccessibleTextRole
        await until(lambda: index.data(accessible) == "Page 2: could not be read, less detail")
        pane.page_edited(PageEdited(1, 3, 2, True))
        assert strip.rows.index(3).data(accessible) == "Page 4: edited"
        pane.page_edited(PageEdited(1, 3, 0, False))
        assert strip.rows.index(3).data(accessible) == "Page 4"

    desk.run(story())


def test_document_that_is_gone_has_no_small_pictures_and_is_not_asked_again(desk: Desk) -> None:
    async def story() -> None:
        pane = await opened_gone(desk)
        strip = pane.strip
        await until(lambda: all(strip.pictures.is_refused(page) for page in range(3)))
        asked = len(small_pictures(desk))
        strip._ask_soon()
        await asyncio.sleep(0.2)
        assert len(small_pictures(desk)) == asked
        assert desk.session is not None
        desk.session.found.add("gone-3p.pdf")
        pane.renew_picture()
        await until(lambda: all(strip.pictures.get(page) is not None for page in range(3)))

    async def opened_gone(desk: Desk) -> PagePane:
        window = await desk.fake()
        await desk.add(window, "gone-3p.pdf", state=JobState.DONE)
        pane = window.workspace.document.pane
        await until(pane.strip.isVisible)
        return pane

    desk.run(story())


def test_words_and_badges_of_pages() -> None:
    error = ErrorInfo(ErrorCode.DAMAGED, "It is damaged.")
    assert page_words(PageView(0, PageState.WAITING)) == "Page 1: not read yet"
    assert badges(PageView(0, PageState.WAITING)) == []
    failed = PageView(4, PageState.FAILED, error, edited=True)
    assert page_words(failed) == "Page 5: could not be read, edited"
    assert [name for name, _role in badges(failed)] == ["circle-alert", "pencil"]
    poor = PageView(4, PageState.DONE, degraded="tables were left out", left_out="Formulas left out")
    assert page_words(poor) == "Page 5: less detail, incomplete"
    assert [name for name, _role in badges(PageView(4, PageState.PARTIAL))] == ["loader"]


def test_page_that_a_host_died_of_is_asked_for_again_but_not_for_ever(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        pane = await opened(desk, "report-3p.pdf")
        strip, session = pane.strip, desk.session
        assert session is not None
        await until(lambda: all(strip.pictures.get(page) is not None for page in range(3)))
        draw, died = session.picture, dict.fromkeys(range(3), 0)

        async def dying(job: int, page: int, *rest: Any) -> PagePicture:
            if page == 2 or not died[page]:
                died[page] += 1
                raise DesktopOcrError(ErrorCode.HOST_DIED, "The document process was killed.")
            return await draw(job, page, *rest)

        monkeypatch.setattr(session, "picture", dying)
        strip.forget(1)
        await until(lambda: strip.pictures.get(0) is not None and strip.pictures.get(1) is not None)
        await until(lambda: strip.pictures.is_refused(2))
        assert died == {0: 1, 1: 1, 2: strip_pictures.MOST_TRIES}

    desk.run(story())
