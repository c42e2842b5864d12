"""Asks how a folder is to be watched: what is made of the documents that come there, and what becomes of them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import msgspec
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.gui import icons
from desktop_ocr.gui.dialogs import folder_dialog
from desktop_ocr.gui.export_dialog import absolute
from desktop_ocr.gui.export_words import format_hint, format_title, grouped
from desktop_ocr.gui.settings_style import SETTINGS_STYLE
from desktop_ocr.gui.watched_more import OptionsAsker, WatchedMore, muted
from desktop_ocr.gui.words import tr
from desktop_ocr.schema.exports import FORMATS, FormatInfo
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.watching import Original, WatchedFolder

WIDTH = 640
MOST_HEIGHT = 660  # of a small laptop's screen, with the system's bars
MARGIN = 22
INDENT = 24
COLUMNS = 3


class WatchedForm(QDialog):
    """The form; it stores nothing. Whoever does says `show_problem`, and what was entered stays, or `accept`s.

    Signals:
        wished: the `WatchedFolder` that the user wants.
    """

    wished = Signal(object)

    def __init__(
        self,
        folder: WatchedFolder | None,
        start: str,
        parent: QWidget,
        *,
        formats: Sequence[FormatInfo] = FORMATS,
        options: JobOptions | None = None,
        ask_options: OptionsAsker | None = None,
    ) -> None:
        """Args:
        folder: to be changed; None for a new one.
        start: where folders are looked for first.
        parent: of the dialog.
        formats: that can be chosen.
        options: the settings' own, with which somebody begins who wants others.
        ask_options: asks for options of recognition, and tells them.
        """
        super().__init__(parent)
        self.setWindowTitle(self.tr("Watch a folder") if folder is None else self.tr("Watched folder"))
        self.setWindowModality(Qt.WindowModality.NonModal)  # its options lead to the models, which are used meanwhile
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setStyleSheet(SETTINGS_STYLE)
        self._before = folder or WatchedFolder("")
        self._new = folder is None
        self._start = start
        self._ask_options = ask_options
        self._usual = options or JobOptions()
        self._others: tuple[str, ...] = ()
        self._busy = False
        self.formats: dict[str, QCheckBox] = {}
        self._lay_out(formats)
        self._show(self._before)
        self._check()
        (self.choose if self._new else self.go).setFocus()

    # --- putting together -----------------------------------------------------------------------------------

    def _lay_out(self, formats: Sequence[FormatInfo]) -> None:
        inside = QWidget()
        inside.setObjectName("sheet")
        self._column = column = QVBoxLayout(inside)
        column.setContentsMargins(MARGIN, 18, MARGIN, 8)
        column.setSpacing(6)
        self.path, self.choose = self._place(column, tr("Fol&der to watch"), tr("&Choose…"), tr("Folder to watch"))
        self.recursive = QCheckBox(tr("S&ub-folders, too"))
        column.addWidget(self.recursive)
        column.addSpacing(8)
        self._formats_heading = _heading(tr("Make of each document"))
        column.addWidget(self._formats_heading)
        column.addLayout(self._format_boxes(formats))
        self.no_format = muted(tr("Nothing: it is only recognised, and kept in the list and the library."))
        column.addWidget(self.no_format)
        column.addSpacing(8)
        words = tr("Put the files &into")
        self.output, self.choose_output = self._place(column, words, tr("C&hoose…"), tr("Folder for the files"))
        self.output.setPlaceholderText(tr("the same folder"))
        column.addSpacing(8)
        self._add_originals(column)
        column.addSpacing(4)
        self.more = QToolButton()
        self.more.setObjectName("more")
        self.more.setText(tr("&More"))
        self.more.setCheckable(True)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.toggled.connect(self._unfold)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.rest = WatchedMore(self._before.options, self._usual, self._ask_options)
        column.addWidget(self.rest)
        column.addStretch()
        self.area = QScrollArea()
        self.area.setObjectName("plain")
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(inside)
        line = QFrame()
        line.setObjectName("hairline")
        line.setFixedHeight(1)
        self._foot = self._bottom()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.area, 1)
        whole.addWidget(line)
        whole.addWidget(self._foot)
        self.go.setDefault(True)
        self.setFixedWidth(WIDTH)
        stops = [self.path, self.choose, self.recursive, *self.formats.values(), self.output, self.choose_output]
        stops += [*self.originals.values(), self.done_folder, self.more]
        stops += [*self.rest.stops(), self.cancel, self.go]
        for before, after in itertools.pairwise(stops):
            self.setTabOrder(before, after)

    def _place(self, column: QVBoxLayout, words: str, choose: str, name: str) -> tuple[QLineEdit, QPushButton]:
        """A folder, and the button to choose it by."""
        heading = _heading(words)
        field = QLineEdit()
        field.setAccessibleName(name)
        field.textChanged.connect(lambda _text: self._check())
        heading.setBuddy(field)
        button = QPushButton(icons.beside(choose))
        button.setAutoDefault(False)
        button.setAccessibleName(f"{name}: {tr('choose')}")
        icons.set_icon(button, "folder-open")
        button.clicked.connect(lambda: self._browse(field, name))
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(field, 1)
        line.addWidget(button)
        column.addWidget(heading)
        column.addLayout(line)
        return field, button

    def _format_boxes(self, formats: Sequence[FormatInfo]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(1)
        infos = [info for _title, some in grouped(formats) for info in some]
        for number, info in enumerate(infos):
            box = QCheckBox(format_title(info))
            box.setToolTip(f"{format_hint(info)} ({info.suffix})")
            box.setAccessibleDescription(format_hint(info))
            box.toggled.connect(lambda _on: self._check())
            self.formats[info.name] = box
            grid.addWidget(box, number // COLUMNS, number % COLUMNS)
        for column in range(COLUMNS):
            grid.setColumnStretch(column, 1)
        return grid

    def _add_originals(self, column: QVBoxLayout) -> None:
        column.addWidget(_heading(tr("When a document is done")))
        words = {
            Original.LEAVE: tr("&Leave the original where it is"),
            Original.MOVE: tr("Mo&ve the original to"),
            Original.DELETE: tr("Delete the &original"),
        }
        self.originals: dict[Original, QRadioButton] = {}
        group = QButtonGroup(self)
        self.done_folder = QLineEdit()
        self.done_folder.setAccessibleName(tr("Folder for originals that are done"))
        self.done_folder.setToolTip(tr("A folder below the watched one, or a whole path"))
        self.done_folder.textChanged.connect(lambda _text: self._check())
        for original, text in words.items():
            button = QRadioButton(text)
            group.addButton(button)
            self.originals[original] = button
            button.toggled.connect(lambda _on: self._check())
            if original is not Original.MOVE:
                column.addWidget(button)
                continue
            line = QHBoxLayout()
            line.setSpacing(10)
            line.addWidget(button)
            line.addWidget(self.done_folder, 1)
            column.addLayout(line)
        self.warning = QLabel(
            tr(
                "The original is deleted for good, as soon as all its files were made and could be read back. "
                "Documents with a page that failed stay where they are."
            )
        )
        self.warning.setObjectName("wrong")
        self.warning.setWordWrap(True)
        self.warning.setContentsMargins(INDENT, 0, 0, 0)
        column.addWidget(self.warning)

    def _bottom(self) -> QWidget:
        foot = QWidget()
        column = QVBoxLayout(foot)
        column.setContentsMargins(MARGIN, 10, MARGIN, 16)
        column.setSpacing(8)
        self.problem = QLabel()
        self.problem.setObjectName("wrong")
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setWordWrap(True)
        self.problem.hide()
        column.addWidget(self.problem)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        words = tr("&Begin to watch") if self._new else tr("&Save")
        self.go = buttons.addButton(words, QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = buttons.button(QDialogButtonBox.StandardButton.Cancel)
        self.cancel.setAutoDefault(False)
        buttons.accepted.connect(self._agree)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        return foot

    # --- content --------------------------------------------------------------------------------------------

    def _show(self, folder: WatchedFolder) -> None:
        self.path.setText(folder.path)
        self.recursive.setChecked(folder.recursive)
        for name, box in self.formats.items():
            box.setChecked(name in folder.formats)
        self._others = tuple(name for name in folder.formats if name not in self.formats)  # their package is gone
        self.output.setText(folder.output)
        self.originals[folder.original].setChecked(True)
        self.done_folder.setText(folder.done_folder)
        unusual = self.rest.show_folder(folder)
        self.more.setChecked(unusual)
        self._unfold(unusual)

    def chosen(self) -> tuple[str, ...]:
        """Names of the formats."""
        return (*(name for name, box in self.formats.items() if box.isChecked()), *self._others)

    def folder(self) -> WatchedFolder:
        """What was entered."""
        output = self.output.text().strip()
        original = next(original for original, button in self.originals.items() if button.isChecked())
        path = self.path.text().strip()
        return msgspec.structs.replace(
            self._before,
            path=str(absolute(path)) if path else "",
            formats=self.chosen(),
            output=str(absolute(output)) if output else "",
            original=original,
            done_folder=self.done_folder.text().strip() or WatchedFolder("").done_folder,
            recursive=self.recursive.isChecked(),
            polling=self.rest.polling.isChecked(),
            settle_seconds=self.rest.settle.value(),
            options=self.rest.options,
        )

    def _check(self) -> None:
        if not hasattr(self, "problem") or not hasattr(self, "go"):
            return  # it is being put together
        chosen = self.chosen()
        deletes = self.originals[Original.DELETE].isChecked()
        self.no_format.setVisible(not chosen)
        self.output.setEnabled(bool(chosen))
        self.choose_output.setEnabled(bool(chosen))
        self.done_folder.setEnabled(self.originals[Original.MOVE].isChecked())
        self.warning.setVisible(deletes)
        self.show_problem(
            tr("Choose at least one format: nothing would be left of a document whose original is deleted.")
            if deletes and not chosen
            else ""
        )
        self.go.setEnabled(bool(self.path.text().strip()) and not (deletes and not chosen) and not self._busy)

    def show_problem(self, text: str) -> None:
        """Say why it cannot be so; what was entered stays."""
        self._set_busy(False)
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self._fit()

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self.go.setEnabled(not busy and bool(self.path.text().strip()))

    def _unfold(self, on: bool) -> None:
        self.rest.setVisible(on)
        icons.set_icon(self.more, "chevron-down" if on else "chevron-right", "muted")
        QTimer.singleShot(0, self, self._fit)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Only now it is known how large everything is, in the style's letters."""
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as its content, and no higher than a small screen; the rest is scrolled to."""
        if not self.isVisible():
            return
        self._column.activate()
        inside = max(self._column.totalHeightForWidth(WIDTH), self._column.totalSizeHint().height())
        foot = max(self._foot.heightForWidth(WIDTH), self._foot.sizeHint().height())
        room = min(MOST_HEIGHT, self.screen().availableGeometry().height() - 40)
        self.setFixedHeight(max(320, min(inside + foot + 1, room)))

    # --- answers --------------------------------------------------------------------------------------------

    def _browse(self, field: QLineEdit, title: str) -> None:
        dialog = folder_dialog(self, field.text() or self.path.text() or self._start, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(field.setText)
        dialog.open()

    def _agree(self) -> None:
        if self._busy or not self.go.isEnabled():
            return
        self.show_problem("")
        self._set_busy(True)
        self.wished.emit(self.folder())


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("heading")
    return label
