"""The toolbar."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSizePolicy, QToolBar, QToolButton, QWidget

from desktop_ocr.gui import icons
from desktop_ocr.gui.job_actions import JobActions

WITH_WORDS = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
WITHOUT_WORDS = Qt.ToolButtonStyle.ToolButtonIconOnly


class ToolBar(QToolBar):
    """What is done often; the main thing to do stands at the end."""

    def __init__(self, jobs: JobActions) -> None:
        super().__init__()
        self._measured: tuple[tuple[str, ...], int] = ((), 0)
        self.setWindowTitle(self.tr("Toolbar"))
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setFloatable(False)
        self.setIconSize(QSize(18, 18))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._put(jobs.open_files, self.tr("Open"))
        self._put(jobs.paste, self.tr("Paste"))
        self.addSeparator()
        self._put(jobs.hold)
        self._put(jobs.cancel, self.tr("Cancel"))
        self._put(jobs.retry, self.tr("Try again"))
        self._put(jobs.remove, self.tr("Remove"))
        space = QWidget()
        space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(space)
        self._put(jobs.library, self.tr("Library"))
        self._put(jobs.recognition)
        self.recognition = self.widgetForAction(jobs.recognition)
        self.recognition.setAccessibleName(self.tr("Recognition"))
        self._put(jobs.free)
        self.addSeparator()
        self.export = QToolButton()
        self.export.setObjectName("primary")
        self.export.setText(icons.beside(self.tr("Export")))
        self.export.setAccessibleName(self.tr("Export"))
        self.export.setToolTip(jobs.export.toolTip())
        self.export.setToolButtonStyle(WITH_WORDS)
        icons.set_icon(self.export, "share", "on_accent")
        self.export.clicked.connect(jobs.export.trigger)
        self.export.setEnabled(jobs.export.isEnabled())
        jobs.export.enabledChanged.connect(self.export.setEnabled)
        self.addWidget(self.export)
        self.setToolButtonStyle(WITH_WORDS)

    def _put(self, action: QAction, words: str = "") -> None:
        if words:
            action.setIconText(icons.beside(words))
        self.addAction(action)

    def fit(self, width: int) -> None:
        """Leave out the words where there is no room for them; tooltips still have them."""
        self.setToolButtonStyle(WITH_WORDS if self._words_width() <= width else WITHOUT_WORDS)

    def _words_width(self) -> int:
        """What it takes with all words."""
        texts = (self.font().key(), *(action.iconText() for action in self.actions()))
        if texts != self._measured[0]:
            before = self.toolButtonStyle()
            self.setToolButtonStyle(WITH_WORDS)
            self._measured = (texts, self.sizeHint().width())
            self.setToolButtonStyle(before)
        return self._measured[1]
