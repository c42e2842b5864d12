"""What this machine measured: the memory that models and pages took here, kept as a small JSON file."""

from __future__ import annotations

import contextlib
import logging
import math
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec

log = logging.getLogger(__name__)

VERSION = 1
NO_PAGE = 0
KEPT = 5  # figures of one kind: an odd page is forgotten after so many others
DOUBTS = 5  # a figure that has kept so many pages from being begun is forgotten
KINDS = 500  # kinds of figures in all; those unused for longest go
SAVE_SECONDS = 5.0
LARGEST_FILE = 4_000_000
# Upper ends of the page size buckets, in megapixels. A4 at 200 dpi has 3.9, at 300 dpi 8.7.
EDGES = (1, 2, 4, 6, 9, 13, 18, 24, 36, 54, 80)
# A larger page than any that was measured takes more: its bitmap, and the copies that are made of it on the way.
MB_PER_MEGAPIXEL = 25.0

_Figure = Annotated[float, msgspec.Meta(ge=0, le=1e8)]


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    operation: str
    model: str
    device: str
    bucket: Annotated[int, msgspec.Meta(ge=0, le=10_000)]
    mb: Annotated[list[_Figure], msgspec.Meta(min_length=1, max_length=KEPT)]
    count: Annotated[int, msgspec.Meta(ge=1)]


class _Head(msgspec.Struct):
    version: int


class _Contents(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    entries: Annotated[list[_Entry], msgspec.Meta(max_length=KINDS)]


_Key = tuple[str, str, str, int]


def pixels_bucket(pixels: int) -> int:
    """The page size bucket of so many pixels: its upper end in megapixels."""
    megapixels = pixels / 1e6
    return next((edge for edge in EDGES if megapixels <= edge), math.ceil(megapixels / 10) * 10)


class Footprints:
    """Figures by operation, model, device and page size bucket. What is kept on disk is a convenience: no error of
    the file reaches the caller, and of two programs that write it the last one wins.
    """

    def __init__(self, file: Path | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Read what there is. A damaged file, or one of another version, is set aside.

        Args:
            file: where the figures are kept; None for nowhere.
            clock: in seconds.
        """
        self._file = file
        self._clock = clock
        self._entries: dict[_Key, _Entry] = {}
        self._doubts: dict[_Key, int] = {}
        self._unsaved = False
        self._saved_at = -math.inf
        self._complained = False
        if file is not None:
            self._read(file)

    def record(self, operation: str, model_key: str, device: str, bucket: int, mb: float) -> None:
        """Take in a figure. It reaches the disk now, or with a later one, or by `close`.

        Args:
            operation: like "load" or "page".
            model_key: a model, or what stands for several.
            device: "cpu", "gpu:0", ...
            bucket: of `pixels_bucket`, or `NO_PAGE`.
            mb: what was measured; figures that cannot be are left out.
        """
        if not (math.isfinite(mb) and 0 <= mb <= 1e8):
            log.warning("not a footprint: %s of %s took %r MB", operation, model_key, mb)
            return
        key = (operation, model_key, device, bucket)
        entry = self._entries.pop(key, None) or _Entry(*key, mb=[], count=0)
        entry.mb = [*entry.mb, round(mb, 1)][-KEPT:]
        entry.count += 1
        self._doubts.pop(key, None)
        self._entries[key] = entry  # at the end: the first ones are those unused for longest
        while len(self._entries) > KINDS:
            del self._entries[next(iter(self._entries))]
        self._unsaved = True
        if self._clock() - self._saved_at >= SAVE_SECONDS:
            self.save()

    def lookup(self, operation: str, model_key: str, device: str, bucket: int) -> tuple[float, int] | None:
        """A careful figure: the largest of the last few; of the nearest page sizes where this one was never measured.

        Returns:
            MB, and how often it was measured (of a page size that stands in: how often that was).
        """
        near = {
            entry.bucket: entry
            for key, entry in self._entries.items()
            if key[:3] == (operation, model_key, device) and (key[3] == NO_PAGE) == (bucket == NO_PAGE)
        }
        if bucket in near:
            return max(near[bucket].mb), near[bucket].count
        below = max((other for other in near if other < bucket), default=None)
        above = min((other for other in near if other > bucket), default=None)
        if below is not None and above is not None:
            low, high = max(near[below].mb), max(near[above].mb)
            part = (bucket - below) / (above - below)
            return max(low, low + (high - low) * part), min(near[below].count, near[above].count)
        if below is not None:
            return max(near[below].mb) + (bucket - below) * MB_PER_MEGAPIXEL, near[below].count
        if above is not None:  # less is likely, but how much of it is the models' own is not known
            return max(near[above].mb), near[above].count
        return None

    def doubt(self, operation: str, model_key: str, device: str, bucket: int) -> None:
        """Something was not begun because of what `lookup` says, so that it will not be measured again either.

        After a few times the largest figure behind it is forgotten: one odd page must not keep all others back for
        good.
        """
        kind = (operation, model_key, device)
        others = {key[3] for key in self._entries if key[:3] == kind and (key[3] == NO_PAGE) == (bucket == NO_PAGE)}
        below = max((other for other in others if other < bucket), default=None)
        above = min((other for other in others if other > bucket), default=None)
        for near in (bucket,) if bucket in others else (below, above):
            if near is not None:
                self._doubt_entry((*kind, near))

    def _doubt_entry(self, key: _Key) -> None:
        self._doubts[key] = self._doubts.get(key, 0) + 1
        if self._doubts[key] < DOUBTS:
            return
        del self._doubts[key]
        entry = self._entries[key]
        largest = max(entry.mb)
        log.info("forgotten: %s of %s took %.0f MB", key[0], key[1], largest)
        entry.mb.remove(largest)
        if not entry.mb:
            del self._entries[key]
        self._unsaved = True

    def save(self) -> None:
        """Write what is new. The file is whole at any moment."""
        if self._file is None or not self._unsaved:
            return
        self._saved_at = self._clock()
        contents = msgspec.json.encode(_Contents(VERSION, list(self._entries.values())))
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            _replace(self._file, msgspec.json.format(contents, indent=1) + b"\n")
        except OSError as error:
            if not self._complained:  # a full disk stays full for a while
                log.warning("the measured footprints could not be kept: %s", error)
            self._complained = True
            return
        self._unsaved = self._complained = False

    def close(self) -> None:
        """Write what is new."""
        self.save()

    def _read(self, file: Path) -> None:
        try:
            if file.stat().st_size > LARGEST_FILE:
                self._set_aside(file, "it is too large")
                return
            data = file.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            log.warning("the measured footprints could not be read: %s", error)
            return
        try:
            version = msgspec.json.decode(data, type=_Head).version
            if version != VERSION:
                self._set_aside(file, f"it is of version {version}")
                return
            entries = msgspec.json.decode(data, type=_Contents).entries
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self._set_aside(file, f"it is damaged ({error})")
            return
        self._entries = {(entry.operation, entry.model, entry.device, entry.bucket): entry for entry in entries}

    def _set_aside(self, file: Path, why: str) -> None:
        aside = file.with_name(file.name + ".aside")
        log.warning("%s is not used: %s. It is kept as %s", file, why, aside.name)
        try:
            file.replace(aside)
        except OSError as error:
            log.warning("%s could not be set aside: %s", file, error)


def _replace(file: Path, data: bytes) -> None:
    """Put a whole new file in the place of the old one. Its temporary name is its own: others may write as well."""
    descriptor, name = tempfile.mkstemp(prefix=file.name + ".", suffix=".part", dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as part:
            part.write(data)
        Path(name).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
