"""The memory limits of the container (control group) that this process runs in, as Linux tells them."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

ROOT = Path("/")
UNLIMITED = 1 << 62  # version 1 writes the largest number of whole pages where there is no limit


class Limit(NamedTuple):
    """What a control group may use and uses, in bytes. Page cache that can be dropped is not use."""

    allowed: int
    used: int


def limits(root: Path = ROOT) -> list[Limit]:
    """The limits of this process' control group and all groups above it; empty without such, or not on Linux.

    Versions 1 and 2 are read alike, and both where a system has both. `memory.high` is no limit: it slows down.

    Args:
        root: where the files of /proc and the mounts named there are looked for.
    """
    try:
        groups = (root / "proc/self/cgroup").read_text(encoding="utf-8", errors="replace")
        mounts = (root / "proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    read = {1: _version_1, 2: _version_2}
    found = (read[version](folder) for version, folder in _places(groups, mounts, root))
    return [limit for limit in found if limit is not None]


@functools.lru_cache(maxsize=2)  # asked each second, and the same for as long as the process lives
def _places(groups: str, mounts: str, root: Path) -> tuple[tuple[int, Path], ...]:
    """The version and the folder of each control group that this process is in, and of those above it."""
    places: list[tuple[int, Path]] = []
    for line in groups.splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            places.extend((2, folder) for folder in _folders(mounts, "cgroup2", "", path, root))
        elif "memory" in controllers.split(","):
            places.extend((1, folder) for folder in _folders(mounts, "cgroup", "memory", path, root))
    return tuple(places)


def _folders(mounts: str, kind: str, controller: str, path: str, root: Path) -> Iterator[Path]:
    """The folder of a control group and those above it, as far as they can be seen from here."""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields, options = before.split(" "), after.split(" ")
        if len(fields) < 5 or len(options) < 3 or options[0] != kind:
            continue
        if controller and controller not in options[2].split(","):
            continue
        point = root / fields[4].lstrip("/")
        inside = PurePosixPath(path)
        # Outside of what is mounted (containers without a namespace of their own), only the mount's top is ours.
        if ".." in inside.parts or not inside.is_relative_to(fields[3]):
            yield point
            return
        folder = point / inside.relative_to(fields[3])
        yield folder
        while folder != point:
            folder = folder.parent
            yield folder
        return


def _version_2(folder: Path) -> Limit | None:
    allowed = _number(folder / "memory.max")
    if allowed is None:
        return None
    used = _number(folder / "memory.current")
    if used is None:
        return None
    return Limit(allowed, max(0, used - _stat(folder, "inactive_file")))


def _version_1(folder: Path) -> Limit | None:
    allowed = _number(folder / "memory.limit_in_bytes")
    if allowed is None or allowed >= UNLIMITED:
        return None
    used = _number(folder / "memory.usage_in_bytes")
    if used is None:
        return None
    return Limit(allowed, max(0, used - _stat(folder, "total_inactive_file")))


def _number(file: Path) -> int | None:
    """The file's number; None where there is none: no such file, or "max"."""
    try:
        return int(file.read_text(encoding="ascii", errors="replace"))
    except (OSError, ValueError):
        return None


def _stat(folder: Path, name: str) -> int:
    try:
        text = (folder / "memory.stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if key == name and value.isdigit():
            return int(value)
    return 0
