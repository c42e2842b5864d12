"""Models from folders and archives: what stands in the way, and what is said of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop_ocr.models.breaker import Breaker
from desktop_ocr.models.downloaded import DownloadedModels
from desktop_ocr.models.importer import Importer
from desktop_ocr.schema.engine_messages import ALLOW_FAKES, FAKE
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from tests.fakes.fake_model_host import config_of, onnx_package, onnx_weights, tar_of
from tests.unit.models.onnx_models import adding

MODEL = "UVDoc"


def put(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


class Taking:
    """Takes over, and keeps what it is told."""

    def __init__(self, downloaded: DownloadedModels) -> None:
        self.importer = Importer(downloaded)
        self.told: dict[str, str | DesktopOcrError] = {}

    def over(self, folder: Path) -> list[str]:
        return self.importer.take_over(folder, Breaker(), lambda place, what: self.told.update({place.name: what}))

    def refused(self, folder: Path) -> DesktopOcrError:
        with pytest.raises(DesktopOcrError) as caught:
            self.over(folder)
        assert "Traceback" not in str(caught.value)
        return caught.value


@pytest.fixture
def taking(downloaded: DownloadedModels) -> Taking:
    return Taking(downloaded)


def test_a_bad_one_among_several_is_named_and_the_others_come(
    taking: Taking, downloaded: DownloadedModels, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    put(stick / "a", onnx_package("SLANeXt_wired") | {"inference.yml": b"!!python/name:os.system"})
    put(stick / "b", onnx_package(MODEL))
    (stick / "0.tar").write_bytes(b"junk")
    put(stick / "c", onnx_package("SLANeXt_wireless") | {"inference.onnx": b"x" * 1000})
    assert taking.over(stick) == [MODEL]
    downloaded.verify(MODEL)
    assert taking.told["b"] == MODEL
    assert {name for name, what in taking.told.items() if isinstance(what, DesktopOcrError)} == {"0.tar", "a", "c"}


@pytest.mark.parametrize(
    "name", ["PP-StructureV3", "table_recognition_v2", "picodet-cdla", "PP-OCRv6_small_rec", "Nix"]
)
def test_what_could_not_be_used_is_not_taken_over(
    taking: Taking, downloaded: DownloadedModels, tmp_path: Path, name: str
) -> None:
    error = taking.refused(put(tmp_path / "stick", onnx_package(name)))
    assert error.code is ErrorCode.USAGE
    assert name in str(error)
    assert list(downloaded.folder.iterdir()) == []


def test_pipes_are_not_waited_for(taking: Taking, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert taking.refused(tmp_path / "pipe").code is ErrorCode.USAGE
    for number, name in enumerate(("x.tar", "inference.onnx", "inference.yml")):
        folder = put(tmp_path / f"stick{number}", {})
        os.mkfifo(folder / name)
        assert taking.refused(folder).code is ErrorCode.USAGE
    assert taking.refused(Path("/dev/null")).code is ErrorCode.USAGE


def test_what_cannot_be_read_is_named_and_not_the_store(
    taking: Taking, downloaded: DownloadedModels, tmp_path: Path
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    error = taking.refused(tmp_path / "loop")
    assert str(error).startswith(f"{tmp_path / 'loop'} cannot be read")
    assert str(downloaded.folder) not in str(error)
    assert "cannot be read" in str(taking.refused(tmp_path / ("a" * 300)))
    folder = put(tmp_path / "stick", {})
    for name in ("inference.yml", "inference.onnx", "x.tar", "sub"):
        (folder / name).symlink_to(name)
    assert taking.refused(folder).code is ErrorCode.USAGE


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(taking: Taking, tmp_path: Path) -> None:
    folder = put(tmp_path / "stick", onnx_package(MODEL))
    (folder / "inference.onnx").chmod(0)
    assert str(taking.refused(folder)).startswith(f"{folder / 'inference.onnx'} cannot be read")


@pytest.mark.parametrize("name", ["inference.onnx.data", "weights.bin"])
def test_weights_in_two_files_come_whole(
    taking: Taking, downloaded: DownloadedModels, tmp_path: Path, name: str
) -> None:
    files = {"inference.yml": config_of(MODEL), "inference.onnx": adding(external=name)}
    folder = put(tmp_path / "stick", files)
    assert name in str(taking.refused(folder))
    (folder / name).write_bytes(b"\0" * 1200)
    assert taking.over(folder) == [MODEL]
    assert (downloaded.path(MODEL) / name).read_bytes() == b"\0" * 1200
    downloaded.verify(MODEL)


@pytest.mark.parametrize("packed", [False, True])
def test_fakes_are_refused_and_stay_marked(
    taking: Taking, downloaded: DownloadedModels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    monkeypatch.delenv(ALLOW_FAKES, raising=False)
    files = onnx_package(MODEL) | {FAKE: b"Made by a test.\n"}
    folder = put(tmp_path / "stick", {"UVDoc.tar": tar_of(files, "m")} if packed else files)
    place = folder / "UVDoc.tar" if packed else folder
    assert "made for a test" in str(taking.refused(place))
    assert list(downloaded.folder.iterdir()) == []
    monkeypatch.setenv(ALLOW_FAKES, "1")
    assert taking.over(place) == [MODEL]
    assert (downloaded.path(MODEL) / FAKE).is_file()
    downloaded.verify(MODEL)


def test_what_a_killed_import_left_is_cleared(taking: Taking, downloaded: DownloadedModels, tmp_path: Path) -> None:
    old, new = put(downloaded.folder / ".import-old", {"x": b"x"}), put(downloaded.folder / ".import-new", {"x": b"x"})
    os.utime(old, (1, 1))
    (tmp_path / "stick").mkdir()
    taking.refused(tmp_path / "stick")
    assert not old.exists()
    assert new.exists()  # somebody may be at it


def test_weights_that_are_none(taking: Taking, downloaded: DownloadedModels, tmp_path: Path) -> None:
    for number, weights in enumerate((b"", b"x" * 1000, onnx_weights(b"x")[:10])):
        folder = put(tmp_path / f"stick{number}", {"inference.yml": config_of(MODEL), "inference.onnx": weights})
        assert "weights are refused" in str(taking.refused(folder))
    assert downloaded.find(MODEL) is None
