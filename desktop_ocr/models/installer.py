"""Downloads a model, or takes one over from a folder, and makes it the store's. Only ever because a user said so."""

from __future__ import annotations

import contextlib
import logging
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from desktop_ocr.models import archives
from desktop_ocr.models.breaker import Breaker
from desktop_ocr.models.catalog import entry
from desktop_ocr.models.disk import check_room, megabytes, telling_disk_errors
from desktop_ocr.models.downloaded import DownloadedModels, FetchedFile, described
from desktop_ocr.models.downloads import FIRST_PAUSE, Fetcher, persistent
from desktop_ocr.models.engines import installed_engines, no_engine, usable_formats
from desktop_ocr.models.entries import ModelEntry, PackageFormat
from desktop_ocr.models.importer import Importer, Told
from desktop_ocr.models.model_files import CONFIG, REQUIRED, check_config, kept, missing, read_config
from desktop_ocr.models.sources import RemoteFile, Source, host_name, package_name, source_for
from desktop_ocr.models.web import TIMEOUT, Web, WebError, sentence
from desktop_ocr.models.weights import check_files, check_weights
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.model_store import StoreState
from desktop_ocr.schema.settings import Settings

log = logging.getLogger(__name__)

_MOST_TIMES = 4
"""A package may be so many times as large as the catalog says: formats differ, and documentation rounds."""
_MOST_MORE = 64_000_000


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
            stamp = store.find(model_id)
            if stamp is None:
                self._install(model, formats, breaker, progress)
            else:
                progress(Progress(StoreState.CHECKING, stamp.size, stamp.size))

    def _install(
        self, model: ModelEntry, formats: list[PackageFormat], breaker: Breaker, progress: Callable[[Progress], None]
    ) -> None:
        web = Web(breaker, proxy=self._proxy, timeout=self._timeout)
        staging = self._downloaded.staging(model.id)
        if staging.is_symlink():
            staging.unlink()  # what it leads to is somebody else's
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
                    f"The model {model.id} could not be downloaded: {sentence(error)}",
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
            names = self._unpacked(model.id, kind, staging / files[0].name, most, breaker)
            fetched = [described(staging / name, breaker) for name in names]
        self._check(model.id, kind, staging)
        breaker.check()
        store.put_in_place(model.id, kind, self.host, fetched, staging)

    def _unpacked(self, model_id: str, kind: PackageFormat, archive: Path, most: int, breaker: Breaker) -> list[str]:
        """The names of the files out of an archive, beside it. One that cannot be used is thrown away."""
        with _throwing_away(archive.parent):
            names = archives.extract(archive, archive.parent, kept(kind), most, breaker)
            if lacking := missing(kind, names):
                raise _incomplete(model_id, lacking)
        return names

    def _check(self, model_id: str, kind: PackageFormat, folder: Path) -> None:
        config = folder / CONFIG
        with _throwing_away(folder):
            if any(CONFIG in group for group in REQUIRED[kind]) or config.is_file():
                check_config(read_config(config), model_id)
            check_files(check_weights(kind, folder), folder)

    # --- from a folder --------------------------------------------------------------------------------------

    def take_over(self, folder: Path, breaker: Breaker, told: Told) -> list[str]:
        """Take over models that were downloaded on another machine.

        Args:
            folder: of one model, or of several such folders and archives; or an archive.
            breaker: stops it.
            told: gets, for each place in the folder, the model that was taken over or why none was. One of several
                that is damaged does not keep the others from being taken over.

        Returns:
            Ids of those that were taken over.

        Raises:
            DesktopOcrError: NOT_FOUND; USAGE where there is no model in it that the program knows; MODEL_DAMAGED where
                it is of one model; DISK_FULL, NO_PERMISSION; CANCELLED.
        """
        return Importer(self._downloaded).take_over(folder, breaker, told)


@contextlib.contextmanager
def _throwing_away(folder: Path) -> Iterator[None]:
    """What is refused would be refused again: the next download begins anew."""
    try:
        yield
    except DesktopOcrError as error:
        if error.code is not ErrorCode.CANCELLED:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _wanted(files: list[RemoteFile], kind: PackageFormat, package: str) -> list[RemoteFile]:
    """Of a package's files those that are kept, the small ones first: what is wrong with them shows early."""
    if files and files[0].archive:
        return files[:1]
    names = kept(kind)
    chosen = [file for file in files if file.name in names]
    if lacking := missing(kind, (file.name for file in chosen)):
        raise _incomplete(package, lacking)
    return sorted(chosen, key=lambda file: (file.size or 0, file.name))


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
