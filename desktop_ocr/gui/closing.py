"""Asks before the window closes on work that is under way."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QMessageBox, QWidget

from desktop_ocr.gui.words import tr


def ask_to_quit(
    window: QWidget,
    working: int,
    exporting: bool,
    quit_: Callable[[], None],
    minimise: Callable[[], None] | None = None,
) -> QMessageBox:
    """Ask whether to quit while so many documents are being read, or files written; the work goes on meanwhile.

    With `minimise`, that is offered, too: the desktop has no tray in which the program could stay.
    """
    box = QMessageBox(window)
    box.setWindowTitle(tr("Quit Desktop OCR?"))
    box.setIcon(QMessageBox.Icon.Question)
    texts = [tr("Finished pages are kept. You can go on with the rest next time.")] if working else []
    if exporting:
        texts.append(tr("Files that are not exported yet will be missing in the folder."))
    if minimise is not None:
        texts.append(tr("This desktop has no tray: a window that is closed cannot go on in the background."))
    box.setText(tr("{work} Quit now?").format(work=work_words(working)))
    box.setInformativeText(" ".join(texts))
    leave = box.addButton(tr("&Quit"), QMessageBox.ButtonRole.DestructiveRole)
    if minimise is not None:
        box.addButton(tr("&Minimise"), QMessageBox.ButtonRole.ActionRole).clicked.connect(minimise)
    stay = box.addButton(tr("&Keep working"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(stay)
    box.setEscapeButton(stay)
    box.setWindowModality(Qt.WindowModality.WindowModal)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.buttonClicked.connect(lambda button: quit_() if button is leave else None)
    box.open()
    return box


def work_words(working: int) -> str:
    """What is under way, where something is."""
    if not working:
        return tr("Documents are still being exported.")
    if working == 1:
        return tr("A document is still being read.")
    return tr("%n documents are still being read.", working)


def ask_to_stay(
    window: QWidget, working: int, exporting: bool, stay: Callable[[bool], None], quit_: Callable[[bool], None]
) -> QMessageBox:
    """Ask what closing the window is to mean; the answers are told whether it is for always."""
    box = QMessageBox(window)
    box.setWindowTitle(tr("Close the window"))
    box.setIcon(QMessageBox.Icon.Question)
    box.setText(tr("Desktop OCR can go on in the background, without a window."))
    told = [tr("Its icon in the tray shows how far it is, and brings the window back.")]
    if working or exporting:
        told.append(work_words(working))
        told.append(tr("If you quit, finished pages are kept, and you can go on with the rest next time."))
    box.setInformativeText(" ".join(told))
    always = QCheckBox(tr("&Do not ask again"))
    always.setChecked(True)
    box.setCheckBox(always)
    keep = box.addButton(tr("&Keep working"), QMessageBox.ButtonRole.AcceptRole)
    leave = box.addButton(tr("&Quit"), QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(keep)
    box.setEscapeButton(cancel)
    box.setWindowModality(Qt.WindowModality.WindowModal)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    keep.clicked.connect(lambda: stay(always.isChecked()))
    leave.clicked.connect(lambda: quit_(always.isChecked()))
    box.open()
    return box


def ask_to_lose(window: QWidget, quit_: Callable[[], None]) -> QMessageBox:
    """Ask whether to quit although something that was typed could not be stored."""
    box = QMessageBox(window)
    box.setWindowTitle(tr("Quit Desktop OCR?"))
    box.setIcon(QMessageBox.Icon.Warning)
    box.setText(tr("What you typed last could not be stored. Quit and lose it?"))
    box.setInformativeText(tr("The page says why. All corrections before it are kept."))
    leave = box.addButton(tr("&Quit"), QMessageBox.ButtonRole.DestructiveRole)
    stay = box.addButton(tr("&Keep working"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(stay)
    box.setEscapeButton(stay)
    box.setWindowModality(Qt.WindowModality.WindowModal)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.buttonClicked.connect(lambda button: quit_() if button is leave else None)
    box.open()
    return box
