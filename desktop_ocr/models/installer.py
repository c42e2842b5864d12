"""Downloads a model, or takes one over from a folder, and makes it the store's. Only ever because a user said so."""

from __future__ import annotations

import hashlib
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from desktop_ocr.models import archives
from desktop_ocr.models.breaker import Breaker
from desktop_ocr.models.catalog import entry
from desktop_ocr.models.disk import check_room, megabytes, telling_disk_errors
from desktop_ocr.models.downloaded import DownloadedModels, FetchedFile
from desktop_ocr.models.downloads import FIRST_PAUSE, Fetcher, persistent
from desktop_ocr.models.engines import installed_engines, no_engine, usable_formats
from desktop_ocr.models.entries import ModelEntry, PackageFormat
from desktop_ocr.models.model_files import CONFIG, CONFIG_BYTES, REQUIRED, check_config, format_of, kept, missing
from desktop_ocr.models.sources import RemoteFile, Source, host_name, package_name, source_for
from desktop_ocr.models.web import TIMEOUT, Web, WebError
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.model_store import StoreState
from desktop_ocr.schema.settings import Settings

log = logging.getLogger(__name__)

_MOST_TIMES = 4
"""A package may be so many times as large as the catalog says: formats differ, and documentation rounds."""
_MOST_MORE = 64_000_000
_SUFFIXES = ("_infer", *(f"_{kind.value}" for kind in PackageFormat))


class Progress(msgspec.Struct, frozen=True):
    """How a download goes.

    Attributes:
        state: WAITING for another process, DOWNLOADING, CHECKING.
        done, size: bytes.
    """

    state: StoreState
    done: int
    size: int


class Installer:
    """Installs models, one at a time. Blocking: for a thread of its own."""

    def __init__(
        self,
        downloaded: DownloadedModels,
        settings: Settings,
        *,
        engines: Iterable[str] | None = None,
        timeout: float = TIMEOUT,
        pause: float = FIRST_PAUSE,
    ) -> None:
        """Ask nobody yet.

        Args:
            downloaded: where models are kept.
            settings: model host, mirror, proxy.
            engines: that are installed; None to look.
            timeout: seconds for a model host's answer.
            pause: seconds before a second attempt.
        """
        self._downloaded = downloaded
        self._source: Source = source_for(settings.model_host, settings.model_mirror)
        self._proxy = settings.proxy
        self._engines = frozenset(installed_engines() if engines is None else engines)
        self._timeout = timeout
        self._pause = pause

    @property
    def host(self) -> str:
        """Where models come from, for the user."""
        return host_name(self._source)

    def formats(self, model: ModelEntry) -> list[PackageFormat]:
        """The formats of a model that can be used here, the preferred first."""
        return usable_formats(model.formats, self._engines)

    def install(self, model_id: str, breaker: Breaker, progress: Callable[[Progress], None]) -> None:
        """Download a model; one that is there already is left as it is.

        Args:
            model_id: of the catalog, with files of its own.
            breaker: stops it from another thread.
            progress: told often how it goes, from the calling thread.

        Raises:
            DesktopOcrError: USAGE for one that is not downloaded; MODEL_MISSING where no engine here runs it;
                DISK_FULL, DOWNLOAD_FAILED, MODEL_DAMAGED, NO_PERMISSION; CANCELLED. What has come of it stays.
        """
        model = entry(model_id)
        if model is None or not model.formats:
            raise DesktopOcrError(ErrorCode.USAGE, f"{model_id} is no model that can be downloaded.")
        formats = self.formats(model)
        if not formats:
            raise no_engine(model)
        store = self._downloaded
        progress(Progress(StoreState.WAITING, store.partial(model_id), model.size))
        with telling_disk_errors(store.folder), store.lock(model_id, breaker):
            # Another process may have been at it: what it has installed need not come twice.
            if store.find(model_id) is None:
                self._install(model, formats, breaker, progress)

    def _install(
        self, model: ModelEntry, formats: list[PackageFormat], breaker: Breaker, progress: Callable[[Progress], None]
    ) -> None:
        web = Web(breaker, proxy=self._proxy, timeout=self._timeout)
        staging = self._downloaded.staging(model.id)
        staging.mkdir(parents=True, exist_ok=True)
        fetcher = Fetcher(web, breaker, staging, pause=self._pause)
        for kind in formats:
            package = package_name(model.id, kind)
            try:
                files = persistent(breaker, self._pause, lambda name=package: self._source.files(web, name))  # type: ignore[misc]
                files = _wanted(files, kind, package)
                self._fetch(model, kind, files, fetcher, breaker, progress)
            except WebError as error:
                if error.status in (401, 404):  # HuggingFace answers 401 for what it does not have
                    log.info("%s has no package %s", self.host, package)
                    continue
                raise DesktopOcrError(
                    ErrorCode.DOWNLOAD_FAILED,
                    f"The model {model.id} could not be downloaded: {error}.",
                    "Try again later, or take another model host or a proxy in the settings.",
                ) from error
            return
        shutil.rmtree(staging, ignore_errors=True)
        raise DesktopOcrError(
            ErrorCode.DOWNLOAD_FAILED,
            f"{self.host} has no package of {model.id} that can be used here.",
            "Take another model host in the settings.",
        )

    def _fetch(
        self,
        model: ModelEntry,
        kind: PackageFormat,
        files: list[RemoteFile],
        fetcher: Fetcher,
        breaker: Breaker,
        progress: Callable[[Progress], None],
    ) -> None:
        store, staging = self._downloaded, self._downloaded.staging(model.id)
        most = model.size * _MOST_TIMES + _MOST_MORE
        told = sum(file.size for file in files if file.size is not None)
        size = max(told, 0 if all(file.size is not None for file in files) else model.size)
        if size > most:
            raise _too_large(model)
        there = store.partial(model.id)
        # An archive is there beside what is taken out of it.
        check_room(store.folder, max(0, size * (2 if files[0].archive else 1) - there))
        before = 0
        fetched: list[FetchedFile] = []
        for file in files:
            base = before

            def tell(done: int, base: int = base) -> None:
                progress(Progress(StoreState.DOWNLOADING, base + done, max(size, base + done)))

            tell(0)
            fetched.append(fetcher.fetch(file, most - before, tell))
            before += fetched[-1].size
        progress(Progress(StoreState.CHECKING, before, before))
        if files[0].archive:
            archive = staging / files[0].name
            names = archives.extract(archive, staging, kept(kind), most, breaker)
            fetched = [_described(staging / name, breaker) for name in names]
            if lacking := missing(kind, names):
                fetcher.forget(files[0])
                raise _incomplete(model.id, lacking)
        self._check(model.id, kind, staging)
        breaker.check()
        store.put_in_place(model.id, kind, self.host, fetched, staging)

    def _check(self, model_id: str, kind: PackageFormat, folder: Path) -> None:
        config = folder / CONFIG
        if any(CONFIG in group for group in REQUIRED[kind]) or config.is_file():
            try:
                check_config(_small(config), model_id)
            except DesktopOcrError:
                shutil.rmtree(folder, ignore_errors=True)  # it would be refused again
                raise

    # --- from a folder --------------------------------------------------------------------------------------

    def take_over(self, folder: Path, breaker: Breaker) -> list[str]:
        """Take over models that were downloaded on another machine.

        Args:
            folder: of one model, or of several such folders and archives; or an archive.
            breaker: stops it.

        Returns:
            Their ids.

        Raises:
            DesktopOcrError: NOT_FOUND; USAGE where there is no model in it that the program knows; MODEL_DAMAGED,
                DISK_FULL, NO_PERMISSION; CANCELLED.
        """
        if not folder.exists():
            raise DesktopOcrError(ErrorCode.NOT_FOUND, f"There is no folder {folder}.")
        with telling_disk_errors(self._downloaded.folder):
            self._downloaded.folder.mkdir(parents=True, exist_ok=True)
            taken = [
                model
                for place in _places(folder)
                if (model := self._take(place, breaker, alone=place == folder)) is not None
            ]
        if not taken:
            raise DesktopOcrError(
                ErrorCode.USAGE,
                f"There is no model in {folder} that this program knows.",
                f"A model is a folder with {CONFIG} and its weights, as model hosts have it, or their archive of it.",
            )
        return taken

    def _take(self, place: Path, breaker: Breaker, *, alone: bool) -> str | None:
        with tempfile.TemporaryDirectory(prefix=".import-", dir=self._downloaded.folder) as made:
            scratch = Path(made) / "model"
            scratch.mkdir()
            if place.is_dir():
                kind = format_of(file.name for file in place.iterdir() if file.is_file())
                if kind is None:
                    return None
                names = self._copy(place, scratch, kind, breaker)
            else:
                wanted = frozenset().union(*(kept(kind) for kind in PackageFormat))
                check_room(self._downloaded.folder, place.stat().st_size)
                names = archives.extract(place, scratch, wanted, place.stat().st_size, breaker)
                kind = format_of(names)
                if kind is None:
                    return None
                names = [name for name in names if name in kept(kind)]
            model = _named(scratch, place)
            if model is None or entry(model) is None or entry(model).in_place:  # type: ignore[union-attr]
                if alone:
                    raise DesktopOcrError(
                        ErrorCode.USAGE,
                        f"{place} is of a model that this program does not know{f', {model}' if model else ''}.",
                        "Name it in your models file to use it all the same: desktop-ocr models file",
                    )
                return None
            files = [_described(scratch / name, breaker) for name in names]
            with self._downloaded.lock(model, breaker):
                self._downloaded.put_in_place(model, kind, "import", files, scratch)
            return model

    def _copy(self, source: Path, target: Path, kind: PackageFormat, breaker: Breaker) -> list[str]:
        names = sorted(name for name in kept(kind) if (source / name).is_file())
        check_room(self._downloaded.folder, sum((source / name).stat().st_size for name in names))
        for name in names:
            with (source / name).open("rb") as reading, (target / name).open("wb") as writing:
                while data := reading.read(1 << 20):
                    breaker.check()
                    writing.write(data)
        return names


def _wanted(files: list[RemoteFile], kind: PackageFormat, package: str) -> list[RemoteFile]:
    """Of a package's files those that are kept, the small ones first: what is wrong with them shows early."""
    if files and files[0].archive:
        return files[:1]
    names = kept(kind)
    chosen = [file for file in files if file.name in names]
    if lacking := missing(kind, (file.name for file in chosen)):
        raise _incomplete(package, lacking)
    return sorted(chosen, key=lambda file: (file.size or 0, file.name))


def _places(folder: Path) -> list[Path]:
    """Where a model may be: the folder itself, an archive, or folders and archives in it."""
    if not folder.is_dir() or (folder / CONFIG).is_file() or (folder / "model.safetensors").is_file():
        return [folder]
    return sorted(one for one in folder.iterdir() if one.is_dir() or one.suffix == ".tar")


def _named(folder: Path, place: Path) -> str | None:
    """The model's name: by its configuration, else by its folder's or archive's name."""
    if (folder / CONFIG).is_file():
        return check_config(_small(folder / CONFIG))
    name = place.stem if place.suffix == ".tar" else place.name
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return name if entry(name) else None


def _small(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(CONFIG_BYTES + 1)


def _described(file: Path, breaker: Breaker) -> FetchedFile:
    sha256, size = hashlib.sha256(), 0
    with file.open("rb") as stream:
        while data := stream.read(1 << 20):
            breaker.check()
            sha256.update(data)
            size += len(data)
    return FetchedFile(file.name, size, sha256.hexdigest(), "")


def _too_large(model: ModelEntry) -> DesktopOcrError:
    return DesktopOcrError(
        ErrorCode.DOWNLOAD_FAILED,
        f"The package of {model.id} is far larger than {megabytes(model.size)}, which it should have.",
        "Nothing was downloaded.",
    )


def _incomplete(package: str, lacking: str) -> DesktopOcrError:
    return DesktopOcrError(
        ErrorCode.DOWNLOAD_FAILED,
        f"The package {package} has no {lacking}, and cannot be used.",
        "Take another model host in the settings.",
    )
