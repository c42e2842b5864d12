"""Where the program keeps things. Everything else gets its folders from here, by constructor."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import msgspec
import platformdirs

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

APP = "desktop-ocr"


class AppPaths(msgspec.Struct, frozen=True):
    """The program's folders; none of them needs to exist.

    Attributes:
        data: the ledger, pasted pictures, downloaded models, diagnostic dumps, logs. Lost data: recognised pages.
        cache: model folders, measured memory. Lost data: none, they are laid out and measured again.
        config: settings, the user's models file, the list of watched folders.
        runtime: bitmaps in transit, a folder per process. Lost data: none.
    """

    data: Path
    cache: Path
    config: Path
    runtime: Path

    @property
    def ledger(self) -> Path:
        """The SQLite file."""
        return self.data / "ledger.sqlite3"

    @property
    def settings(self) -> Path:
        """The settings, as TOML."""
        return self.config / "settings.toml"

    @property
    def footprints(self) -> Path:
        """What models took on this machine, as JSON."""
        return self.cache / "footprints.json"

    @property
    def dumps(self) -> Path:
        """Diagnostic dumps."""
        return self.data / "diagnostics"

    @property
    def models(self) -> Path:
        """Model folders."""
        return self.cache / "models"

    @property
    def downloaded_models(self) -> Path:
        """Models that were downloaded or imported."""
        return self.data / "models"

    @property
    def models_file(self) -> Path:
        """The user's choice of models, as TOML."""
        return self.config / "models.toml"

    @property
    def watched_folders(self) -> Path:
        """The watched folders, as TOML."""
        return self.config / "folders.toml"

    @property
    def logs(self) -> Path:
        """The programs' logs."""
        return self.data / "logs"

    @property
    def pasted(self) -> Path:
        """Pictures that came from the clipboard."""
        return self.data / "pasted"


def user_paths() -> AppPaths:
    """The current user's folders, by the platform's rules (XDG on Linux).

    Raises:
        DesktopOcrError: NOT_FOUND, the user has no home folder.
    """
    user = str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    try:
        data = platformdirs.user_data_dir(APP, appauthor=False)
        cache = platformdirs.user_cache_dir(APP, appauthor=False)
        config = platformdirs.user_config_dir(APP, appauthor=False)
    except RuntimeError as error:
        raise DesktopOcrError(
            ErrorCode.NOT_FOUND, "You have no home folder.", "Set HOME to a folder of your own."
        ) from error
    return AppPaths(Path(data), Path(cache), Path(config), runtime=_temporary_folder() / f"{APP}-{user}")


def _temporary_folder() -> Path:
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError:  # none can be written to: who tries to use it says so
        return Path(os.environ.get("TMPDIR") or "/tmp")  # noqa: S108
