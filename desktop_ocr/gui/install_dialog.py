"""Asks before anything is downloaded: what, how large, under which licences, and from where."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.gui.stored_words import models_words, size_words
from desktop_ocr.schema.model_store import InstallPlan

MOST_ROWS = 8
ROW_HEIGHT = 24
SCROLL_BAR = 16
LEAST_WIDTH = 560
MARGIN = 22


class InstallDialog(QDialog):
    """The dialog; it does not download.

    Signals:
        agreed: the names of the models that the user agreed to.
    """

    agreed = Signal(object)

    def __init__(self, plan: InstallPlan, parent: QWidget) -> None:
        super().__init__(parent)
        self.plan = plan
        self.setWindowTitle(self.tr("Download models"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        enough = plan.missing <= plan.free
        heading = QLabel(
            self.tr("Download {models}, {size}, from {host}?").format(
                models=models_words(len(plan.models)), size=size_words(plan.missing), host=plan.host
            )
        )
        heading.setObjectName("heading")
        heading.setWordWrap(True)
        self.room = QLabel(self._room_words(enough))
        self.room.setObjectName("muted" if enough else "wrong")
        self.room.setWordWrap(True)
        lacking = QLabel(self._lacking_words())
        lacking.setObjectName("muted")
        lacking.setWordWrap(True)
        lacking.setVisible(bool(lacking.text()))
        privacy = QLabel(self.tr("Only the models' files are fetched. Nothing of your documents is sent."))
        privacy.setObjectName("muted")
        privacy.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = buttons.addButton(self.tr("&Download"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.go.setEnabled(enough and bool(plan.models))
        buttons.accepted.connect(self._agree)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 18, MARGIN, 18)
        column.setSpacing(12)
        column.addWidget(heading)
        column.addWidget(self._table())
        column.addWidget(lacking)
        column.addWidget(self.room)
        column.addWidget(privacy)
        column.addWidget(buttons)
        self.setMinimumWidth(LEAST_WIDTH)
        self.go.setDefault(True)
        self.go.setFocus()

    def _table(self) -> QWidget:
        inside = QWidget()
        inside.setObjectName("sheet")
        grid = QGridLayout(inside)
        grid.setContentsMargins(12, 8, 12, 8)
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(5)
        for row, model in enumerate(self.plan.models):
            size = size_words(model.size - model.done)
            if model.done:
                size = self.tr("{rest} of {all}").format(rest=size, all=size_words(model.size))
            for column, words in enumerate((model.title, model.id, model.licence, size)):
                label = QLabel(words)
                label.setTextFormat(Qt.TextFormat.PlainText)
                if column in (1, 2):
                    label.setObjectName("muted")
                right = Qt.AlignmentFlag.AlignRight if column == 3 else Qt.AlignmentFlag.AlignLeft
                grid.addWidget(label, row, column, right)
        grid.setColumnStretch(1, 1)
        area = QScrollArea()
        area.setObjectName("boxed")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.setAccessibleName(self.tr("What is downloaded"))
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area, self._inside = area, inside
        return area

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Only now it is known how large the rows are, in the style's letters."""
        super().showEvent(event)
        needed = self._inside.sizeHint()
        self._area.setFixedHeight(min(needed.height(), MOST_ROWS * ROW_HEIGHT) + 4)
        self.setMinimumWidth(max(LEAST_WIDTH, needed.width() + SCROLL_BAR + 2 * MARGIN))
        self.adjustSize()

    def _lacking_words(self) -> str:
        """What is not downloaded, because nothing here could run it."""
        if not self.plan.left_out:
            return ""
        by_reason: dict[str, list[str]] = {}
        for model in self.plan.left_out:
            by_reason.setdefault(model.reason, []).append(model.title)
        return "\n".join(
            self.tr("Not downloaded: {models}. {reason}").format(models="; ".join(titles), reason=reason).strip()
            for reason, titles in by_reason.items()
        )

    def _room_words(self, enough: bool) -> str:
        where = {"folder": self.plan.folder, "free": size_words(self.plan.free)}
        if enough:
            return self.tr("Kept in {folder}, where {free} are free.").format(**where)
        lacking = size_words(self.plan.missing - self.plan.free)
        return self.tr(
            "There is not enough room: {free} are free in {folder}. Make {lacking} of room, and try again."
        ).format(lacking=lacking, **where)

    def _agree(self) -> None:
        self.accept()
        self.agreed.emit(tuple(model.id for model in self.plan.models))
