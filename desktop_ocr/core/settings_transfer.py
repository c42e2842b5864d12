"""Settings as a file of their own: to take along to another machine, and to go back to. There is no password in them:
an address of a proxy with a name or password in it is refused by the settings themselves.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from desktop_ocr.core.settings_fields import Field
from desktop_ocr.core.settings_file import (
    HEADER,
    SETTINGS_TOML,
    Loaded,
    laid_over,
    load_settings,
    merged,
    save_settings,
    strangers,
)
from desktop_ocr.core.toml_files import NotReadableError, replace_file
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.settings import Section, Settings

BEFORE_RESET = "settings-before-reset.toml"


def export_settings(file: Path, settings: Settings) -> None:
    """Write all settings into a file; one that is there is replaced. Blocks on the disk.

    Raises:
        DesktopOcrError: USAGE: it is a device, a pipe or a link to nothing; DISK_FULL, NO_PERMISSION, or another
            reason why the file cannot be written.
    """
    if os.path.lexists(file) and not file.is_file():  # it would be replaced: /dev/null, say
        raise DesktopOcrError(ErrorCode.USAGE, f"{file} is no file that could be replaced.", "Choose another name.")
    try:
        replace_file(Path(os.path.realpath(file)), merged(HEADER, settings).encode(), aside=False)
    except OSError as error:
        raise SETTINGS_TOML.unwritable(error, file) from error


def import_settings(file: Path, present: Settings) -> Loaded:
    """The present settings with what is sound in a file in their places; nothing is stored. Blocks on the disk.

    Settings that the file does not name, or of which it says something that cannot be, stay as they are; a sentence
    names each of the latter.

    Raises:
        DesktopOcrError: NOT_FOUND, USAGE: the file cannot be read, or is no file of settings.
    """
    try:
        if not file.exists():
            raise DesktopOcrError(ErrorCode.NOT_FOUND, f"There is no file {file.name}.", "Choose another one.")
        tables = SETTINGS_TOML.parse(SETTINGS_TOML.read(file))
    except NotReadableError as error:
        text = f"No settings were imported: {file.name} {error}."
        raise DesktopOcrError(ErrorCode.USAGE, text, "Choose a file that was exported here.") from error
    except OSError as error:
        text = f"No settings were imported: {file.name} cannot be read ({error.strerror})."
        raise DesktopOcrError(ErrorCode.USAGE, text, "Choose a file that was exported here.") from error
    if not any(isinstance(tables.get(section.value), dict) for section in Section):
        text = f"No settings were imported: there are none in {file.name}."
        raise DesktopOcrError(ErrorCode.USAGE, text, "Choose a file that was exported here.")
    return laid_over(tables, present, list(strangers(tables, left="it is left out")), _left_out)


def reset_settings(file: Path) -> Path | None:
    """Put the defaults into the program's own file of settings. Blocks on the disk.

    Returns:
        Where the former file is kept, if there was one. One from before stays where there are defaults only by now:
        who resets twice has not lost his settings.

    Raises:
        DesktopOcrError: as `save_settings`.
    """
    former = file.with_name(BEFORE_RESET) if file.is_file() else None
    try:
        if former is not None and not (former.is_file() and load_settings(file) == Loaded(Settings())):
            replace_file(former, file.read_bytes(), aside=False)
    except OSError as error:
        raise SETTINGS_TOML.unwritable(error, former or file) from error
    save_settings(file, Settings())
    return former


def change_settings_file(file: Path, source: Path) -> Loaded:
    """Import from `source` into the program's own file of settings, without a program that runs.

    Raises:
        DesktopOcrError: as `import_settings` and `save_settings`.
    """
    loaded = import_settings(source, load_settings(file).settings)
    save_settings(file, loaded.settings)
    return loaded


def _left_out(fields: Sequence[Field]) -> str:
    return "it is left out" if len(fields) == 1 else f"{' and '.join(field.name for field in fields)} are left out"
