"""The system's dialogs for choosing files and folders."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_ocr.core.inputs import SUFFIXES
from desktop_ocr.gui.words import shortened, tr


def file_dialog(parent: QWidget, start: str) -> QFileDialog:
    """A dialog for choosing documents; its `filesSelected` tells them."""
    dialog = QFileDialog(parent, tr("Open files"), start)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.setNameFilters([_documents(), _everything()])
    return dialog


def locate_dialog(parent: QWidget, start: str, name: str) -> QFileDialog:
    """A dialog for showing where a document is now, which was called `name`; its `fileSelected` tells it."""
    dialog = QFileDialog(parent, tr("Where is “{name}” now?").format(name=shortened(name)), start)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    suffix = Path(name).suffix
    # A name may hold what a filter takes for its own.
    same = [tr("Files of the same kind") + f" ({_pattern(suffix)})"] if suffix[1:].isalnum() else []
    dialog.setNameFilters([*same, _documents(), _everything()])
    return dialog


def _pattern(suffix: str) -> str:
    return f"*{suffix.lower()} *{suffix.upper()}"


def _documents() -> str:
    patterns = " ".join(_pattern(suffix) for suffix in sorted(SUFFIXES))
    return tr("Documents and pictures") + f" ({patterns})"


def _everything() -> str:
    return tr("All files") + " (*)"


def folder_dialog(parent: QWidget, start: str, title: str) -> QFileDialog:
    """A dialog for choosing a folder; its `fileSelected` tells it."""
    dialog = QFileDialog(parent, title, start)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return dialog
