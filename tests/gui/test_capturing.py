"""A region of the screen is chosen, read, and is in the clipboard as text.

The offscreen platform has nothing on its screen: a picture is put in its place (`FakeShots`). Keys on a real
display server are in test_shortcut_keys.py.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QKeySequence, QPixmap
from PySide6.QtTest import QTest

from desktop_ocr.gui import capture_shots, capturing
from desktop_ocr.gui.capture_portal import portal_shot
from desktop_ocr.gui.capture_shots import Shot, take_shots
from desktop_ocr.gui.capturing import Capturing
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.shortcut_keys import how_else, keysym_name, only_combination
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from tests.gui.conftest import Desk, until

pytestmark = pytest.mark.gui


class FakeShots:
    """In place of `take_shots`: the screen is a picture at twice the window system's resolution."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> list[Shot]:
        self.times += 1
        screen = QGuiApplication.primaryScreen()
        picture = QPixmap(screen.geometry().size() * 2)
        picture.fill(QColor("#204060"))
        return [Shot(screen, picture)]


async def ready(desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[MainWindow, Capturing]:
    window = await desk.fake()
    monkeypatch.setattr(capturing, "take_shots", FakeShots())
    made = Capturing(window._worker, window.tasks, window.bars, folder, window)
    return window, made


async def overlay_of(made: Capturing) -> capturing.CaptureOverlay:
    await until(lambda: made.choosing)
    return made.overlays[0]


def test_a_region_drawn_with_the_mouse_is_read(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        window, made = await ready(desk, tmp_path, monkeypatch)
        told: list[tuple[str, int]] = []
        over: list[bool] = []
        made.captured.connect(lambda text, job: told.append((text, job)))
        made.over.connect(over.append)
        made.start()
        made.start()  # again, by the shortcut: the first one goes on
        overlay = await overlay_of(made)
        assert len(made.overlays) == 1
        QTest.mousePress(overlay, Qt.MouseButton.LeftButton, pos=QPoint(150, 120))
        QTest.mouseMove(overlay, QPoint(60, 60))
        QTest.mouseMove(overlay, QPoint(50, 40))
        assert overlay.region == QRect(50, 40, 100, 80)
        QTest.mouseRelease(overlay, Qt.MouseButton.LeftButton, pos=QPoint(50, 40))
        await until(lambda: bool(told))
        assert told[0][0] == "The text of the screen is in the clipboard."
        (file,) = tmp_path.iterdir()
        assert file.name.startswith("Captured ")
        saved = QImage(str(file))
        assert (saved.width(), saved.height(), saved.pixelColor(5, 5).name()) == (200, 160, "#204060")
        assert desk.session is not None
        result = await desk.session.result(told[0][1], 0)
        assert result is not None
        assert result.lines[0].text in QGuiApplication.clipboard().text()
        assert ("look_at", (told[0][1], 0)) in desk.session.asked
        assert window.isVisible()
        assert not made.choosing
        assert over == [False]

    desk.run(story())


def test_it_goes_by_keys_alone(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        _, made = await ready(desk, tmp_path, monkeypatch)
        done: list[str] = []
        made.captured.connect(lambda text, _job: done.append(text))
        made.start()
        overlay = await overlay_of(made)
        assert overlay.accessibleName()
        assert "Space" in overlay.accessibleDescription()
        QTest.keyClick(overlay, Qt.Key.Key_Space)
        for _ in range(3):
            QTest.keyClick(overlay, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
        for _ in range(20):
            QTest.keyClick(overlay, Qt.Key.Key_Down)
        assert (overlay.region.width(), overlay.region.height()) == (120, 40)
        QTest.keyClick(overlay, Qt.Key.Key_Return)
        await until(lambda: bool(done))
        assert QImage(str(next(tmp_path.iterdir()))).width() == 240

    desk.run(story())


@pytest.mark.parametrize("how", ["escape", "right button", "closed by the window system"])
def test_who_gives_up_leaves_nothing_behind(
    how: str, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        window, made = await ready(desk, tmp_path, monkeypatch)
        steps: list[object] = []
        made.began.connect(lambda: steps.append("began"))
        made.over.connect(steps.append)
        made.start()
        overlay = await overlay_of(made)
        assert steps == ["began"]
        QTest.mouseClick(overlay, Qt.MouseButton.LeftButton, pos=QPoint(9, 9))  # a click is no region
        assert made.choosing
        if how == "escape":
            QTest.keyClick(overlay, Qt.Key.Key_Escape)
        elif how == "right button":
            QTest.mouseClick(overlay, Qt.MouseButton.RightButton)
        else:
            overlay.close()
        await until(lambda: not made.choosing)
        await asyncio.sleep(0.05)
        assert steps == ["began", True]
        assert not list(tmp_path.iterdir())
        assert not window.model.views()
        made.start()  # and once more
        await overlay_of(made)

    desk.run(story())


def test_a_screen_that_cannot_be_seen_is_told(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        window, made = await ready(desk, tmp_path, monkeypatch)

        def refused() -> list[Shot]:
            raise DesktopOcrError(ErrorCode.NO_PERMISSION, "This desktop does not let programs do that.")

        monkeypatch.setattr(capturing, "take_shots", refused)
        made.start()
        await until(lambda: any("does not let programs" in text for text in window.bars.texts()))
        assert window.isVisible()
        made.start()
        await until(lambda: window.bars.texts() != [])

    desk.run(story())


@pytest.mark.usefixtures("qapp")
def test_screens_that_show_nothing_are_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    class FakeDarkScreen:
        def grabWindow(self, _window: int) -> QPixmap:  # noqa: N802 - Qt's name
            return QPixmap()

    monkeypatch.setattr(capture_shots.QGuiApplication, "screens", lambda: [FakeDarkScreen()])
    with pytest.raises(DesktopOcrError) as told:
        take_shots()
    assert told.value.code is ErrorCode.NO_PERMISSION
    assert "Ctrl+V" in str(told.value)


async def test_without_a_bus_there_is_no_portal() -> None:
    with pytest.raises(DesktopOcrError) as told:
        await portal_shot("unix:path=/nonexistent/bus")
    assert told.value.code is ErrorCode.NO_PERMISSION


@pytest.mark.parametrize(
    ("keys", "name"),
    [("Ctrl+Alt+T", "t"), ("Meta+Shift+4", "4"), ("Print", "Print"), ("F9", "F9"), ("Ctrl+Space", "space")],
)
def test_keys_that_may_be_had_from_anywhere(keys: str, name: str) -> None:
    combination = only_combination(keys)
    assert combination is not None
    assert QKeySequence(combination).matches(QKeySequence(keys)) is QKeySequence.SequenceMatch.ExactMatch
    assert keysym_name(combination.key()) == name


@pytest.mark.parametrize("keys", ["a", "Shift+A", "Space", "Ctrl+K, Ctrl+C", "nonsense", ""])
def test_keys_that_would_take_something_away(keys: str) -> None:
    assert only_combination(keys) is None


def test_where_no_keys_can_be_had_the_command_is_named() -> None:
    assert "desktop-ocr capture" in how_else()
