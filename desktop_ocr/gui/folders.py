"""Showing a folder in the system's file manager."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from desktop_ocr.gui.message_bar import MessageBars, Tone
from desktop_ocr.gui.words import tr


def show_folder(folder: Path, bars: MessageBars) -> None:
    """Show a folder; say so where that cannot be done."""
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
        bars.say(tr("The folder {folder} cannot be shown.").format(folder=folder), Tone.WARNING)
