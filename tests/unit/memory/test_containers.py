"""Limits of containers, read from trees that look like those of real systems."""

from __future__ import annotations

import shutil
from pathlib import Path

import psutil
import pytest

from desktop_ocr.memory.containers import Limit, limits
from desktop_ocr.memory.probes import ram_totals

MB = 1_000_000
UNLIMITED_V1 = 9223372036854771712
V2 = "31 23 0:27 {root} /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
V1 = (
    "30 23 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
    "35 30 0:32 {root} /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    "36 30 0:33 {root} /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "proc/self").mkdir(parents=True)
    return tmp_path


def tell(root: Path, groups: str, mounts: str) -> None:
    (root / "proc/self/cgroup").write_text(groups)
    (root / "proc/self/mountinfo").write_text("22 28 0:21 / /proc rw,relatime - proc proc rw\n" + mounts)


def group_v2(root: Path, path: str, *, limit: int | str, used: int, cache: int = 0) -> None:
    folder = root / "sys/fs/cgroup" / path
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.high").write_text("1000000\n")
    (folder / "memory.current").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon {used - cache}\nactive_file 5\ninactive_file {cache}\nslab 12\n")


def group_v1(root: Path, path: str, *, limit: int, used: int, cache: int = 0) -> None:
    folder = root / "sys/fs/cgroup/memory" / path
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.limit_in_bytes").write_text(f"{limit}\n")
    (folder / "memory.usage_in_bytes").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"cache 7\ninactive_file 1\ntotal_inactive_file {cache}\n")


def totals(root: Path) -> tuple[float, float, bool]:
    total, used, contained = ram_totals(root=root)
    return pytest.approx(total), pytest.approx(used), contained


def test_version_2_with_a_namespace(root: Path) -> None:
    """As in a container of today: the group is the mount's top. `memory.high` is not a limit."""
    tell(root, "0::/\n", V2.format(root="/"))
    group_v2(root, "", limit=512 * MB, used=300 * MB, cache=100 * MB)
    assert limits(root) == [Limit(512 * MB, 200 * MB)]
    assert totals(root) == (512, 200, True)


def test_version_2_takes_the_lowest_of_all_ancestors(root: Path) -> None:
    tell(root, "0::/user.slice/app.slice/ocr.scope\n", V2.format(root="/"))
    group_v2(root, "user.slice/app.slice/ocr.scope", limit="max", used=100 * MB)
    group_v2(root, "user.slice/app.slice", limit=600 * MB, used=200 * MB, cache=50 * MB)
    group_v2(root, "user.slice", limit=900 * MB, used=300 * MB)
    assert limits(root) == [Limit(600 * MB, 150 * MB), Limit(900 * MB, 300 * MB)]
    assert totals(root) == (600, 150, True)


def test_a_fuller_group_further_up_counts(root: Path) -> None:
    """400 MB are free in our own group, and 50 MB in the one that it shares with others."""
    tell(root, "0::/pod/ours\n", V2.format(root="/"))
    group_v2(root, "pod/ours", limit=500 * MB, used=100 * MB)
    group_v2(root, "pod", limit=900 * MB, used=850 * MB)
    assert totals(root) == (500, 450, True)


def test_version_1(root: Path) -> None:
    """A container without a namespace of its own: its path is the outer one, and so is the mount's root."""
    tell(root, "9:cpu,cpuacct:/docker/ab\n4:memory:/docker/ab\n0::/docker/ab\n", V1.format(root="/docker/ab"))
    group_v1(root, "", limit=700 * MB, used=400 * MB, cache=150 * MB)
    assert limits(root) == [Limit(700 * MB, 250 * MB)]
    assert totals(root) == (700, 250, True)


def test_version_1_unlimited_is_no_limit(root: Path) -> None:
    tell(root, "4:memory:/a/b\n0::/\n", V1.format(root="/"))
    for path in ("", "a", "a/b"):
        group_v1(root, path, limit=UNLIMITED_V1, used=10 * MB)
    assert ram_totals(root=root)[2] is False
    group_v1(root, "a", limit=300 * MB, used=10 * MB)
    assert totals(root) == (300, 10, True)


def test_both_versions_at_once(root: Path) -> None:
    """As systemd's hybrid lays them out: memory is one of version 1, and version 2 has no figures."""
    mounts = V1.format(root="/") + "37 30 0:34 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
    tell(root, "4:memory:/x\n0::/x\n", mounts)
    (root / "sys/fs/cgroup/unified/x").mkdir(parents=True)
    group_v1(root, "x", limit=300 * MB, used=20 * MB)
    assert limits(root) == [Limit(300 * MB, 20 * MB)]


def test_a_path_outside_of_the_mount_is_the_mount_itself(root: Path) -> None:
    tell(root, "0::/../other\n", V2.format(root="/"))
    group_v2(root, "", limit=300 * MB, used=20 * MB)
    assert limits(root) == [Limit(300 * MB, 20 * MB)]


def test_a_limit_above_the_machine_is_none(root: Path) -> None:
    tell(root, "0::/\n", V2.format(root="/"))
    group_v2(root, "", limit=psutil.virtual_memory().total + 1, used=20 * MB)
    total, _, contained = ram_totals(root=root)
    assert (total, contained) == (psutil.virtual_memory().total / MB, False)


def test_use_above_the_limit_leaves_nothing(root: Path) -> None:
    tell(root, "0::/\n", V2.format(root="/"))
    group_v2(root, "", limit=300 * MB, used=310 * MB)
    assert totals(root) == (300, 300, True)


def test_more_cache_than_use_is_no_use(root: Path) -> None:
    """The two files are not read at one moment."""
    tell(root, "0::/\n", V2.format(root="/"))
    group_v2(root, "", limit=300 * MB, used=10 * MB, cache=11 * MB)
    assert totals(root) == (300, 0, True)


@pytest.mark.parametrize("break_it", ["proc", "sys", "limit", "mounts"])
def test_what_cannot_be_read_is_no_limit(root: Path, break_it) -> None:
    tell(root, "0::/\nnonsense\n", V2.format(root="/"))
    group_v2(root, "", limit=300 * MB, used=10 * MB)
    if break_it in ("proc", "sys"):
        shutil.rmtree(root / break_it)
    elif break_it == "limit":
        (root / "sys/fs/cgroup/memory.max").write_bytes(b"\xff\n")
    else:
        (root / "proc/self/mountinfo").write_text("31 23 -\n\n - cgroup2\n")
    assert limits(root) == []
    assert ram_totals(root=root)[2] is False


def test_this_machine_gives_sane_figures() -> None:
    total, used, _ = ram_totals()
    assert 0 < used < total <= psutil.virtual_memory().total / MB
