"""Fetches one file: goes on where a former download broke off, tries again, compares what came with its checksum."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import random
from collections.abc import Callable
from pathlib import Path

import msgspec

from desktop_ocr.models.breaker import Breaker
from desktop_ocr.models.disk import telling_disk_errors
from desktop_ocr.models.downloaded import ABOUT, FetchedFile
from desktop_ocr.models.sources import RemoteFile, md5_of
from desktop_ocr.models.web import Answer, Web, WebError, sentence
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

log = logging.getLogger(__name__)

PART = ".part"
ATTEMPTS = 5
FIRST_PAUSE = 1.0
"""Seconds before the second attempt; doubled for each further one."""
_CHUNK = 1 << 20


class _About(msgspec.Struct, frozen=True):
    """What a part file is a part of: another file of the same name does not go on with it."""

    url: str
    etag: str = ""
    size: int | None = None
    sha256: str = ""
    md5: str = ""


class Fetcher:
    """Fetches files into a folder."""

    def __init__(self, web: Web, breaker: Breaker, folder: Path, *, pause: float = FIRST_PAUSE) -> None:
        """Fetch nothing yet.

        Args:
            web: makes the requests.
            breaker: stops everything.
            folder: is there; gets the files, and their parts until they are whole.
            pause: seconds before a second attempt.
        """
        self._web = web
        self._breaker = breaker
        self._folder = folder
        self._pause = pause

    def fetch(self, file: RemoteFile, most: int, progress: Callable[[int], None]) -> FetchedFile:
        """Fetch a file; what is there of it already is not fetched again.

        Args:
            file: what to fetch; `file.name` has no folder.
            most: bytes that it may have.
            progress: told how many bytes of it are there; from the calling thread.

        Raises:
            DesktopOcrError: CANCELLED; DOWNLOAD_FAILED, MODEL_DAMAGED where the checksum differs even a second time,
                DISK_FULL. What has come stays, but for damaged files.
            WebError: status 404, so that somebody can look elsewhere.
        """
        if file.size is not None and file.size > most:
            raise _too_large(file)
        attempt, damaged = 0, False
        while True:
            before = self._there(file)
            try:
                with telling_disk_errors(self._folder):
                    return self._once(file, most, progress)
            except _DamagedError as error:
                self.forget(file)
                if damaged:
                    raise DesktopOcrError(
                        ErrorCode.MODEL_DAMAGED,
                        f"The download of {file.name} was damaged twice: {error}.",
                        "Try again later, or take another model host in the settings.",
                    ) from error
                damaged = True
            except WebError as error:
                if error.status == 404 or not error.again:
                    raise self._as_failed(file, error) from error
                attempt = 1 if self._there(file) > before else attempt + 1
                if attempt >= ATTEMPTS:
                    raise self._as_failed(file, error) from error
                log.info("a download broke off and is tried again: %s", error)
                pause = self._pause * 2 ** (attempt - 1)
                self._breaker.wait(max(error.wait, pause * random.uniform(0.8, 1.2)))  # noqa: S311 - no secret

    def forget(self, file: RemoteFile) -> None:
        """Delete what has come of a file."""
        for name in (file.name, file.name + PART, file.name + ABOUT):
            (self._folder / name).unlink(missing_ok=True)

    def _there(self, file: RemoteFile) -> int:
        with contextlib.suppress(OSError):
            return (self._folder / (file.name + PART)).stat().st_size
        return 0

    def _as_failed(self, file: RemoteFile, error: WebError) -> Exception:
        if error.status == 404:
            return error
        kept = "What has come is kept: try" if self._has_any() else "Try"
        return DesktopOcrError(
            ErrorCode.DOWNLOAD_FAILED,
            f"{file.name} could not be downloaded: {sentence(error)}",
            f"{kept} again later, or take another model host or a proxy in the settings.",
        )

    def _has_any(self) -> bool:
        """Whether anything has come of the model."""
        with contextlib.suppress(OSError):
            return any(one.stat().st_size for one in self._folder.iterdir() if not one.name.endswith(ABOUT))
        return False

    def _once(self, file: RemoteFile, most: int, progress: Callable[[int], None]) -> FetchedFile:
        whole, part = self._folder / file.name, self._folder / (file.name + PART)
        about = self._about(file)
        known = bool(file.sha256 or file.git_sha1 or about.url)
        if known and whole.is_file() and (done := self._checked(file, whole, about)) is not None:
            progress(done.size)
            return done
        start = self._there(file) if about.url else 0
        if file.size is not None and start > file.size:
            start = 0
        if start and start == (file.size if file.size is not None else about.size):
            return self._finish(file, part, whole, about)
        headers = {"Range": f"bytes={start}-"} if start else {}
        if start and about.etag and about.url == file.url:
            headers["If-Range"] = about.etag
        try:
            with self._web.get(file.url, headers) as answer:
                about = self._take(file, answer, part, start, most, progress)
        except WebError as error:
            if error.status == 416:  # there is no more of it, or it is another file by now
                raise _DamagedError("the host has another file by now") from error
            raise
        return self._finish(file, part, whole, about)

    def _take(
        self, file: RemoteFile, answer: Answer, part: Path, start: int, most: int, progress: Callable[[int], None]
    ) -> _About:
        """Write an answer's body to the part file."""
        if start and answer.status == 206:
            range_ = answer.headers.get("Content-Range", "")
            if not range_.startswith(f"bytes {start}-"):
                raise WebError("the answer is of another part of the file", again=True)
        else:
            start = 0
        length = answer.length
        size = start + length if length is not None else None
        if file.size is not None and size is not None and size != file.size:
            raise _DamagedError("it is not as long as the host says")
        etag = answer.headers.get("ETag", "")
        about = _About(
            url=file.url,
            etag=etag if etag.startswith('"') else "",  # a weak one does not stand for the bytes
            size=size,
            sha256=file.sha256,
            md5=self._about(file).md5 if start else md5_of(dict(answer.headers.items())),
        )
        (self._folder / (file.name + ABOUT)).write_bytes(msgspec.json.encode(about))
        limit = min(most, file.size if file.size is not None else most)
        with part.open("r+b" if start else "wb") as stream:
            stream.seek(start)
            progress(start)
            for piece in answer.pieces(limit - start):
                self._breaker.check()
                stream.write(piece)
                progress(stream.tell())
            stream.truncate()
        return about

    def _finish(self, file: RemoteFile, part: Path, whole: Path, about: _About) -> FetchedFile:
        done = self._checked(file, part, about)
        if done is None:
            raise _DamagedError("its checksum differs")
        part.replace(whole)
        return done

    def _checked(self, file: RemoteFile, path: Path, about: _About) -> FetchedFile | None:
        """The file as it is, or None where it is not what the host says."""
        size = path.stat().st_size
        sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        git = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
        with path.open("rb") as stream:
            while data := stream.read(_CHUNK):
                self._breaker.check()
                sha256.update(data)
                if about.md5:
                    md5.update(data)
                if file.git_sha1:
                    git.update(data)
        known = {
            "sha256": (file.sha256, sha256.hexdigest()),
            "git": (file.git_sha1, git.hexdigest()),
            "md5": (about.md5, md5.hexdigest()),
        }
        if any(wanted and wanted != found for wanted, found in known.values()):
            return None
        wanted_size = file.size if file.size is not None else about.size
        if wanted_size is not None and wanted_size != size:
            return None
        checked = next((name for name, (wanted, _) in known.items() if wanted), "size" if wanted_size else "")
        return FetchedFile(file.name, size, sha256.hexdigest(), checked)

    def _about(self, file: RemoteFile) -> _About:
        try:
            about = msgspec.json.decode((self._folder / (file.name + ABOUT)).read_bytes(), type=_About)
        except (OSError, msgspec.DecodeError):
            return _About("")
        # A part of another file of the name is of no use; the same file from another host is.
        same = about.sha256 == file.sha256 and (bool(file.sha256) or about.url == file.url)
        return about if same and (file.size is None or about.size in (None, file.size)) else _About("")


def persistent(breaker: Breaker, pause: float, ask: Callable[[], list[RemoteFile]]) -> list[RemoteFile]:
    """Ask a host for something small, and again where it does not answer.

    Raises:
        WebError: it has not answered in the end.
        DesktopOcrError: CANCELLED.
    """
    for attempt in range(1, ATTEMPTS):
        try:
            return ask()
        except WebError as error:
            if not error.again:
                raise
            log.info("a model host is asked again: %s", error)
            breaker.wait(max(error.wait, pause * 2 ** (attempt - 1)))
    return ask()


class _DamagedError(Exception):
    """What came is not what the host says it has."""


def _too_large(file: RemoteFile) -> DesktopOcrError:
    return DesktopOcrError(
        ErrorCode.DOWNLOAD_FAILED, f"{file.name} is far larger than it should be.", "Nothing was kept of it."
    )
