"""The bar above the page: turning pages, and zoom."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QAbstractSpinBox, QHBoxLayout, QLabel, QMenu, QSpinBox, QToolButton, QWidget

from desktop_ocr.gui import icons
from desktop_ocr.gui.words import tr

ICON_WIDTH = 34  # of a button without words


class PageBar(QWidget):
    """Page number, and buttons for the actions it is given.

    Signals:
        page_chosen: a page, from 0.
    """

    page_chosen = Signal(int)

    def __init__(
        self,
        back: QAction,
        forward: QAction,
        follow: QAction,
        marked: list[QAction],
        zooms: list[QAction],
        shown: list[QAction | None],
    ) -> None:
        """`marked` go to pages of a kind; they are there only while there are such pages. `shown` are in a menu."""
        super().__init__()
        self.setObjectName("pane-bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.spin = QSpinBox()
        self.spin.setObjectName("page")
        self.spin.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.spin.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.spin.setKeyboardTracking(False)
        self.spin.setAccessibleName(self.tr("Page number"))
        self.spin.setMinimumWidth(46)
        self.spin.valueChanged.connect(lambda value: self.page_chosen.emit(value - 1))
        self.total = QLabel()
        self.total.setObjectName("muted")
        self.zoom = QLabel()
        self.zoom.setObjectName("muted")
        self.zoom.setMinimumWidth(44)
        self.zoom.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.marked = [self._marked_button(action) for action in marked]

        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(2)
        row.addWidget(self._button(back))
        row.addWidget(self.spin)
        row.addSpacing(4)
        row.addWidget(self.total)
        row.addWidget(self._button(forward))
        row.addWidget(self._button(follow))
        for button in self.marked:
            row.addWidget(button)
        row.addStretch()
        row.addWidget(self._button(zooms[0]))
        row.addWidget(self.zoom)
        for action in zooms[1:]:
            row.addWidget(self._button(action))
        row.addWidget(self._show_button(shown))

    def _show_button(self, shown: list[QAction | None]) -> QToolButton:
        self.show_menu = QMenu(self)
        for action in shown:
            if action is None:
                self.show_menu.addSeparator()
            else:
                self.show_menu.addAction(action)
        button = self.show_button = QToolButton()
        button.setText(icons.beside(self.tr("Show")))
        button.setAccessibleName(self.tr("Show"))
        button.setToolTip(self.tr("What is shown on the page and beside it"))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(self.show_menu)
        icons.set_icon(button, "layers")
        return button

    def _button(self, action: QAction, words: bool = False) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        if words:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button

    def _marked_button(self, action: QAction) -> QToolButton:
        button = self._button(action, words=True)
        button.setMinimumWidth(ICON_WIDTH)  # it can do without its words

        def follow() -> None:
            # A tool button outside a toolbar does not hide with its action.
            if button.isHidden() is action.isVisible():
                button.setVisible(action.isVisible())
                self._share_room()

        action.changed.connect(follow)
        return button

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fewer words where there is little room."""
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        for style in (Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly):
            for button in (*self.marked, self.show_button):
                button.setToolButtonStyle(style)
            self._row.invalidate()
            if self._row.sizeHint().width() <= self.width():
                return

    def show_page(self, page: int, first: int, last: int, count: int) -> None:
        """Which page is shown, from 0, of which; `count` is less than the range where a job leaves pages out."""
        blocked = self.spin.blockSignals(True)
        self.spin.setRange(first + 1, last + 1)
        self.spin.setValue(page + 1)
        self.spin.blockSignals(blocked)
        self.spin.setEnabled(count > 1)
        words = tr("of {last}").format(last=last + 1)
        if count != last - first + 1:
            words += "  " + tr("(%n chosen)", count)
        self.total.setText(words)

    def show_zoom(self, factor: float) -> None:
        """The zoom factor."""
        self.zoom.setText(f"{factor * 100:.0f} %")
