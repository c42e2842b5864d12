"""Actions on the page being looked at: turning pages, zoom, marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QWidget

from desktop_ocr.gui import icons
from desktop_ocr.gui.fit import Fit

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
        self.failed = self._action(self.tr("Next faile&d page"), "triangle-alert", "F8")
        self.degraded = self._action(self.tr("Next page wi&th less detail"), "circle-dashed", "Shift+F8")
        self.noted = self._action(self.tr("Ne&xt incomplete page"), "info", "Ctrl+F8")
        self.again = self._action(self.tr("Recognise &page again"), "rotate-cw", "Ctrl+Shift+R")
        self.zoom_in = self._action(self.tr("Zoom &in"), "zoom-in", QKeySequence.StandardKey.ZoomIn)
        self.zoom_out = self._action(self.tr("Zoom &out"), "zoom-out", QKeySequence.StandardKey.ZoomOut)
        self.fit_width = self._action(self.tr("Fit &width"), "move-horizontal", "Ctrl+1", checkable=True)
        self.fit_page = self._action(self.tr("Fit p&age"), "maximize", "Ctrl+2", checkable=True)
        self.actual = self._action(self.tr("&Size on paper"), "", "Ctrl+0")
        self.marks = self._action(self.tr("&Mark recognised lines"), "scan-text", "Ctrl+L", checkable=True)
        self.marks.setToolTip(self.tr("Mark recognised lines on the page (Ctrl+L); doubtful ones are orange"))
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
        return [*zooms, self.marks, self.copy_page]

    def _action(
        self, text: str, name: str, keys: str | QKeySequence.StandardKey, *, checkable: bool = False
    ) -> QAction:
        action = QAction(text, self._window)
        action.setShortcut(QKeySequence(keys))
        action.setCheckable(checkable)
        plain = text.replace("&", "")
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
        self.first.triggered.connect(lambda: pane.go_to_end(False))
        self.last.triggered.connect(lambda: pane.go_to_end(True))
        self.failed.triggered.connect(lambda: pane.go_to_failed())
        self.degraded.triggered.connect(lambda: pane.go_to_degraded())
        self.noted.triggered.connect(lambda: pane.go_to_noted())
        self.again.triggered.connect(lambda: pane.recognise_again())
        self.zoom_in.triggered.connect(lambda: picture.zoom_in())
        self.zoom_out.triggered.connect(lambda: picture.zoom_out())
        self.actual.triggered.connect(lambda: picture.zoom(1.0))
        self.fit_width.triggered.connect(lambda on: picture.set_fit(Fit.WIDTH if on else Fit.FREE))
        self.fit_page.triggered.connect(lambda on: picture.set_fit(Fit.PAGE if on else Fit.FREE))
        self.marks.toggled.connect(picture.set_marks_shown)
        self.copy_page.triggered.connect(lambda: pane.result.copy_page())
        picture.zoomed.connect(lambda: self._show_fit(picture.fit))

    def _show_fit(self, fit: Fit) -> None:
        self.fit_width.setChecked(fit is Fit.WIDTH)
        self.fit_page.setChecked(fit is Fit.PAGE)
