"""Asks before the window closes on work that is under way."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from desktop_ocr.gui.words import tr


def ask_to_quit(window: QWidget, working: int, quit_: Callable[[], None]) -> QMessageBox:
    """Ask whether to quit while so many documents are being read; the window goes on working meanwhile."""
    box = QMessageBox(window)
    box.setWindowTitle(tr("Quit Desktop OCR?"))
    box.setIcon(QMessageBox.Icon.Question)
    box.setText(
        tr("A document is still being read. Quit now?")
        if working == 1
        else tr("%n documents are still being read. Quit now?", working)
    )
    box.setInformativeText(tr("Finished pages are kept. You can go on with the rest next time."))
    leave = box.addButton(tr("&Quit"), QMessageBox.ButtonRole.DestructiveRole)
    stay = box.addButton(tr("&Keep working"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(stay)
    box.setEscapeButton(stay)
    box.setWindowModality(Qt.WindowModality.WindowModal)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.buttonClicked.connect(lambda button: quit_() if button is leave else None)
    box.open()
    return box
