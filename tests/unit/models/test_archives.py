"""Archives from elsewhere: what is taken out of them, and what they may not do."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from desktop_ocr.models.archives import extract
from desktop_ocr.models.breaker import Breaker
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from tests.fakes.fake_model_host import tar_of

NAMES = frozenset({"inference.onnx", "inference.yml"})


def made(tmp_path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    file = tmp_path / "x.tar"
    with tarfile.open(file, "w") as tar:
        for member, data in members:
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return file


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, 0o4777
    return info


def taken(archive: Path, tmp_path: Path, most: int = 10_000) -> list[str]:
    target = tmp_path / "target"
    target.mkdir(exist_ok=True)
    return extract(archive, target, NAMES, most, Breaker())


@pytest.mark.parametrize("folder", ["", "./", "Model_infer/", "./Model_infer/"])
def test_the_models_files_are_taken_and_nothing_else(tmp_path: Path, folder: str) -> None:
    files = ["inference.onnx", "inference.yml", "run.py", "deep/er/inference.onnx"]
    archive = made(tmp_path, *((member(folder + name), name.encode()) for name in files))
    assert sorted(taken(archive, tmp_path)) == sorted(NAMES)
    assert sorted(file.name for file in (tmp_path / "target").iterdir()) == sorted(NAMES)
    assert (tmp_path / "target" / "inference.yml").read_bytes() == b"inference.yml"
    assert not (tmp_path / "target" / "inference.yml").stat().st_mode & 0o6111


@pytest.mark.parametrize(
    "bad",
    [
        member("../inference.onnx"),
        member("/tmp/inference.onnx"),
        member("a/../../inference.onnx"),
        member("../../../etc/cron.d/x"),
        member("inference.onnx", tarfile.SYMTYPE, "/etc/passwd"),
        member("inference.onnx", tarfile.LNKTYPE, "inference.yml"),
        member("inference.onnx", tarfile.CHRTYPE),
        member("inference.onnx", tarfile.FIFOTYPE),
        member("inference.onnx", tarfile.DIRTYPE),
    ],
    ids=lambda info: f"{info.name} {info.type!r}",
)
def test_what_leads_elsewhere_is_refused(tmp_path: Path, bad: tarfile.TarInfo) -> None:
    archive = made(tmp_path, (bad, b""), (member("inference.onnx"), b"x"))
    with pytest.raises(DesktopOcrError) as caught:
        taken(archive, tmp_path)
    assert caught.value.code is ErrorCode.MODEL_DAMAGED
    assert not (tmp_path / "inference.onnx").exists()
    assert list((tmp_path / "target").iterdir()) == []


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    """A link under a name that is not wanted is not made, so nothing can go through it."""
    outside = tmp_path / "outside"
    outside.mkdir()
    archive = made(tmp_path, (member("dir", tarfile.SYMTYPE, str(outside)), b""), (member("dir/inference.onnx"), b"x"))
    assert taken(archive, tmp_path) == ["inference.onnx"]
    assert list(outside.iterdir()) == []


def test_a_file_twice_or_too_much_is_refused(tmp_path: Path) -> None:
    twice = made(tmp_path, (member("inference.onnx"), b"x"), (member("a/inference.onnx"), b"y"))
    with pytest.raises(DesktopOcrError, match="twice"):
        taken(twice, tmp_path)
    with pytest.raises(DesktopOcrError, match="too large"):
        taken(made(tmp_path, (member("inference.onnx"), b"x" * 5000)), tmp_path, most=4999)
    with pytest.raises(DesktopOcrError, match="too many"):
        taken(made(tmp_path, *((member(f"f{n}"), b"") for n in range(1001))), tmp_path)


def test_what_is_no_tar_or_is_cut_off_is_refused(tmp_path: Path) -> None:
    whole = tar_of({"inference.onnx": b"x" * 5000}, "m")
    for data in (b"", b"x" * 5000, whole[:3000], gzip.compress(whole)):
        (tmp_path / "x.tar").write_bytes(data)
        with pytest.raises(DesktopOcrError) as caught:
            taken(tmp_path / "x.tar", tmp_path)
        assert caught.value.code is ErrorCode.MODEL_DAMAGED
