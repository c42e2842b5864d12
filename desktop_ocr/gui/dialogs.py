"""The system's dialogs for choosing files and folders."""

from __future__ import annotations

from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_ocr.core.inputs import SUFFIXES
from desktop_ocr.gui.words import tr


def file_dialog(parent: QWidget, start: str) -> QFileDialog:
    """A dialog for choosing documents; its `filesSelected` tells them."""
    dialog = QFileDialog(parent, tr("Open files"), start)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    patterns = " ".join(f"*{suffix} *{suffix.upper()}" for suffix in sorted(SUFFIXES))
    dialog.setNameFilters([tr("Documents and pictures") + f" ({patterns})", tr("All files") + " (*)"])
    return dialog


def folder_dialog(parent: QWidget, start: str, title: str) -> QFileDialog:
    """A dialog for choosing a folder; its `fileSelected` tells it."""
    dialog = QFileDialog(parent, title, start)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return dialog
