"""Asks before corrections that a person has made are set aside. What keeps them is what Enter does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from desktop_ocr.gui.words import tr
from desktop_ocr.schema.jobs import JobView


@dataclass(frozen=True)
class Answer:
    """A button and what it does."""

    text: str
    act: Callable[[], None]


def ask(
    window: QWidget,
    title: str,
    text: str,
    more: str,
    answers: Sequence[Answer],
    icon: QMessageBox.Icon = QMessageBox.Icon.Question,
) -> QMessageBox:
    """Ask; Enter gives the first answer, and a Cancel comes by itself."""
    box = QMessageBox(window)
    box.setWindowTitle(title)
    box.setIcon(icon)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(text)
    box.setInformativeText(more)
    buttons = [box.addButton(answer.text, QMessageBox.ButtonRole.AcceptRole) for answer in answers]
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(buttons[0])
    box.setEscapeButton(cancel)
    box.setWindowModality(Qt.WindowModality.WindowModal)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for button, answer in zip(buttons, answers, strict=True):
        button.clicked.connect(answer.act)
    box.open()
    return box


def ask_before_loss(window: QWidget, title: str, text: str, more: str, answer: Answer) -> QMessageBox:
    """Ask before something goes for good: Enter does not agree to it."""
    box = ask(window, title, text, more, [answer])
    box.setIcon(QMessageBox.Icon.Warning)
    cancel = box.button(QMessageBox.StandardButton.Cancel)
    if isinstance(cancel, QPushButton):
        box.setDefaultButton(cancel)
        cancel.setFocus()
    return box


def corrected_words(count: int) -> str:
    """How many pages somebody has corrected."""
    if count == 1:
        return tr("You have corrected 1 of these pages by hand.")
    return tr("You have corrected %n of these pages by hand.", count)


def edited_pages(views: Sequence[JobView]) -> int:
    """How many pages of some documents were corrected."""
    return sum(view.pages_edited for view in views)


def ask_about_options(window: QWidget, count: int, act: Callable[[bool], None]) -> QMessageBox:
    """Before documents are recognised with other options; `act` is told whether corrected pages are kept."""
    return ask(
        window,
        tr("Recognise with other options"),
        corrected_words(count),
        tr(
            "Corrected pages can be taken over as they are, and only the others recognised again. "
            "Otherwise they are recognised too, and your corrections are set aside."
        ),
        [
            Answer(tr("&Keep my corrections"), lambda: act(True)),
            Answer(tr("Recognise &all pages"), lambda: act(False)),
        ],
    )


def ask_about_pages(window: QWidget, pages: int, corrected: int, act: Callable[[bool], None]) -> QMessageBox:
    """Before pages are recognised again of which some were corrected; `act` is told whether those are, too."""
    stay = tr("Your corrections stay what is shown and exported, until you take the new text.")
    if pages == 1:
        again = Answer(tr("&Recognise again"), lambda: act(True))
        return ask(window, tr("Recognise again"), tr("You have corrected this page by hand."), stay, [again])
    too = Answer(tr("&Recognise them, too"), lambda: act(True))
    if pages == corrected:
        return ask(window, tr("Recognise again"), corrected_words(corrected), stay, [too])
    leave = Answer(tr("&Leave them out"), lambda: act(False))
    return ask(window, tr("Recognise again"), corrected_words(corrected), stay, [leave, too])


def ask_about_retry(window: QWidget, count: int, act: Callable[[], None]) -> QMessageBox:
    """Before documents that could not be opened any more are tried again."""
    return ask(
        window,
        tr("Try again"),
        corrected_words(count),
        tr(
            "They are kept if the file is still the same. If it has changed, it is another document, "
            "and is recognised without them."
        ),
        [Answer(tr("&Try again"), act)],
    )
