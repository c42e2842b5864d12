"""Takes models over from folders and archives, for machines without a network."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from desktop_ocr.models import archives
from desktop_ocr.models.breaker import Breaker
from desktop_ocr.models.catalog import CATALOG, entry
from desktop_ocr.models.disk import check_room, sweep, telling_disk_errors
from desktop_ocr.models.downloaded import IMPORTING, DownloadedModels, described
from desktop_ocr.models.entries import PackageFormat
from desktop_ocr.models.model_files import CONFIG, check_config, format_of, kept, read_config
from desktop_ocr.models.store import comes_with_program
from desktop_ocr.models.weights import check_files, check_weights
from desktop_ocr.schema.engine_messages import ALLOW_FAKES, FAKE
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

Told = Callable[[Path, str | DesktopOcrError], None]
"""Gets a place, and the model that was taken over from it, or why none was."""
_SUFFIXES = ("_infer", *(f"_{kind.value}" for kind in PackageFormat))
_PIPELINES = frozenset(model.id for model in CATALOG if model.parts)
_ENDS_ALL = (ErrorCode.CANCELLED, ErrorCode.DISK_FULL)


class Importer:
    """Takes models over, one after the other. Blocking: for a thread of its own."""

    def __init__(self, downloaded: DownloadedModels) -> None:
        """Touch nothing yet.

        Args:
            downloaded: where models are kept.
        """
        self._downloaded = downloaded

    def take_over(self, folder: Path, breaker: Breaker, told: Told) -> list[str]:
        """Take over models that were downloaded on another machine; see `Installer.take_over`."""
        places = _places(folder)
        store = self._downloaded.folder
        with telling_disk_errors(store):
            store.mkdir(parents=True, exist_ok=True)
            sweep(store, IMPORTING)
        taken: list[str] = []
        failures = 0
        for place in places:
            try:
                with telling_disk_errors(store):
                    model = self._take(place, breaker, alone=place == folder)
            except DesktopOcrError as error:
                if place == folder or error.code in _ENDS_ALL:
                    raise
                failures += 1
                told(place, error)
                continue
            if model is not None:
                taken.append(model)
                told(place, model)
        if not taken and not failures:
            raise DesktopOcrError(
                ErrorCode.USAGE,
                f"There is no model in {folder} that this program knows.",
                f"A model is a folder with {CONFIG} and its weights, as model hosts have it, or their archive of it.",
            )
        return taken

    def _take(self, place: Path, breaker: Breaker, *, alone: bool) -> str | None:
        """The model of a place; None where it is of none, and others may be."""
        with tempfile.TemporaryDirectory(prefix=IMPORTING, dir=self._downloaded.folder) as made:
            scratch = Path(made) / "model"
            scratch.mkdir()
            names = self._brought(place, scratch, breaker)
            kind = format_of(names)
            if kind is None:
                return None
            if FAKE in names and os.environ.get(ALLOW_FAKES) != "1":
                raise DesktopOcrError(
                    ErrorCode.MODEL_DAMAGED, f"{place} is no real model: it was made for a test, and knows nothing."
                )
            model = _named(scratch, place)
            if (why := _why_not(model)) is not None:
                if alone:
                    advice = "" if model in _PIPELINES else _OWN_FOLDER
                    raise DesktopOcrError(ErrorCode.USAGE, f"{place}: {why}", advice)
                return None
            assert model is not None  # noqa: S101 - else there was a reason
            further = check_weights(kind, scratch)
            if place.is_dir():
                names += self._copied(place, scratch, further.difference(names), breaker)
            check_files(further, scratch)
            wanted = kept(kind) | further | {FAKE}
            files = [described(scratch / name, breaker) for name in names if name in wanted]
            with self._downloaded.lock(model, breaker):
                self._downloaded.put_in_place(model, kind, "import", files, scratch)
            return model

    def _brought(self, place: Path, target: Path, breaker: Breaker) -> list[str]:
        """Copy a model's small files and its weights out of a folder or an archive; their names."""
        wanted = frozenset({FAKE}).union(*(kept(kind) for kind in PackageFormat))
        if place.is_dir():
            with _reading(place):
                there = frozenset(file.name for file in place.iterdir() if file.is_file())
            kind = format_of(there)
            return [] if kind is None else self._copied(place, target, there & (kept(kind) | {FAKE}), breaker)
        with _reading(place):
            size = place.stat().st_size
            with place.open("rb") as stream:
                stream.read(1)
        check_room(self._downloaded.folder, size)
        return archives.extract(place, target, wanted, size, breaker)

    def _copied(self, source: Path, target: Path, names: frozenset[str], breaker: Breaker) -> list[str]:
        there = [name for name in sorted(names) if (source / name).is_file()]
        with _reading(source):
            size = sum((source / name).stat().st_size for name in there)
        check_room(self._downloaded.folder, size)
        for name in there:
            with contextlib.ExitStack() as files:
                with _reading(source / name):
                    reading = files.enter_context((source / name).open("rb"))
                writing = files.enter_context((target / name).open("wb"))
                while True:
                    breaker.check()
                    with _reading(source / name):
                        data = reading.read(1 << 20)
                    if not data:
                        break
                    writing.write(data)
        return there


_OWN_FOLDER = "Name the folder in your models file to use it all the same: desktop-ocr models file"


def _places(folder: Path) -> list[Path]:
    """Where a model may be: the folder itself, an archive, or folders and archives in it.

    Raises:
        DesktopOcrError: NOT_FOUND; NO_PERMISSION where it cannot be read; USAGE where it is neither.
    """
    try:
        mode = folder.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: no folder can have such a name
        name = str(folder).encode(errors="replace").decode()
        raise DesktopOcrError(ErrorCode.NOT_FOUND, f"There is no folder {name}.") from None
    except OSError as error:
        raise _unreadable(folder, error) from error
    if stat.S_ISREG(mode):
        return [folder]
    if not stat.S_ISDIR(mode):
        raise DesktopOcrError(ErrorCode.USAGE, f"{folder} is neither a folder nor an archive.")
    with _reading(folder):
        inside = sorted(folder.iterdir())
        if (folder / CONFIG).is_file() or (folder / "model.safetensors").is_file():
            return [folder]
        return [one for one in inside if one.is_dir() or (one.suffix == ".tar" and one.is_file())]


def _named(folder: Path, place: Path) -> str | None:
    """The model's name: by its configuration, else by its folder's or archive's name."""
    if (folder / CONFIG).is_file():
        return check_config(read_config(folder / CONFIG))
    name = place.stem if place.suffix == ".tar" else place.name
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return name if entry(name) else None


def _why_not(name: str | None) -> str | None:
    """Why a model is not taken over, as a sentence; None where it is."""
    model = entry(name) if name else None
    if model is None:
        return f"this program does not know the model{f' {name}' if name else ''}."
    if model.parts:
        return f"{name} is made of several models, and has no files of its own."
    if comes_with_program(model):
        return f"{name} came with the program, which uses its own."
    return None if model.formats else f"{name} is used out of its package alone."


@contextlib.contextmanager
def _reading(place: Path) -> Iterator[None]:
    """Errors of where something is read from: they are not the store's."""
    try:
        yield
    except OSError as error:
        raise _unreadable(place, error) from error


def _unreadable(place: Path, error: OSError) -> DesktopOcrError:
    return DesktopOcrError(ErrorCode.NO_PERMISSION, f"{place} cannot be read: {os.strerror(error.errno or 0)}.")
