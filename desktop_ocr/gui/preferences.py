"""What the window remembers from one day to the next, in an ini file."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec
from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

from desktop_ocr.gui.theme import Appearance
from desktop_ocr.schema.exports import ExportWish

_log = logging.getLogger(__name__)

MEMORY_WIDTH = 400


class Preferences:
    """Typed access to the window's own memory. Lost file: sizes and folders start at their defaults."""

    def __init__(self, config: Path) -> None:
        self._file = config / "window.ini"
        self._kept = False
        self._store = QSettings(str(self._file), QSettings.Format.IniFormat)

    def _set(self, name: str, value: object) -> None:
        if not self._kept:  # before Qt writes it
            self._kept = True
            _keep_to_this_user(self._file)
        self._store.setValue(name, value)

    def state(self, name: str) -> QByteArray:
        """A widget's saved state, empty where there is none."""
        value = self._store.value(f"state/{name}")
        return value if isinstance(value, QByteArray) else QByteArray()

    def set_state(self, name: str, value: QByteArray) -> None:
        """Remember a widget's state."""
        self._set(f"state/{name}", value)

    @property
    def appearance(self) -> Appearance:
        """Light, dark or as the system."""
        try:
            return Appearance(str(self._store.value("appearance", Appearance.SYSTEM.value)))
        except ValueError:
            return Appearance.SYSTEM

    @appearance.setter
    def appearance(self, value: Appearance) -> None:
        self._set("appearance", value.value)

    @property
    def open_folder(self) -> str:
        """Where documents were opened last."""
        return self._folder("open-folder")

    @open_folder.setter
    def open_folder(self, value: str) -> None:
        self._set("open-folder", value)

    @property
    def export_folder(self) -> str:
        """Where documents were exported to last."""
        return self._folder("export-folder")

    @export_folder.setter
    def export_folder(self, value: str) -> None:
        self._set("export-folder", value)

    @property
    def export_formats(self) -> list[str]:
        """The formats chosen last."""
        return [name for name in str(self._store.value("export-formats", "txt")).split("+") if name]

    @export_formats.setter
    def export_formats(self, value: list[str]) -> None:
        self._set("export-formats", "+".join(value))

    @property
    def export_wish(self) -> ExportWish:
        """How files were written last; formats, folder and pages are not in it."""
        try:
            return msgspec.json.decode(str(self._store.value("export-wish", "")), type=ExportWish)
        except msgspec.DecodeError:  # none yet, or of another version of the program
            return ExportWish((), "")

    @export_wish.setter
    def export_wish(self, value: ExportWish) -> None:
        self._set("export-wish", msgspec.json.encode(value).decode())

    @property
    def export_options_open(self) -> bool:
        """Whether the options of exports are unfolded."""
        return str(self._store.value("export-options-open", "false")) == "true"

    @export_options_open.setter
    def export_options_open(self, value: bool) -> None:
        self._set("export-options-open", "true" if value else "false")

    @property
    def text_shown(self) -> str:
        """How pages' text is shown: "formatted", "lines" or "tables"."""
        value = str(self._store.value("text-shown", "formatted"))
        return value if value in ("formatted", "lines", "tables") else "formatted"

    @text_shown.setter
    def text_shown(self, value: str) -> None:
        self._set("text-shown", value)

    @property
    def doubt_below(self) -> float:
        """Words with less confidence than this are in doubt."""
        try:
            return max(0.5, min(0.99, float(str(self._store.value("doubt-below", 0.85)))))
        except ValueError:
            return 0.85

    @doubt_below.setter
    def doubt_below(self, value: float) -> None:
        self._set("doubt-below", value)

    def shown(self, name: str, default: bool) -> bool:
        """Whether something of the page's view is shown."""
        return str(self._store.value(f"shown/{name}", "true" if default else "false")) == "true"

    def set_shown(self, name: str, value: bool) -> None:
        """Remember whether it is."""
        self._set(f"shown/{name}", "true" if value else "false")

    @property
    def memory_open(self) -> bool:
        """Whether the memory panel is open."""
        return str(self._store.value("memory-open", "false")) == "true"

    @memory_open.setter
    def memory_open(self, value: bool) -> None:
        self._set("memory-open", "true" if value else "false")

    @property
    def memory_width(self) -> int:
        """The memory panel's width in pixels."""
        try:
            return max(MEMORY_WIDTH // 2, min(10 * MEMORY_WIDTH, int(str(self._store.value("memory-width")))))
        except ValueError:
            return MEMORY_WIDTH

    @memory_width.setter
    def memory_width(self, value: int) -> None:
        self._set("memory-width", value)

    def save(self) -> None:
        """Write the file now."""
        self._store.sync()

    def _folder(self, name: str) -> str:
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        kept = str(self._store.value(name, documents))
        return kept if Path(kept).is_dir() else documents


def _keep_to_this_user(file: Path) -> None:
    """Folders that were used are named in it. Qt writes it for everybody to read, but leaves the mode of one that is
    there as it is; where that cannot be had, the window starts all the same.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
        file.chmod(file.stat().st_mode & 0o700)
    except OSError as error:
        _log.warning("%s may be read by others: %s", file.name, error)
