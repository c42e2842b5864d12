"""Actions on the page being looked at: turning pages, zoom, marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QWidget

from desktop_ocr.gui import icons
from desktop_ocr.gui.fit import Fit
from desktop_ocr.gui.overlays import Overlay
from desktop_ocr.gui.preferences import Preferences

if TYPE_CHECKING:
    from desktop_ocr.gui.page_pane import PagePane


class ViewActions(QObject):
    """Made once, shown in the menu and in the page's bar."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._icons: dict[QAction, str] = {}
        self.back = self._action(self.tr("&Previous page"), "chevron-left", "Alt+Left")
        self.forward = self._action(self.tr("&Next page"), "chevron-right", "Alt+Right")
        self.first = self._action(self.tr("&First page"), "", "Ctrl+Home")
        self.last = self._action(self.tr("&Last page"), "", "Ctrl+End")
        self.follow = self._action(self.tr("Follow the wor&k"), "eye", "Ctrl+Shift+F", checkable=True)
        self.follow.setToolTip(self.tr("Show each page as soon as it is read"))
        self.failed = self._action(self.tr("Next faile&d page"), "triangle-alert", "Ctrl+F8")
        self.degraded = self._action(self.tr("Next page wi&th less detail"), "circle-dashed", "Ctrl+Shift+F8")
        self.noted = self._action(self.tr("Ne&xt incomplete page"), "info", "Alt+F8")
        self.again = self._action(self.tr("Recognise &page again"), "rotate-cw", "Ctrl+Shift+R")
        self.again_otherwise = self._action(self.tr("Recognise page w&ith other settings…"), "", "Ctrl+Shift+P")
        self.again_otherwise.setEnabled(False)
        self.zoom_in = self._action(self.tr("Zoom &in"), "zoom-in", QKeySequence.StandardKey.ZoomIn)
        self.zoom_out = self._action(self.tr("Zoom &out"), "zoom-out", QKeySequence.StandardKey.ZoomOut)
        self.fit_width = self._action(self.tr("Fit &width"), "move-horizontal", "Ctrl+1", checkable=True)
        self.fit_page = self._action(self.tr("Fit p&age"), "maximize", "Ctrl+2", checkable=True)
        self.actual = self._action(self.tr("&Size on paper"), "", "Ctrl+0")
        self.turn_left = self._action(self.tr("T&urn left"), "rotate-ccw", "Alt+Shift+Left")
        self.turn_right = self._action(self.tr("Turn ri&ght"), "rotate-cw", "Alt+Shift+Right")
        self.blocks = self._action(self.tr("&Blocks by kind"), "", "Ctrl+Shift+B", checkable=True)
        self.marks = self._action(self.tr("&Lines by how sure they are"), "", "Ctrl+L", checkable=True)
        self.words = self._action(self.tr("&Words at the pointer"), "", "", checkable=True)
        self.order = self._action(self.tr("Reading &order"), "", "Ctrl+Shift+L", checkable=True)
        self.strip = self._action(self.tr("&Small pictures of the pages"), "", "F9", checkable=True)
        self.words.setChecked(True)
        self.strip.setChecked(True)
        self.select = self._action(self.tr("Select a part of the pa&ge"), "square-dashed", "S", checkable=True)
        self.select.setToolTip(self.tr("Select with the mouse (S); with Shift at any time"))
        self.copy_page = self._action(self.tr("Copy the page's &text"), "copy", "Ctrl+Shift+C")
        self.next_part = self._action(self.tr("Next pa&rt of the window"), "", "F6")
        # Where plus is a capital, the key itself will do.
        self.zoom_in.setShortcuts([self.zoom_in.shortcut(), QKeySequence("Ctrl+=")])
        fits = QActionGroup(self)
        fits.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)
        fits.addAction(self.fit_width)
        fits.addAction(self.fit_page)
        self.fit_width.setChecked(True)

    def all_actions(self) -> list[QAction]:
        """Every action."""
        return [value for value in vars(self).values() if isinstance(value, QAction)]

    def page_actions(self) -> list[QAction]:
        """Those that need a page, and whose use does not depend on which one it is."""
        zooms = [self.zoom_in, self.zoom_out, self.fit_width, self.fit_page, self.actual]
        turns = [self.turn_left, self.turn_right]
        return [*zooms, *turns, *self.overlays.values(), self.strip, self.select, self.copy_page]

    @property
    def overlays(self) -> dict[Overlay, QAction]:
        """Those that switch what is drawn over the page."""
        return {
            Overlay.BLOCKS: self.blocks,
            Overlay.LINES: self.marks,
            Overlay.WORDS: self.words,
            Overlay.ORDER: self.order,
        }

    def shown_actions(self) -> list[QAction | None]:
        """What a menu of all that can be shown offers."""
        return [*self.overlays.values(), None, self.strip]

    def remember_in(self, preferences: Preferences) -> None:
        """Show what was shown the last time, and remember what is from now on."""
        for action, name in [(action, name.value) for name, action in self.overlays.items()] + [(self.strip, "strip")]:
            action.setChecked(preferences.shown(name, action.isChecked()))
            action.toggled.connect(lambda on, name=name: preferences.set_shown(name, on))

    def _action(
        self, text: str, name: str, keys: str | QKeySequence.StandardKey, *, checkable: bool = False
    ) -> QAction:
        action = QAction(text, self._window)
        action.setShortcut(QKeySequence(keys))
        action.setCheckable(checkable)
        plain = text.replace("&", "")
        if keys:
            action.setToolTip(f"{plain} ({action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)})")
        if name:
            self._icons[action] = name
        self._window.addAction(action)
        return action

    def bind(self, pane: PagePane) -> None:
        """Let the actions act on a pane; they get their icons now, which an empty window does not show."""
        for action, name in self._icons.items():
            icons.set_icon(action, name, "warning" if action in (self.failed, self.degraded) else "text")
        picture = pane.picture
        self.back.triggered.connect(lambda: pane.step(-1))
        self.forward.triggered.connect(lambda: pane.step(1))
        walk = pane.walk
        self.first.triggered.connect(lambda: walk.go_to_end(False))
        self.last.triggered.connect(lambda: walk.go_to_end(True))
        self.failed.triggered.connect(lambda: walk.go_to_next(walk.pages.next_failed(walk.page)))
        self.degraded.triggered.connect(lambda: walk.go_to_next(walk.pages.next_degraded(walk.page)))
        self.noted.triggered.connect(lambda: walk.go_to_next(walk.pages.next_noted(walk.page)))
        self.again.triggered.connect(lambda: pane.recognise_again())
        self.zoom_in.triggered.connect(lambda: picture.zoom_in())
        self.zoom_out.triggered.connect(lambda: picture.zoom_out())
        self.actual.triggered.connect(lambda: picture.zoom(1.0))
        self.fit_width.triggered.connect(lambda on: picture.set_fit(Fit.WIDTH if on else Fit.FREE))
        self.fit_page.triggered.connect(lambda on: picture.set_fit(Fit.PAGE if on else Fit.FREE))
        self.turn_left.triggered.connect(lambda: pane.turn(-1))
        self.turn_right.triggered.connect(lambda: pane.turn(1))
        for action in self.overlays.values():
            action.toggled.connect(lambda _on: self._show_overlays(pane))
        self._show_overlays(pane)
        self.strip.toggled.connect(pane.strip.set_wanted)
        pane.strip.set_wanted(self.strip.isChecked())
        # A letter alone is a key of the picture: elsewhere it is text.
        self.select.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        picture.addAction(self.select)
        self.select.toggled.connect(picture.selecting.set_mode)
        picture.selecting.mode_changed.connect(self.select.setChecked)
        self.copy_page.triggered.connect(lambda: pane.result.copy_page())
        picture.zoomed.connect(lambda: self._show_fit(picture.fit))

    def _show_overlays(self, pane: PagePane) -> None:
        pane.show_overlays({name for name, action in self.overlays.items() if action.isChecked()})

    def _show_fit(self, fit: Fit) -> None:
        self.fit_width.setChecked(fit is Fit.WIDTH)
        self.fit_page.setChecked(fit is Fit.PAGE)
