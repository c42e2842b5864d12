"""The page's side of the review, on a fake session: places, overlays, selecting, sharpness, turning, errors."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from desktop_ocr.gui.gliding import Glide
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.overlays import Overlay
from desktop_ocr.gui.page_pane import PagePane
from desktop_ocr.gui.picture_view import MOST
from desktop_ocr.gui.review import NOWHERE, Place
from desktop_ocr.gui.wheel_turn import WheelTurn
from desktop_ocr.schema.edits import Hit
from desktop_ocr.schema.results import BlockKind, Box, polygon_box
from tests.gui.conftest import Desk, until
from tests.gui.fake_dense import dense_page
from tests.gui.fake_pages import figures
from tests.gui.helpers import drag_around, pressed

LEFT = Qt.MouseButton.LeftButton
NONE, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


async def opened(desk: Desk, name: str = "ledger dense.pdf") -> tuple[MainWindow, PagePane]:
    """A window with a document, its first page on the screen."""
    window = await desk.fake()
    await desk.add(window, name)
    pane = window.workspace.document.pane
    await until(lambda: pane.picture.has_picture and pane.picture.overlays.marks is not None)
    return window, pane


def spot(pane: PagePane, box: Box) -> QPoint:
    """The middle of a box of the page on the viewport."""
    return pane.picture.to_screen(box).center().toPoint()


def middle(box: Box) -> QPointF:
    return QPointF((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)


def asked(desk: Desk, what: str) -> list[object]:
    assert desk.session is not None
    return [which for kind, which in desk.session.asked if kind == what]


def chosen_words(menu: QMenu) -> list[str]:
    return [action.text().replace("&", "") for action in menu.actions() if action.text()]


# --- places ---------------------------------------------------------------------------------------------------


def test_click_chooses_the_line_and_it_is_marked(desk: Desk) -> None:
    async def story() -> None:
        _window, pane = await opened(desk)
        heard: list[str] = []
        pane.review.place_changed.connect(heard.append)
        box = polygon_box(dense_page(0).lines[5].polygon)
        QTest.mouseClick(pane.picture.viewport(), LEFT, NONE, spot(pane, box))
        assert pane.review.place.line == 5
        assert 5 in dense_page(0).blocks[pane.review.place.block].lines
        assert heard == ["picture"]
        marked = pane.picture.overlays.chosen.paths[0][0].boundingRect()
        assert marked.center() == middle(box)
        assert pane.picture.accessibleDescription() == dense_page(0).lines[5].text
        edits: list[None] = []
        pane.edit_wanted.connect(lambda: edits.append(None))
        QTest.mouseDClick(pane.picture.viewport(), LEFT, NONE, spot(pane, box))
        assert len(edits) == 1
        QTest.keyClick(pane.picture, Qt.Key.Key_Return)
        assert len(edits) == 2

    desk.run(story())


def test_click_chooses_a_cell_and_a_block_without_lines(desk: Desk) -> None:
    async def story() -> None:
        _window, pane = await opened(desk)
        result = dense_page(0)
        pane.picture.zoom(1.0)
        table = next(at for at, block in enumerate(result.blocks) if block.table is not None)
        found = result.blocks[table].table
        assert found is not None
        box = found.cells[4].box
        assert box is not None
        pane.picture.clicked.emit(middle(box))
        assert (pane.review.place.block, pane.review.place.cell) == (table, (4, 0))
        picture = next(at for at, block in enumerate(result.blocks) if block.kind is BlockKind.PICTURE)
        pane.picture.clicked.emit(middle(result.blocks[picture].box))
        assert pane.review.place == Place(picture)
        pane.picture.clicked.emit(QPointF(2.0, 2.0))
        assert pane.review.place == NOWHERE
        assert not pane.picture.overlays.chosen.paths

    desk.run(story())


def test_place_chosen_elsewhere_is_scrolled_to_and_one_in_sight_is_not(desk: Desk) -> None:
    async def story() -> None:
        _window, pane = await opened(desk)
        pane.picture.zoom(2.0)
        bar = pane.picture.verticalScrollBar()
        bar.setValue(0)
        result = dense_page(0)
        far = next(at for at, line in enumerate(result.lines) if line.polygon[1] > 1500)
        pane.review.choose(Place(line=far), "text")
        room = pane.picture.viewport().rect()
        await until(lambda: room.contains(spot(pane, polygon_box(result.lines[far].polygon))))
        await until(lambda: pane.picture._glide.state() is Glide.State.Stopped)
        stays = bar.value()
        pane.review.choose(Place(line=far + 1), "text")
        await asyncio.sleep(0.3)
        assert bar.value() == stays
        pane.review.choose(Place(line=far, word=2), "find")
        word = polygon_box(result.lines[far].words[2].polygon)
        assert pane.picture.overlays.chosen.paths[1][0].boundingRect().center() == middle(word)

    desk.run(story())


def test_lines_are_walked_by_keyboard(desk: Desk) -> None:
    async def story() -> None:
        _window, pane = await opened(desk)
        for _ in range(3):
            QTest.keyClick(pane.picture, Qt.Key.Key_Down, CTRL)
        assert pane.review.place.line == 2
        QTest.keyClick(pane.picture, Qt.Key.Key_Up, CTRL)
        assert pane.review.place.line == 1

    desk.run(story())


def test_hits_are_marked_where_their_words_are(desk: Desk) -> None:
    async def story() -> None:
        _window, pane = await opened(desk)
        line = dense_page(0).lines[40]
        at = line.text.index(line.words[4].text)
        hit = Hit(0, 40, at, at + len(line.words[4].text))
        pane.review.mark_hits((hit, Hit(0, 3, 0, 4)), hit)
        (others, _look), (current, _other) = pane.picture.overlays.found.paths
        assert current.boundingRect().center() == middle(polygon_box(line.words[4].polygon))
        assert not others.isEmpty()
        pane.review.mark_hits((), None)
        assert not pane.picture.overlays.found.paths

    desk.run(story())


# --- overlays -------------------------------------------------------------------------------------------------


def test_each_overlay_is_switched_and_remembered(desk: Desk) -> None:
    async def story() -> None:
        window, pane = await opened(desk)
        overlays, views = pane.picture.overlays, window.views
        assert overlays.shown == {Overlay.WORDS}
        assert not pane.legend.isVisible()
        for name, item in ((Overlay.BLOCKS, overlays.blocks), (Overlay.LINES, overlays.lines)):
            views.overlays[name].trigger()
            assert item.isVisible()
            assert item.shapes
        views.order.trigger()
        assert overlays.order.isVisible()
        assert "Table" in pane.legend.words
        assert "Formula" not in pane.legend.words  # there is none on this page
        assert "Doubtful" in pane.legend.words
        assert "Table" in pane.legend.accessibleName()
        views.blocks.trigger()
        views.order.trigger()
        assert pane.legend.words == ["Sure", "Fairly sure", "Doubtful", "By hand"]
        assert desk.preferences.shown("lines", False)
        assert not desk.preferences.shown("blocks", True)
        second = await desk.fake()
        assert second.views.marks.isChecked()

    desk.run(story())


def test_word_at_the_pointer_is_outlined_and_named(desk: Desk) -> None:
    async def story() -> None:
        window, pane = await opened(desk)
        line = dense_page(0).lines[8]
        word = line.words[6]
        pane.picture.hovered.emit(middle(polygon_box(word.polygon)))
        outlined = pane.picture.overlays.hovered.paths[0][0].boundingRect()
        assert outlined.center() == middle(polygon_box(word.polygon))
        words = pane.places.words_at(middle(polygon_box(word.polygon)))
        assert words == f"“{word.text}”, {100 * word.confidence:.0f} % sure"
        picture = next(block for block in dense_page(0).blocks if block.kind is BlockKind.PICTURE)
        assert pane.places.words_at(middle(picture.box)) == "Picture"
        window.views.words.trigger()
        pane.picture.hovered.emit(middle(polygon_box(line.words[5].polygon)))
        assert not pane.picture.overlays.hovered.paths

    desk.run(story())


# --- selecting and copying ------------------------------------------------------------------------------------


def test_part_is_selected_with_shift_and_its_text_copied(desk: Desk) -> None:
    async def story() -> None:
        _window, pane = await opened(desk, "figures.pdf")
        heard: list[object] = []
        pane.region_chosen.connect(heard.append)
        result = figures(0)
        box = result.blocks[0].box
        drag_around(pane, (box[0] - 20, box[1] - 10, box[2] + 20, result.blocks[1].box[3] + 4))
        assert pane.region is not None
        assert heard[-1] == pane.region
        assert pane.picture.overlays.region.paths
        pressed(pane.menu.build(), "Copy text")
        text = "Berths by quarter\n\nThe outer wall is counted apart; figures are ships a day & night <both tides>."
        await until(lambda: QGuiApplication.clipboard().text() == text)
        QTest.keyClick(pane.picture, Qt.Key.Key_Escape)
        assert pane.region is None
        assert heard[-1] is None

    desk.run(story())


def test_part_is_selected_by_keys_copied_as_a_picture_and_read_again(desk: Desk) -> None:
    async def story() -> None:
        window, pane = await opened(desk, "figures.pdf")
        pane.picture.setFocus()
        QTest.keyClick(pane.picture, Qt.Key.Key_S)
        await until(lambda: window.views.select.isChecked())
        QTest.keyClick(pane.picture, Qt.Key.Key_Right)
        before = pane.region
        assert before is not None
        QTest.keyClick(pane.picture, Qt.Key.Key_Down)
        QTest.keyClick(pane.picture, Qt.Key.Key_Right, SHIFT)
        after = pane.region
        assert after is not None
        assert after[1] > before[1]
        assert after[2] - after[0] > before[2] - before[0]
        QGuiApplication.clipboard().clear()
        pressed(pane.menu.build(), "Copy as picture")
        await until(lambda: not QGuiApplication.clipboard().image().isNull())
        image = QGuiApplication.clipboard().image()
        assert abs(image.width() - (after[2] - after[0])) <= 2  # the page was read at 200 dpi
        again: list[object] = []
        pane.region_again_wanted.connect(again.append)
        pressed(pane.menu.build(), "Recognise this part again…")
        assert again == [after]
        QTest.keyClick(pane.picture, Qt.Key.Key_Escape)
        QTest.keyClick(pane.picture, Qt.Key.Key_Escape)
        assert not window.views.select.isChecked()

    desk.run(story())


def test_blocks_have_a_menu_that_others_add_to(desk: Desk) -> None:
    async def story() -> None:
        _window, pane = await opened(desk, "figures.pdf")
        other = QAction("Delete the block", pane)
        seen: list[int] = []
        other.triggered.connect(lambda: seen.append(pane.review.place.block))
        pane.add_block_actions([other])
        result = figures(0)
        table = next(at for at, block in enumerate(result.blocks) if block.table is not None)
        pane.review.choose(Place(table), "text")
        menu = pane.menu.build()
        assert {"Copy the block's text", "Copy the table", "Delete the block"} <= set(chosen_words(menu))
        other.trigger()
        assert seen == [table]
        pressed(menu, "Copy the table")
        clipboard = QGuiApplication.clipboard()
        await until(lambda: clipboard.mimeData() is not None and "<table" in clipboard.mimeData().html())
        assert QGuiApplication.clipboard().text().splitlines()[2] == "Quay 1\t42\t52 (est.)"
        pressed(menu, "Select the block")
        assert pane.region == result.blocks[table].box
        pane.picture.selecting.clear()
        # By the mouse the block below it is meant, whatever was looked at before.
        point = spot(pane, result.blocks[1].box)
        reason = QContextMenuEvent.Reason.Mouse
        where = pane.picture.viewport().mapToGlobal(point)
        QApplication.sendEvent(pane.picture.viewport(), QContextMenuEvent(reason, point, where))
        await until(lambda: QApplication.activePopupWidget() is not None)
        assert pane.review.place.block == 1
        popup = QApplication.activePopupWidget()
        assert popup is not None
        popup.close()

    desk.run(story())


# --- sharpness and turning ------------------------------------------------------------------------------------


def test_part_that_is_seen_large_is_fetched_sharp(desk: Desk) -> None:
    async def story() -> None:
        _window, pane = await opened(desk, "report.pdf")
        assert not asked(desk, "part")
        pane.picture.zoom(MOST)
        assert pane.picture.has_picture  # the coarse one, meanwhile
        await until(lambda: pane.picture.has_part)
        part = pane.picture.wanted_part()
        assert part is not None
        assert pane.loader.kept_part(1, 0, part) is not None
        fetched = len(asked(desk, "part"))
        pane.picture.verticalScrollBar().setValue(pane.picture.verticalScrollBar().value() + 10)
        await asyncio.sleep(0.3)
        assert len(asked(desk, "part")) == fetched  # there is some around it
        pane.picture.verticalScrollBar().setValue(pane.picture.verticalScrollBar().maximum())
        await until(lambda: len(asked(desk, "part")) == fetched + 1)
        pane.picture.zoom(1.0)
        await until(lambda: not pane.picture.has_part)

    desk.run(story())


def test_page_turned_stays_so_and_others_do_not(desk: Desk) -> None:
    async def story() -> None:
        window, pane = await opened(desk, "report-3p.pdf")
        window.views.fit_page.trigger()
        line = polygon_box(pane.picture.overlays.marks.result.lines[0].polygon)  # type: ignore[union-attr]
        upright = pane.picture.to_screen(line)
        window.views.turn_right.trigger()
        turned = pane.picture.to_screen(line)
        assert turned.height() > turned.width()
        assert upright.width() > upright.height()
        QTest.mouseClick(pane.picture.viewport(), LEFT, NONE, spot(pane, line))
        assert pane.review.place.line == 0
        pane.step(1)
        assert pane.picture.quarters == 0
        pane.step(-1)
        assert pane.picture.quarters == 1
        window.views.turn_left.trigger()
        assert pane.picture.quarters == 0

    desk.run(story())


def test_keys_scroll_zoom_and_go_to_the_ends(desk: Desk) -> None:
    async def story() -> None:
        window, pane = await opened(desk, "report-5p.pdf")
        view, bar = pane.picture, pane.picture.verticalScrollBar()
        view.zoom(2.0)
        view.setFocus()
        QTest.keyClick(view, Qt.Key.Key_End)
        assert bar.value() == bar.maximum()
        QTest.keyClick(view, Qt.Key.Key_Home)
        assert bar.value() == bar.minimum()
        QTest.keyClick(view, Qt.Key.Key_Down)
        assert bar.value() > bar.minimum()
        before = view.factor
        QTest.keyClicks(view, "+")
        assert view.factor > before
        QTest.keyClicks(view, "-")
        assert abs(view.factor - before) < 1e-6
        QTest.keyClick(window, Qt.Key.Key_End, CTRL)
        await until(lambda: pane.page == 4)
        assert bar.value() == bar.minimum()  # another page is seen from its beginning

    desk.run(story())


def wheel(pane: PagePane, delta: int) -> None:
    view = pane.picture.viewport()
    at = QPointF(view.rect().center())
    where = QPointF(view.mapToGlobal(view.rect().center()))
    phase = Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, where, QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton, NONE, phase, False)
    QApplication.sendEvent(view, event)


def test_wheel_at_the_end_of_a_page_turns_it_after_a_pause(desk: Desk) -> None:
    async def story() -> None:
        _window, pane = await opened(desk, "report-5p.pdf")
        now = 100.0
        pane.picture._wheel = WheelTurn(lambda: now)
        pane.picture.zoom(2.0)
        bar = pane.picture.verticalScrollBar()
        wheel(pane, -120)
        assert pane.page == 0
        assert bar.value() > bar.minimum()
        bar.setValue(bar.maximum())
        wheel(pane, -120)
        assert pane.page == 0  # it has only just come to the end
        now += 1.0
        wheel(pane, -120)
        assert pane.page == 1
        assert bar.value() == bar.minimum()
        wheel(pane, 120)
        assert pane.page == 1
        now += 1.0
        wheel(pane, 120)
        assert pane.page == 0
        await until(lambda: pane.picture.has_picture)
        assert bar.value() == bar.maximum()  # backwards a page is seen from its end

    desk.run(story())


def test_neighbours_are_fetched_at_rest(desk: Desk) -> None:
    async def story() -> None:
        _window, pane = await opened(desk, "report-9p.pdf")
        pane.go_to(4)
        await until(lambda: pane.loader.kept(1, 5, 1) and pane.loader.kept(1, 3, 1))
        pane.step(1)
        assert pane.picture.has_picture  # at once

    desk.run(story())


# --- errors ---------------------------------------------------------------------------------------------------


def test_document_that_is_gone_says_so_and_can_be_located(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "gone-3p.pdf")
        pane = window.workspace.document.pane
        wanted: list[int] = []
        pane.locate_wanted.connect(wanted.append)
        button = pane.picture.sheet_words.button
        await until(button.isVisible)
        assert pane.picture.words == "The file “gone.pdf” is not there any more. Say where it is now."
        await until(lambda: pane.result.shows_text)  # the text can be used
        QTest.mouseClick(button, LEFT)
        assert wanted == [1]
        assert desk.session is not None
        desk.session.found.add("gone-3p.pdf")
        pane.renew_picture()
        await until(lambda: pane.picture.has_picture)
        assert not button.isVisible()

    desk.run(story())
