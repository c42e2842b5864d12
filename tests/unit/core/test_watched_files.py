"""Which files of a watched folder are taken, and when they are complete."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from desktop_ocr.core.watched_files import (
    Scan,
    belongs,
    is_document_name,
    look_at,
    on_share,
    read_content,
    still_written,
)
from desktop_ocr.schema.watching import Original, WatchedFolder


def found(folder: WatchedFolder) -> list[str]:
    scan, names = Scan(folder), []
    while (files := scan.next()) is not None:
        names += [str(Path(file.path).relative_to(folder.path)) for file in files]
    return sorted(names)


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("scan.pdf", True),
        ("SCAN.PDF", True),
        ("a.b.TIFF", True),
        (".scan.pdf", False),
        ("~$scan.pdf", False),
        ("~syncthing~scan.pdf", False),
        (".~lock.scan.pdf#", False),
        ("scan.pdf.part", False),
        ("scan.pdf.crdownload", False),
        ("scan.pdf.tmp", False),
        ("scan.pdf~", False),
        ("scan.docx", False),
        ("pdf", False),
    ],
)
def test_names(name: str, taken: bool) -> None:
    assert is_document_name(name) == taken


def test_a_scan_finds_documents_and_leaves_out_what_we_put_there(tmp_path: Path) -> None:
    for name in ("a.pdf", "b.txt", "sub/c.png", "sub/.hidden/d.pdf", "done/e.pdf", "texts/f.pdf", "sub/done/g.pdf"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    (tmp_path / "folder.pdf").mkdir()
    (tmp_path / "link.pdf").symlink_to(tmp_path / "a.pdf")
    (tmp_path / "loop").symlink_to(tmp_path)
    flat = WatchedFolder(str(tmp_path))
    deep = WatchedFolder(str(tmp_path), recursive=True, original=Original.MOVE, output=str(tmp_path / "texts"))
    assert found(flat) == ["a.pdf", "link.pdf"]
    assert found(deep) == ["a.pdf", "sub/c.png", "sub/done/g.pdf"]  # a link is not moved
    for folder in (flat, deep):
        files = [
            path
            for path in tmp_path.rglob("*")
            if path.is_file() and path.name != "link.pdf" and "loop" not in path.parts
        ]
        assert sorted(str(path.relative_to(tmp_path)) for path in files if belongs(folder, path)) == [
            name for name in found(folder) if name != "link.pdf"
        ]
    assert not belongs(deep, tmp_path.parent / "x.pdf")


def test_a_large_folder_is_looked_through_in_slices(tmp_path: Path) -> None:
    for number in range(1000):
        (tmp_path / f"{number}.pdf").touch()
    scan = Scan(WatchedFolder(str(tmp_path)))
    sizes = []
    while (files := scan.next()) is not None:
        sizes.append(len(files))
    assert sum(sizes) == 1000
    assert len(sizes) == 3


def test_a_folder_that_is_away_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Scan(WatchedFolder(str(tmp_path / "away"))).next()


@pytest.mark.skipif(sys.platform != "linux", reason="leases are Linux's")
def test_a_file_that_is_open_for_writing_is_not_complete(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with path.open("w") as file:
        file.write("x")
        file.flush()
        assert still_written(str(path))
    assert not still_written(str(path))
    with path.open():
        assert not still_written(str(path))
    assert still_written(str(tmp_path / "none.pdf"))


def test_content(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"content")
    content = read_content(path)
    assert content is not None
    assert content.sha256 == hashlib.sha256(b"content").hexdigest()
    seen = look_at(str(path), links=False)
    assert seen is not None
    assert (seen.size, seen.stamp) == (content.size, content.stamp)
    assert look_at(str(tmp_path), links=True) is None
    assert look_at(str(tmp_path / "a\0b"), links=True) is None


@pytest.mark.parametrize(
    ("path", "share"),
    [
        ("/home/me/in", False),
        ("/mnt/nas/scans", True),
        ("/mnt/nas", True),
        ("/mnt/nas2", False),
        ("/mnt/with space/x", True),
        ("/run/user/1000/gvfs/smb/x", True),
        ("/mnt/c/Users", True),
        ("/mnt/usb", False),
        ("/mnt/nas/local/x", False),
    ],
)
def test_shares_are_known_by_their_file_system(tmp_path: Path, path: str, share: bool) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
        "30 22 0:30 / /mnt/nas rw shared:2 master:3 - nfs4 nas:/scans rw,vers=4.2\n"
        "31 22 0:31 / /mnt/with\\040space rw - cifs //nas/scans rw\n"
        "32 22 0:32 / /run/user/1000/gvfs rw - fuse.gvfsd-fuse gvfsd-fuse rw\n"
        "33 22 0:33 / /mnt/c rw - 9p drvfs rw\n"
        "34 22 8:2 / /mnt/usb rw - fuseblk /dev/sdb1 rw\n"
        "35 30 8:3 / /mnt/nas/local rw - btrfs /dev/sdc1 rw\nshort line\n"
    )
    assert on_share(Path(path), mounts) == share
    assert not on_share(Path(path), tmp_path / "none")
