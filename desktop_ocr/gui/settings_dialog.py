"""All settings, to be seen and changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QIcon, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.core.settings_fields import conflicts, describe_fields, value_of, with_values
from desktop_ocr.gui import icons
from desktop_ocr.gui.settings_page import Page, Row
from desktop_ocr.gui.settings_sheets import sheets
from desktop_ocr.gui.settings_style import SETTINGS_STYLE
from desktop_ocr.gui.settings_texts import Text
from desktop_ocr.gui.settings_words import conflict_words, wrong_words
from desktop_ocr.gui.theme import current_colours
from desktop_ocr.schema.settings import Settings

FIRST_SIZE = QSize(820, 680)
LEAST_SIZE = QSize(770, 440)
SECTIONS_WIDTH = 160


class SettingsDialog(QDialog):
    """The dialog; it does not save. Call `open`.

    Signals:
        applied: the `Settings` that the user wants, each time OK or Apply is pressed after a change.
        import_wanted, export_wanted: from, and to, a file. See `show_settings`.
    """

    applied = Signal(object)
    import_wanted = Signal()
    export_wanted = Signal()

    def __init__(
        self,
        settings: Settings,
        parent: QWidget | None = None,
        *,
        devices: Sequence[str] = ("cpu",),
        file: Path | None = None,
        feature_mb: Mapping[str, float] | None = None,
    ) -> None:
        """`devices` can be chosen, beside "auto" and "cpu"; `feature_mb` is what features cost on this machine.

        `file` is where the settings are kept; the user is told.
        """
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(LEAST_SIZE)
        self.resize(FIRST_SIZE)
        self._fields = {field.name: field for field in describe_fields()}
        self._start = settings
        self._file = file
        self._filling = True  # nothing is checked while this is so
        self._bad: list[bool] = []  # by page, whether something is wrong there
        self.setStyleSheet(SETTINGS_STYLE)  # before there is anything that would have to be dressed again
        self._costs = dict(feature_mb or {})
        self._assemble(devices)
        self._build(self.pages[0])
        self.sections.currentRowChanged.connect(self._turn_to)
        self.sections.setFocus()
        # Not QTimer.singleShot: closed before its time, the dialog would be kept by it for ever.
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._build_next)
        self._later.start(0)

    @property
    def rows(self) -> dict[str, Row]:
        """All settings by their names."""
        for page in self.pages:
            self._build(page)
        return {name: row for page in self.pages for name, row in page.rows.items()}

    # --- pages: made one at a time, so that the window behind can go on in between -------------------------------

    def _build(self, page: Page) -> None:
        """Make a page's settings, unless they are there."""
        if page.built:
            return
        self._filling = True
        page.build()
        page.show_values({item.name: value_of(self._start, item.name) for item in page.sheet.items()})
        page.show_costs(self._costs)
        page.edited.connect(self._check)
        self._filling = False
        self._check()

    def _build_next(self) -> None:
        for page in self.pages:
            if not page.built:
                self._build(page)
                self._later.start(0)
                return

    def _turn_to(self, number: int) -> None:
        self._build(self.pages[number])
        self.stack.setCurrentIndex(number)

    def _assemble(self, devices: Sequence[str]) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 18, 18, 16)
        column.setSpacing(10)
        self.sections = QListWidget(self)
        self.sections.setObjectName("sections")
        self.sections.setFixedWidth(SECTIONS_WIDTH)
        self.sections.setIconSize(QSize(18, 18))
        self.sections.setAccessibleName(self.tr("Sections"))
        self.stack = QStackedWidget(self)
        self.pages = [Page(sheet, self._fields, devices, self.stack) for sheet in sheets()]
        for page in self.pages:
            self.sections.addItem(QListWidgetItem(page.sheet.title))
            self.stack.addWidget(page)
        self.sections.setCurrentRow(0)
        middle = QHBoxLayout()
        middle.setSpacing(18)
        middle.addWidget(self.sections)
        middle.addWidget(self.stack, 1)

        standard = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(standard.Ok | standard.Apply | standard.Cancel)
        self.ok: QAbstractButton = self.buttons.button(standard.Ok)
        self.apply: QAbstractButton = self.buttons.button(standard.Apply)
        self.defaults = self.buttons.addButton(self.tr("Restore all &defaults"), QDialogButtonBox.ButtonRole.ResetRole)
        self.defaults.setAutoDefault(False)
        self.buttons.button(standard.Ok).setDefault(True)
        self.buttons.accepted.connect(self._agree)
        self.buttons.rejected.connect(self.reject)
        self.apply.clicked.connect(self._apply)
        self.defaults.clicked.connect(self._restore)
        self.defaults.setToolTip(self.tr("Shown first; they apply when you press OK."))

        column.addLayout(middle, 1)
        self.problem = QLabel()
        self.problem.setObjectName("wrong")
        self.problem.setWordWrap(True)
        self.problem.hide()
        column.addWidget(self.problem)
        self.news = QLabel()
        self.news.setTextFormat(Qt.TextFormat.PlainText)
        self.news.setWordWrap(True)
        self.news.hide()
        column.addWidget(self.news)
        line = self._place(self._file) if self._file is not None else QHBoxLayout()
        line.addWidget(self._make_transfer())
        column.addLayout(line)
        column.addWidget(self.buttons)

    def _place(self, file: Path) -> QHBoxLayout:
        """The line that tells where the settings are kept."""
        self.place = QLabel()
        self.place.setObjectName("muted")
        self.place.setTextFormat(Qt.TextFormat.PlainText)
        self.place.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.place.setToolTip(str(file))
        self.open_folder = QToolButton()
        self.open_folder.setText(icons.beside(self.tr("Open &folder")))
        self.open_folder.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.open_folder.setToolTip(self.tr("Show the folder of the settings' file"))
        icons.set_icon(self.open_folder, "folder-open", "muted")
        self.open_folder.clicked.connect(self._open_folder)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.place, 1)
        line.addWidget(self.open_folder)
        return line

    def _make_transfer(self) -> QToolButton:
        """The button of files to take along."""
        self.transfer = QToolButton()
        self.transfer.setText(icons.beside(self.tr("Import and e&xport")))
        self.transfer.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.transfer.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.transfer.setToolTip(self.tr("Take the settings along in a file, or bring them in from one"))
        icons.set_icon(self.transfer, "share", "muted")
        menu = QMenu(self.transfer)
        menu.addAction(self.tr("&Import from a file…"), self.import_wanted.emit)
        menu.addAction(self.tr("&Export to a file…"), self.export_wanted.emit)
        self.transfer.setMenu(menu)
        return self.transfer

    # --- values ---------------------------------------------------------------------------------------------

    def settings(self) -> Settings:
        """What the dialog shows."""
        shown = {name: row.value() for page in self.pages for name, row in page.rows.items()}
        changed = {name: value for name, value in shown.items() if value != value_of(self._start, name)}
        return with_values(self._start, changed)

    def show_feature_costs(self, feature_mb: Mapping[str, float]) -> None:
        """Tell what features cost on this machine, by their names in `JobOptions`; unknown ones are left out."""
        self._costs = dict(feature_mb)
        for page in self.pages:
            page.show_costs(self._costs)

    def show_problem(self, text: str) -> None:
        """Say that something went wrong: the settings could not be saved, for instance."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def show_news(self, text: str) -> None:
        """Say that something has gone as it should; "" for nothing to say."""
        self.news.setText(text)
        self.news.setVisible(bool(text))

    def show_settings(self, settings: Settings) -> None:
        """Show other settings than those it began with; they apply by OK or Apply, as what a person enters does."""
        self._show_values({name: value_of(settings, name) for name in self._fields})

    def show_setting(self, name: str) -> None:
        """Go to a setting by its name."""
        for number, page in enumerate(self.pages):
            if name in [item.name for item in page.sheet.items()]:
                self.sections.setCurrentRow(number)
                page.reveal(name)

    def _check(self) -> None:
        """Say what does not go together, and what may be pressed."""
        if self._filling:
            return
        settings = self.settings()
        found = conflicts(settings)
        wrong = {one.field: conflict_words(one.field, one.other) for one in found}
        unusable = self._unusable()
        wrong.update({name: wrong_words(name) for name in unusable})
        if found:
            for page in self.pages:
                self._build(page)
        self._bad = [page.show_wrong(wrong) for page in self.pages]
        bad = [page.sheet.title for page, is_bad in zip(self.pages, self._bad, strict=True) if is_bad]
        self.show_problem(
            self.tr("Some values cannot be used: see {pages}.").format(pages=", ".join(bad))
            if unusable
            else self.tr("Some values do not go together: see {pages}.").format(pages=", ".join(bad))
            if bad
            else ""
        )
        self._draw_sections()
        self.ok.setEnabled(not wrong)
        self.apply.setEnabled(not wrong and settings != self._start)
        self.defaults.setEnabled(settings != Settings())

    def _unusable(self) -> list[str]:
        """Texts that do not look as they have to; of pages that are not made yet there is none."""
        rows = {name: row.editor for page in self.pages for name, row in page.rows.items()}
        return [name for name, editor in rows.items() if isinstance(editor, Text) and not editor.sound]

    def _restore(self) -> None:
        self._show_values({name: row.default for name, row in self.rows.items()})

    def _show_values(self, values: Mapping[str, Any]) -> None:
        rows = self.rows
        self._filling = True  # half of the new values would not go with half of the old
        for name, row in rows.items():
            row.set_value(values[name])
        self._filling = False
        self.show_news("")
        self._check()

    def _apply(self) -> bool:
        settings = self.settings()
        if conflicts(settings) or self._unusable():
            return False
        if settings != self._start:
            self._start = settings
            self._check()
            self.applied.emit(settings)
        return True

    def _agree(self) -> None:
        if self._apply():
            self.accept()

    # --- looks ----------------------------------------------------------------------------------------------

    def _draw_sections(self) -> None:
        colours = current_colours()
        for number, page in enumerate(self.pages):
            wrong = self._bad[number]
            item = self.sections.item(number)
            name, role = ("circle-alert", "danger") if wrong else (page.sheet.icon, "muted")
            picture = icons.icon(name, colours, role)
            for size in picture.availableSizes():  # otherwise the style tints it where its line is selected
                picture.addPixmap(picture.pixmap(size), QIcon.Mode.Selected)
            item.setIcon(picture)
            words = self.tr("{section}: something is wrong here").format(section=page.sheet.title)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, words if wrong else page.sheet.title)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and not self._filling:
            self._draw_sections()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Cut the file's name where there is no room for it."""
        super().resizeEvent(event)
        if self._file is not None:
            words = self.tr("Kept in {file}").format(file=_home_made_short(self._file))
            room = self.width() - 18 * 2 - self.open_folder.sizeHint().width() - 12
            self.place.setText(self.place.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, room))

    def _open_folder(self) -> None:
        if self._file is None:
            return
        folder = self._file.parent
        while not folder.is_dir() and folder != folder.parent:  # nothing was saved yet
            folder = folder.parent
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self.show_problem(self.tr("The folder {folder} cannot be shown.").format(folder=folder))


def _home_made_short(file: Path) -> str:
    try:
        return f"~/{file.relative_to(Path.home())}"
    except (ValueError, RuntimeError):  # elsewhere; or this user has no home
        return str(file)
