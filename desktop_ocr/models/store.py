"""Lays models out on disk as the engine host wants them: a folder of `inference.onnx` and `inference.yml`.

The weights come from installed wheels, whose packages are found without being imported. They are linked where the
file system can, checked against the catalog's SHA-256 once, and from then on known by size and time.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import importlib.util
import logging
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import msgspec

from desktop_ocr.models.catalog import CATALOG, REQUIRED_ROLES, ModelEntry, entry
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.roles import ModelRole

log = logging.getLogger(__name__)

WEIGHTS = "inference.onnx"
CONFIG = "inference.yml"
STAMP = "stamp.json"
_HALF_MADE = ".making-"
_HALF_MADE_SECONDS = 3600.0
_ATTEMPTS = 5


class ModelStatus(msgspec.Struct, frozen=True):
    """What a list of models shows of one.

    Attributes:
        role: what it does.
        id: its name.
        title: for the user.
        source: the wheel that carries it.
        size: of the weights in bytes.
        licence: SPDX expression.
        installed: whether its wheel's file is there.
        folder: where it is, or will be, laid out.
        reason: why it is not installed, or "".
    """

    role: ModelRole
    id: str
    title: str
    source: str
    size: int
    licence: str
    installed: bool
    folder: str
    reason: str = ""


class _Stamp(msgspec.Struct, frozen=True):
    """What a laid-out folder was like when its weights were last checked."""

    sha256: str
    size: int
    mtime_ns: int
    config_sha256: str


class ModelStore:
    """Model folders in one place. Safe from several threads, and from several processes on the same folder."""

    def __init__(self, folder: Path) -> None:
        """Touch nothing yet.

        Args:
            folder: holds a folder per model; made when the first is laid out.
        """
        self._folder = folder
        self._lock = threading.Lock()

    def defaults(self) -> dict[str, str]:
        """Model by role for a new engine host: the first installed one of each role.

        A role that a page can do without is left out where no model for it is installed; of the others the
        catalog's first is named, so that `ensure` says what is missing.
        """
        chosen: dict[str, str] = {}
        for role in ModelRole:
            candidates = [model for model in CATALOG if model.role is role]
            installed = [model for model in candidates if _find(model) is not None]
            if installed:
                chosen[role.value] = installed[0].id
            elif role in REQUIRED_ROLES and candidates:
                chosen[role.value] = candidates[0].id
        return chosen

    def status(self) -> list[ModelStatus]:
        """All models of the catalog, in its order. Reads no weights."""
        found = []
        for model in CATALOG:
            source = _find(model)
            folder = source.parent if model.in_place and source else self._folder / model.id
            found.append(
                ModelStatus(
                    role=model.role,
                    id=model.id,
                    title=model.title,
                    source=model.source.wheel,
                    size=model.size,
                    licence=model.licence,
                    installed=source is not None,
                    folder=str(folder),
                    reason="" if source else _why_missing(model),
                )
            )
        return found

    def ensure(self, model_id: str) -> Path:
        """The folder of a model, laid out if it is not, or is damaged.

        Returns:
            The folder; of a model that is used in place, the wheel's own.

        Raises:
            DesktopOcrError: MODEL_MISSING where the wheel is not installed, MODEL_DAMAGED where its file is not
                the one the catalog knows, DISK_FULL or NO_PERMISSION where the folder cannot be written.
        """
        model = _known(model_id)
        if model.in_place:
            return _source(model).parent
        target = self._folder / model.id
        with self._lock, _telling_disk_errors(self._folder):
            config = _packaged_config(model)
            if not _is_sound(target, model, config):
                self._lay_out(model, config, target)
        return target

    def verify(self, model_id: str) -> None:
        """Read a laid-out model's weights again and compare them with the catalog.

        Raises:
            DesktopOcrError: MODEL_DAMAGED where they differ, MODEL_MISSING where it is not laid out.
        """
        model = _known(model_id)
        if model.in_place:
            _source(model)
            return
        target = self._folder / model.id
        weights = target / WEIGHTS
        if not weights.is_file():
            raise DesktopOcrError(
                ErrorCode.MODEL_MISSING,
                f"The model {model.id} is not laid out yet.",
                "Recognise a page first.",
            )
        if _sha256(weights) != model.sha256:
            raise DesktopOcrError(
                ErrorCode.MODEL_DAMAGED,
                f"The model {model.id} is damaged.",
                f"Delete the folder {target} and install {model.source.wheel} again.",
            )

    def _lay_out(self, model: ModelEntry, config: bytes, target: Path) -> None:
        source = _source(model)
        if _sha256(source) != model.sha256:
            raise DesktopOcrError(
                ErrorCode.MODEL_DAMAGED,
                f"The weights of {model.id} are not the ones this program was made for.",
                f"Install {model.source.wheel} again: pip install --force-reinstall {model.source.wheel}",
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        self._sweep()
        made = Path(tempfile.mkdtemp(prefix=f"{_HALF_MADE}{model.id}-", dir=self._folder))
        try:
            _link(source, made / WEIGHTS)
            (made / CONFIG).write_bytes(config)
            _write_stamp(made, model, config)
            self._put_in_place(made, target, model, config)
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def _put_in_place(self, made: Path, target: Path, model: ModelEntry, config: bytes) -> None:
        """Rename a finished folder to its name. Another process may do the same at the same moment."""
        for _ in range(_ATTEMPTS):
            try:
                made.rename(target)
            except OSError as error:
                # A folder that is there already: ENOTEMPTY or EEXIST on Unix, EACCES on Windows.
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.EACCES) or not target.exists():
                    raise
            else:
                return
            if _is_sound(target, model, config):
                return  # the other process' folder is as good as ours
            aside = Path(tempfile.mkdtemp(prefix=f"{_HALF_MADE}old-", dir=self._folder))
            with contextlib.suppress(FileNotFoundError):  # the other process moved it first
                target.rename(aside / "old")
            shutil.rmtree(aside, ignore_errors=True)
        raise DesktopOcrError(
            ErrorCode.MODEL_DAMAGED,
            f"The folder of the model {model.id} could not be replaced.",
            f"Close other windows of this program and delete {target}.",
        )

    def _sweep(self) -> None:
        """Remove what a killed process left half made."""
        oldest = time.time() - _HALF_MADE_SECONDS
        for leftover in self._folder.glob(f"{_HALF_MADE}*"):
            with contextlib.suppress(OSError):
                if leftover.stat().st_mtime < oldest:
                    shutil.rmtree(leftover, ignore_errors=True)


def _known(model_id: str) -> ModelEntry:
    model = entry(model_id)
    if model is None:
        raise DesktopOcrError(ErrorCode.MODEL_MISSING, f"There is no model of the name {model_id}.")
    return model


def _find(model: ModelEntry) -> Path | None:
    """The model's file in its wheel, found without importing the package; None where it is not there."""
    spec = importlib.util.find_spec(model.source.package)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        file = Path(location) / model.source.file
        if file.is_file():
            return file
    return None


def _source(model: ModelEntry) -> Path:
    file = _find(model)
    if file is None:
        raise DesktopOcrError(
            ErrorCode.MODEL_MISSING,
            f"The model {model.id} is not installed.",
            _why_missing(model),
        )
    return file


def _why_missing(model: ModelEntry) -> str:
    limit = model.source.below_python
    if limit is not None and sys.version_info[:2] >= limit:
        return f"Its package {model.source.wheel} needs a Python below {limit[0]}.{limit[1]}."
    return f"Install its package: pip install {model.source.wheel}"


def _packaged_config(model: ModelEntry) -> bytes:
    return (resources.files("desktop_ocr.models") / "layouts" / model.id / CONFIG).read_bytes()


def _is_sound(target: Path, model: ModelEntry, config: bytes) -> bool:
    """Whether a folder holds this model. Hashes the weights only where the stamp does not fit them."""
    weights = target / WEIGHTS
    try:
        if (target / CONFIG).read_bytes() != config:
            return False
        facts = weights.stat()
    except OSError:
        return False
    if facts.st_size != model.size:
        return False
    try:
        stamp = msgspec.json.decode((target / STAMP).read_bytes(), type=_Stamp)
    except (OSError, msgspec.DecodeError):
        stamp = None
    if stamp is not None and stamp == _stamp(model, facts, config):
        return True
    if _sha256(weights) != model.sha256:
        log.warning("model %s is damaged and is laid out again", model.id)
        return False
    # A folder that cannot be written is still sound: the next start hashes once more.
    with contextlib.suppress(OSError):
        _write_stamp(target, model, config)
    return True


def _stamp(model: ModelEntry, facts: os.stat_result, config: bytes) -> _Stamp:
    return _Stamp(model.sha256, facts.st_size, facts.st_mtime_ns, hashlib.sha256(config).hexdigest())


def _write_stamp(folder: Path, model: ModelEntry, config: bytes) -> None:
    """Written beside and renamed, so that another process never reads half of it."""
    stamp = _stamp(model, (folder / WEIGHTS).stat(), config)
    beside = folder / f"{STAMP}.{os.getpid()}.{threading.get_ident()}"
    beside.write_bytes(msgspec.json.encode(stamp))
    beside.replace(folder / STAMP)


def _link(source: Path, link: Path) -> None:
    """Hard link, else symbolic link, else copy: the weights are there once where the file system allows it."""
    try:
        os.link(source, link)
        return
    except OSError:
        log.debug("no hard link to %s", source.name)
    try:
        link.symlink_to(source.resolve())
        return
    except OSError:
        log.debug("no symbolic link to %s", source.name)
    shutil.copyfile(source, link)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextlib.contextmanager
def _telling_disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DesktopOcrError(
                ErrorCode.DISK_FULL,
                "The disk is full: the models could not be laid out.",
                f"Make room for {folder}.",
            ) from error
        raise DesktopOcrError(
            ErrorCode.NO_PERMISSION,
            f"The models could not be laid out in {folder}: {os.strerror(error.errno or 0)}.",
            "Make the folder writable, or set XDG_CACHE_HOME to one that is.",
        ) from error
