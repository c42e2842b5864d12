"""The folder of models that were downloaded or imported: a folder per model, with a stamp that says what is in it."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from desktop_ocr.models.breaker import Breaker
from desktop_ocr.models.disk import locked, sha256_of, sweep, telling_disk_errors
from desktop_ocr.models.entries import PackageFormat
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

log = logging.getLogger(__name__)

STAMP = "stamp.json"
ABOUT = ".about.json"
"""Ends the name of a note beside a file that has not come whole."""
_STAGING = ".part-"
_LOCK = ".lock-"
_ASIDE = ".old-"
IMPORTING = ".import-"
"""Begins the name of a folder in which a model is that is being taken over."""


class FetchedFile(msgspec.Struct, frozen=True):
    """A file that has come.

    Attributes:
        name: path in the package.
        size: in bytes.
        sha256: of its bytes.
        checked: what the host said of it and was compared: "sha256", "git", "md5", "size", or "".
    """

    name: str
    size: int
    sha256: str
    checked: str


class DownloadStamp(msgspec.Struct, frozen=True):
    """What a model's folder was like when it was installed.

    Attributes:
        model: its id.
        format: of its files.
        source: where they came from: a host's name, or "import".
        files: with their checksums.
        installed: when, in seconds since 1970.
    """

    model: str
    format: PackageFormat
    source: str
    files: tuple[FetchedFile, ...]
    installed: float

    @property
    def size(self) -> int:
        """Of all files, in bytes."""
        return sum(file.size for file in self.files)


class DownloadedModels:
    """Safe from several threads, and from several processes on the same folder."""

    def __init__(self, folder: Path) -> None:
        """Touch nothing yet.

        Args:
            folder: holds a folder per model; made when the first comes.
        """
        self.folder = folder

    def path(self, model: str) -> Path:
        """Where a model is, or will be."""
        return self.folder / model

    def find(self, model: str) -> DownloadStamp | None:
        """What is known of an installed model; None for one that is not, or of which a file is gone or changed size."""
        folder = self.path(model)
        try:
            stamp = msgspec.json.decode((folder / STAMP).read_bytes(), type=DownloadStamp)
            whole = all((folder / file.name).stat().st_size == file.size for file in stamp.files)
        except (OSError, msgspec.DecodeError):
            return None
        return stamp if whole and stamp.model == model else None

    def partial(self, model: str) -> int:
        """Bytes of a download that broke off."""
        total = 0
        with contextlib.suppress(OSError):
            for file in self.staging(model).iterdir():
                with contextlib.suppress(OSError):
                    total += 0 if file.name.endswith(ABOUT) else file.stat().st_size
        return total

    def verify(self, model: str) -> None:
        """Read all files of a model and compare them with its stamp.

        Raises:
            DesktopOcrError: MODEL_MISSING, MODEL_DAMAGED.
        """
        stamp = self.find(model)
        if stamp is None:
            if self.path(model).exists():
                raise _damaged(model)
            raise DesktopOcrError(
                ErrorCode.MODEL_MISSING,
                f"The model {model} is not installed.",
                f"Install it: desktop-ocr models install {model}",
            )
        for file in stamp.files:
            with telling_disk_errors(self.folder):
                if sha256_of(self.path(model) / file.name) != file.sha256:
                    raise _damaged(model)

    def remove(self, model: str) -> bool:
        """Delete a model's files, and what a broken-off download has left of it; whether there was anything.

        Raises:
            DesktopOcrError: NO_PERMISSION.
        """
        staging, found = self.staging(model), False
        with telling_disk_errors(self.folder):
            if not self.folder.is_dir():
                return False
            with self.lock(model, Breaker()):
                if self.path(model).exists():
                    found = True
                    self._set_aside(model)
                if staging.is_symlink():
                    found = True
                    staging.unlink()  # what it leads to is somebody else's
                elif staging.exists():
                    found = True
                    shutil.rmtree(staging)
        return found

    # --- for those who put models here ----------------------------------------------------------------------

    def staging(self, model: str) -> Path:
        """Where a model's files come together before it is installed; they stay when a download breaks off."""
        return self.folder / f"{_STAGING}{model}"

    def lock(self, model: str, breaker: Breaker) -> contextlib.AbstractContextManager[None]:
        """Keep other processes from working at the same model; waits for them."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return locked(self.folder / f"{_LOCK}{model}", breaker)

    def put_in_place(
        self, model: str, kind: PackageFormat, source: str, files: Iterable[FetchedFile], made: Path
    ) -> DownloadStamp:
        """Make a folder of finished files the model's own, in one step.

        Args:
            model: its id.
            kind: format of the files.
            source: where they came from.
            files: what is kept of the folder; all else in it is deleted.
            made: the folder, on the same disk; it is gone afterwards.

        Raises:
            OSError: it cannot be written.
        """
        stamp = DownloadStamp(model, kind, source, tuple(files), time.time())
        names = {file.name for file in stamp.files}
        for other in made.iterdir():
            if other.name not in names:
                shutil.rmtree(other) if other.is_dir() and not other.is_symlink() else other.unlink()
        (made / STAMP).write_bytes(msgspec.json.encode(stamp))
        for name in (*names, STAMP):
            _sync(made / name)
        for prefix in (_ASIDE, IMPORTING):
            sweep(self.folder, prefix)
        if self.path(model).exists():
            self._set_aside(model)
        made.rename(self.path(model))
        _sync(self.folder)
        log.info("the model %s is installed, %d bytes from %s", model, stamp.size, source)
        return stamp

    def _set_aside(self, model: str) -> None:
        """Delete a folder so that no half of it is ever seen under its name."""
        aside = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=self.folder))
        self.path(model).rename(aside / model)
        shutil.rmtree(aside, ignore_errors=True)


def described(file: Path, breaker: Breaker) -> FetchedFile:
    """A file as it is on the disk; nobody has said what it should be.

    Raises:
        DesktopOcrError: CANCELLED.
        OSError: it cannot be read.
    """
    sha256, size = hashlib.sha256(), 0
    with file.open("rb") as stream:
        while data := stream.read(1 << 20):
            breaker.check()
            sha256.update(data)
            size += len(data)
    return FetchedFile(file.name, size, sha256.hexdigest(), "")


def _damaged(model: str) -> DesktopOcrError:
    return DesktopOcrError(
        ErrorCode.MODEL_DAMAGED,
        f"The model {model} is damaged.",
        f"Remove it and install it again: desktop-ocr models remove {model}",
    )


def _sync(path: Path) -> None:
    """What has its name is on the disk: a stamp after a power cut does not speak of files that are empty."""
    with contextlib.suppress(OSError):  # folders cannot be opened on Windows
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
