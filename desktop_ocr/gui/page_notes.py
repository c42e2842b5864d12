"""Bars above a page's text: what is still to come, what was left out of it and why, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desktop_ocr.gui import icons
from desktop_ocr.gui.feature_words import being_looked_for
from desktop_ocr.schema.edits import PageVersion
from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.results import LEFT_OUT


class NoteBar(QFrame):
    """A sentence, and buttons for what can be done about it."""

    def __init__(self, name: str, tone: str, role: str, *, below: bool = False) -> None:
        """`below` the sentence is where the buttons stand, if there are many."""
        super().__init__()
        self.setObjectName("message")
        self.setProperty("tone", tone)
        picture = QLabel()
        picture.setFixedWidth(18)
        icons.set_icon(picture, name, role, 16)
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 6, 8, 6)
        column.setSpacing(4)
        row = self._row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(picture, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.words, 1)
        column.addLayout(row)
        if below:
            self._row = QHBoxLayout()
            self._row.setSpacing(6)
            self._row.addStretch()
            column.addLayout(self._row)
        self.hide()

    def add_button(self, words: str, tip: str) -> QPushButton:
        """Something that can be done."""
        button = QPushButton(words)
        button.setToolTip(tip)
        self._row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        return button

    def say(self, words: str) -> None:
        """Say something; nothing for ""."""
        if words != self.words.text():
            self.words.setText(words)
            self.setAccessibleName(words)
        self.setVisible(bool(words))


class PageNotes(QWidget):
    """The bars of one page.

    Signals:
        again_wanted: the page is to be recognised again.
        recognised_wanted: what was recognised is to take the place of what a person has made of it.
        keep_wanted: it is not.
        compare_wanted: both are to be seen.
        save_wanted: what was typed and could not be stored is to be tried again.
        models_wanted: the user wants a model for a `Feature`, or for None where nobody knows which.
    """

    again_wanted = Signal()
    recognised_wanted = Signal()
    keep_wanted = Signal()
    compare_wanted = Signal()
    save_wanted = Signal()
    models_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._feature: Feature | None = None
        again = self.tr("Recognise again")
        tip = self.tr("Read this page anew, with everything (Ctrl+Shift+R)")
        self.degraded = NoteBar("circle-dashed", "warning", "warning")
        self.again = self.degraded.add_button(again, tip)
        self.elsewhere = NoteBar("eye", "info", "muted")
        self.pending = NoteBar("loader", "info", "accent")
        self.left_out = NoteBar("info", "warning", "warning")
        self.get = self.left_out.add_button(self.tr("Get it…"), self.tr("Show the models that can be had (Ctrl+D)"))
        self.anew = self.left_out.add_button(again, tip)
        self.again.clicked.connect(self.again_wanted)
        self.anew.clicked.connect(self.again_wanted)
        self.get.clicked.connect(lambda: self.models_wanted.emit(self._feature))
        self.unsaved = NoteBar("circle-alert", "danger", "danger")
        self.save = self.unsaved.add_button(self.tr("Try again"), self.tr("Store what was typed"))
        self.save.clicked.connect(self.save_wanted)
        self.newer = NoteBar("info", "info", "accent", below=True)
        self.compare = self.newer.add_button(self.tr("Compare…"), self.tr("See your text and the new one side by side"))
        self.take = self.newer.add_button(
            self.tr("Use the new text"), self.tr("Take the page as it was recognised now; can be undone (Ctrl+Z)")
        )
        self.keep = self.newer.add_button(self.tr("Keep mine"), self.tr("Keep your corrections"))
        self.compare.clicked.connect(self.compare_wanted)
        self.take.clicked.connect(self.recognised_wanted)
        self.keep.clicked.connect(self.keep_wanted)
        self.edited = NoteBar("pencil", "info", "accent")
        self.recognised = self.edited.add_button(
            self.tr("As recognised"), self.tr("Drop the corrections of this page; can be undone (Ctrl+Z)")
        )
        self.recognised.clicked.connect(self.recognised_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        bars = (self.unsaved, self.elsewhere, self.newer, self.edited, self.pending, self.degraded, self.left_out)
        for bar in bars:
            column.addWidget(bar)

    def show_page(self, version: PageVersion, degraded: str, installed: Sequence[Feature] = ()) -> None:
        """Say all there is to say of a page; `installed` features have a model by now."""
        self._show(version)
        result = version.result
        self.degraded.say(self.tr("Less detail: {words}").format(words=degraded) if degraded else "")
        self.pending.say(being_looked_for(result.pending) if result.pending else "")
        notes = [note.text for note in result.notes if note.code == LEFT_OUT]
        lacking = [feature for text in notes if (feature := feature_of(text)) is not None]
        self._feature = next((feature for feature in lacking if feature not in installed), None)
        self.left_out.say("\n".join(notes))
        there = bool(lacking) and self._feature is None
        self.get.setVisible(not there)
        self.anew.setVisible(there)

    def _show(self, version: PageVersion) -> None:
        newer = self.tr("This page was recognised again. Your corrections are kept.")
        self.newer.say(newer if version.newer else "")
        corrected = self.tr("This page was corrected.")
        self.edited.say(corrected if version.edited and not version.newer else "")

    def say_elsewhere(self, program: str) -> None:
        """Another running program works at the document: it can be read, and not changed."""
        words = self.tr("Another Desktop OCR ({program}) works at this document. It can be changed when that is done.")
        self.elsewhere.say(words.format(program=program) if program else "")
        for button in (self.again, self.anew, self.compare, self.take, self.keep, self.recognised):
            button.setEnabled(not program)

    def say_unsaved(self, error: ErrorInfo | None) -> None:
        """What was typed could not be stored; None: it is."""
        words = self.tr("Your last change is not stored yet: {why}")
        self.unsaved.say(words.format(why=error) if error is not None else "")

    def clear(self) -> None:
        """Nothing is shown of a page."""
        for bar in (self.newer, self.edited, self.degraded, self.pending, self.left_out):
            bar.say("")


def feature_of(note: str) -> Feature | None:
    """The feature that a note "Formulas were left out: ..." speaks of."""
    words = note.casefold()
    names = {Feature.ORIENTATION: "turning", Feature.UNWARP: "flatten"}
    return next((feature for feature in Feature if words.startswith(names.get(feature, feature.value))), None)
