"""Asks before the window closes on work that is under way."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from desktop_ocr.gui.words import tr


def ask_to_quit(window: QWidget, working: int, exporting: bool, quit_: Callable[[], None]) -> QMessageBox:
    """Ask whether to quit while so many documents are being read, or files written; the work goes on meanwhile."""
    box = QMessageBox(window)
    box.setWindowTitle(tr("Quit Desktop OCR?"))
    box.setIcon(QMessageBox.Icon.Question)
    texts = [tr("Finished pages are kept. You can go on with the rest next time.")] if working else []
    if exporting:
        texts.append(tr("Files that are not exported yet will be missing in the folder."))
    if not working:
        box.setText(tr("Documents are still being exported. Quit now?"))
    elif working == 1:
        box.setText(tr("A document is still being read. Quit now?"))
    else:
        box.setText(tr("%n documents are still being read. Quit now?", working))
    box.setInformativeText(" ".join(texts))
    leave = box.addButton(tr("&Quit"), QMessageBox.ButtonRole.DestructiveRole)
    stay = box.addButton(tr("&Keep working"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(stay)
    box.setEscapeButton(stay)
    box.setWindowModality(Qt.WindowModality.WindowModal)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.buttonClicked.connect(lambda button: quit_() if button is leave else None)
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
