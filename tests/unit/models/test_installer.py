"""Installing models from a host on this machine, with all that goes wrong on the way."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest

from desktop_ocr.models import disk
from desktop_ocr.models.breaker import Breaker
from desktop_ocr.models.downloaded import STAMP, DownloadedModels
from desktop_ocr.models.entries import PackageFormat
from desktop_ocr.models.installer import Installer, Progress
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.model_store import StoreState
from desktop_ocr.schema.settings import ModelHost, Settings
from tests.fakes.fake_model_host import (
    ENGINES,
    FakeModelHost,
    config_of,
    onnx_package,
    onnx_weights,
    tar_of,
    tensors_of,
)

MODEL = "UVDoc"
PACKAGE = "UVDoc_onnx"


def ignore(_: Progress) -> None:
    pass


def refused(installer: Installer, model: str = MODEL) -> DesktopOcrError:
    with pytest.raises(DesktopOcrError) as caught:
        installer.install(model, Breaker(), ignore)
    assert caught.value.info.message.endswith((".", "?"))
    assert "?." not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("kind", list(ModelHost))
def test_a_model_comes_whole_from_each_host(
    kind: ModelHost, host: FakeModelHost, installer, downloaded: DownloadedModels
) -> None:
    files = host.packages[PACKAGE] = onnx_package(MODEL)
    told: list[Progress] = []
    installer(kind).install(MODEL, Breaker(), told.append)
    folder = downloaded.path(MODEL)
    assert sorted(file.name for file in folder.iterdir()) == ["inference.onnx", "inference.yml", STAMP]
    assert (folder / "inference.onnx").read_bytes() == files["inference.onnx"]
    stamp = downloaded.find(MODEL)
    assert stamp is not None
    assert stamp.format is PackageFormat.ONNX
    assert stamp.source == host.address.removeprefix("http://")
    assert {file.name: file.sha256 for file in stamp.files} == {
        name: hashlib.sha256(files[name]).hexdigest() for name in ("inference.onnx", "inference.yml")
    }
    assert told[0].state is StoreState.WAITING
    assert told[-1].state is StoreState.CHECKING
    assert told[-1].done == told[-1].size
    assert [one.done for one in told[1:-1]] == sorted(one.done for one in told[1:-1])
    assert not downloaded.staging(MODEL).exists()
    downloaded.verify(MODEL)
    before = len(host.asked)
    installer(kind).install(MODEL, Breaker(), ignore)  # it is there
    assert len(host.asked) == before


@pytest.mark.parametrize("kind", list(ModelHost))
def test_what_broke_off_goes_on_where_it_stopped(
    kind: ModelHost, host: FakeModelHost, installer, downloaded: DownloadedModels
) -> None:
    files = host.packages[PACKAGE] = onnx_package(MODEL)
    host.break_after, host.breaks = 100_000, 2
    installer(kind).install(MODEL, Breaker(), ignore)
    assert (downloaded.path(MODEL) / "inference.onnx").read_bytes() == files["inference.onnx"]
    ranges = [headers["Range"] for _, headers in host.files_asked if "Range" in headers]
    assert ranges == ["bytes=100000-", "bytes=200000-"]


def test_a_stopped_download_goes_on_with_the_next_program(
    host: FakeModelHost, installer, downloaded: DownloadedModels
) -> None:
    host.packages[PACKAGE] = onnx_package(MODEL)
    host.stall = threading.Event()
    breaker, errors = Breaker(), []

    def run() -> None:
        try:
            installer().install(MODEL, breaker, ignore)
        except DesktopOcrError as error:
            errors.append(error.code)

    thread = threading.Thread(target=run)
    thread.start()
    assert host.stalled.wait(60)
    while downloaded.partial(MODEL) < 150_000:  # what was sent has to arrive
        thread.join(0.01)
    breaker.pull()
    thread.join(10)  # the host still says nothing
    assert not thread.is_alive()
    assert errors == [ErrorCode.CANCELLED]
    assert downloaded.find(MODEL) is None
    host.stall.set()
    host.stall = None
    there = (downloaded.staging(MODEL) / "inference.onnx.part").stat().st_size
    installer().install(MODEL, Breaker(), ignore)
    assert host.files_asked[-1][1]["Range"] == f"bytes={there}-"
    downloaded.verify(MODEL)


def stopped_in_the_middle(host: FakeModelHost, installer: Installer, downloaded: DownloadedModels) -> int:
    """Break a download off; the bytes of the weights that are there."""
    breaker = Breaker()

    def stop(progress: Progress) -> None:
        if progress.done > 50_000:
            breaker.pull()

    host.break_after, host.breaks = 100_000, 1
    with pytest.raises(DesktopOcrError) as caught:
        installer.install(MODEL, breaker, stop)
    host.breaks = 0
    assert caught.value.code is ErrorCode.CANCELLED
    there = next(downloaded.staging(MODEL).glob("*.part")).stat().st_size
    assert there >= 50_000
    return there


@pytest.mark.parametrize("kind", list(ModelHost))
def test_a_file_that_has_changed_meanwhile_comes_anew(
    kind: ModelHost, host: FakeModelHost, installer, downloaded: DownloadedModels
) -> None:
    host.packages[PACKAGE] = onnx_package(MODEL)
    stopped_in_the_middle(host, installer(kind), downloaded)
    another = host.packages[PACKAGE]["inference.onnx"] = onnx_weights(b"another")
    installer(kind).install(MODEL, Breaker(), ignore)
    assert (downloaded.path(MODEL) / "inference.onnx").read_bytes() == another


def test_a_part_of_unknown_origin_is_of_no_use(host: FakeModelHost, installer, downloaded: DownloadedModels) -> None:
    host.packages[PACKAGE] = onnx_package(MODEL)
    staging = downloaded.staging(MODEL)
    staging.mkdir(parents=True)
    (staging / "inference.onnx.part").write_bytes(b"of another time" * 1000)
    (staging / "inference.yml").write_bytes(b"of another time")
    installer().install(MODEL, Breaker(), ignore)
    assert all("Range" not in headers for _, headers in host.files_asked)
    downloaded.verify(MODEL)


def test_a_host_that_gives_no_ranges(host: FakeModelHost, installer, downloaded: DownloadedModels) -> None:
    host.packages[PACKAGE] = onnx_package(MODEL)
    host.ranges, host.break_after, host.breaks = False, 100_000, 1
    installer().install(MODEL, Breaker(), ignore)
    downloaded.verify(MODEL)


def test_a_part_of_the_same_file_from_another_host_is_used(
    host: FakeModelHost, installer, downloaded: DownloadedModels
) -> None:
    host.packages[PACKAGE] = onnx_package(MODEL)
    there = stopped_in_the_middle(host, installer(), downloaded)
    installer(ModelHost.MODELSCOPE).install(MODEL, Breaker(), ignore)
    path, headers = host.files_asked[-1]
    assert "FilePath=inference.onnx" in path
    assert headers["Range"] == f"bytes={there}-"
    assert "If-Range" not in headers  # it is the other host's mark
    downloaded.verify(MODEL)


@pytest.mark.parametrize("name", ["inference.onnx", "inference.yml"])
@pytest.mark.parametrize("kind", [ModelHost.HUGGINGFACE, ModelHost.MODELSCOPE])
def test_a_wrong_checksum_is_told_after_a_second_try(
    kind: ModelHost, name: str, host: FakeModelHost, installer, downloaded: DownloadedModels
) -> None:
    host.packages[PACKAGE] = onnx_package(MODEL)
    host.hashes[name] = "ab" * 32
    error = refused(installer(kind))
    assert error.code is ErrorCode.MODEL_DAMAGED
    assert name in error.info.message
    assert sum(name in path for path, _ in host.files_asked) == 2
    assert downloaded.find(MODEL) is None
    assert not list(downloaded.staging(MODEL).glob(f"{name}*"))


def test_an_archive_that_came_damaged(host: FakeModelHost, installer, downloaded: DownloadedModels) -> None:
    host.archives[PACKAGE] = b"no tar at all" * 1000
    assert refused(installer(ModelHost.BOS)).code is ErrorCode.MODEL_DAMAGED
    assert downloaded.find(MODEL) is None


LOGIN = b"<html>Log in to use this network.</html>"


@pytest.mark.parametrize(
    "bad",
    [
        LOGIN,
        tar_of(onnx_package(MODEL) | {"inference.yml": b"[]"}, "m"),
        tar_of(onnx_package(MODEL) | {"inference.onnx": LOGIN}, "m"),
        tar_of(onnx_package(MODEL), "m")[:100_000],
    ],
    ids=["page", "configuration", "weights", "cut"],
)
def test_an_archive_that_was_refused_is_fetched_again(
    bad: bytes, host: FakeModelHost, installer, downloaded: DownloadedModels
) -> None:
    host.archives[PACKAGE] = bad
    assert refused(installer(ModelHost.BOS)).code is ErrorCode.MODEL_DAMAGED
    assert downloaded.partial(MODEL) == 0
    host.archives.clear()
    host.packages[PACKAGE] = onnx_package(MODEL)
    installer(ModelHost.BOS).install(MODEL, Breaker(), ignore)
    downloaded.verify(MODEL)


def test_weights_that_are_none_are_refused(host: FakeModelHost, installer, downloaded: DownloadedModels) -> None:
    host.packages[PACKAGE] = onnx_package(MODEL) | {"inference.onnx": LOGIN}
    assert "weights are refused" in str(refused(installer()))
    assert downloaded.partial(MODEL) == 0


def test_a_link_in_the_place_of_a_download_is_not_followed(
    host: FakeModelHost, installer, downloaded: DownloadedModels, tmp_path: Path
) -> None:
    host.packages[PACKAGE] = onnx_package(MODEL)
    elsewhere = put(tmp_path / "elsewhere", {"letter.txt": b"mine"})
    downloaded.folder.mkdir()
    downloaded.staging(MODEL).symlink_to(elsewhere)
    installer().install(MODEL, Breaker(), ignore)
    downloaded.verify(MODEL)
    downloaded.staging(MODEL).symlink_to(elsewhere)
    assert downloaded.remove(MODEL)
    assert not downloaded.staging(MODEL).is_symlink()
    assert [file.name for file in elsewhere.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("kind", list(ModelHost))
def test_what_a_host_does_not_have_is_said(kind: ModelHost, host: FakeModelHost, installer) -> None:
    error = refused(installer(kind))
    assert error.code is ErrorCode.DOWNLOAD_FAILED
    assert "no package of UVDoc" in error.info.message
    assert len(host.asked) == 1  # nobody asks again for what is not there


def test_a_package_without_weights_is_not_installed(host: FakeModelHost, installer) -> None:
    host.packages[PACKAGE] = {"inference.yml": config_of(MODEL)}
    assert "inference.onnx" in str(refused(installer()))


def test_the_next_format_is_taken_where_the_first_is_not_there(
    host: FakeModelHost, installer, downloaded: DownloadedModels
) -> None:
    host.packages[MODEL] = {
        "inference.pdiparams": b"w" * 5000,
        "inference.json": b"{}",
        "inference.yml": config_of(MODEL),
        "model_state.pdparams": b"pickled",
    }
    installer(engines=(*ENGINES, "paddle_static")).install(MODEL, Breaker(), ignore)
    stamp = downloaded.find(MODEL)
    assert stamp is not None
    assert stamp.format is PackageFormat.PADDLE
    assert not (downloaded.path(MODEL) / "model_state.pdparams").exists()


def test_pickled_weights_are_never_taken(host: FakeModelHost, installer) -> None:
    host.packages["PP-Chart2Table"] = {"model_state.pdparams": b"pickled", "inference.yml": config_of("PP-Chart2Table")}
    error = refused(installer(engines=(*ENGINES, "paddle_static", "paddle_dynamic")), "PP-Chart2Table")
    assert error.code is ErrorCode.DOWNLOAD_FAILED
    assert not any("pdparams" in path for path, _ in host.asked)


def test_what_nothing_here_could_run_is_not_downloaded(host: FakeModelHost, installer) -> None:
    error = refused(installer(), "PP-FormulaNet_plus-S")
    assert error.code is ErrorCode.MODEL_MISSING
    assert "paddlepaddle" in error.info.advice
    assert host.asked == []


@pytest.mark.parametrize("name", ["picodet-cdla", "PP-StructureV3", "nothing", "../x"])
def test_what_is_no_download_is_refused(installer, name: str) -> None:
    assert refused(installer(), name).code is ErrorCode.USAGE


def test_a_host_that_is_ill_is_asked_again(host: FakeModelHost, installer, downloaded: DownloadedModels) -> None:
    host.packages[PACKAGE] = onnx_package(MODEL)
    host.statuses = [503, 429, 500]
    installer().install(MODEL, Breaker(), ignore)
    downloaded.verify(MODEL)


def test_a_host_that_stays_ill_is_given_up(host: FakeModelHost, installer) -> None:
    host.packages[PACKAGE] = onnx_package(MODEL)
    host.statuses = [503] * 20
    error = refused(installer())
    assert error.code is ErrorCode.DOWNLOAD_FAILED
    assert "503" in error.info.message
    assert len(host.files_asked) == 5


def test_what_has_come_is_said_to_be_kept_where_something_has(
    host: FakeModelHost, installer, downloaded: DownloadedModels
) -> None:
    host.packages[PACKAGE] = onnx_package(MODEL)
    host.statuses = [403]
    assert "kept" not in str(refused(installer()))
    stopped_in_the_middle(host, installer(), downloaded)
    host.statuses = [403]
    assert "What has come is kept" in str(refused(installer()))


def test_what_another_program_has_installed_is_told_with_its_size(host: FakeModelHost, installer) -> None:
    host.packages[PACKAGE] = onnx_package(MODEL)
    installer().install(MODEL, Breaker(), ignore)
    told: list[Progress] = []
    installer().install(MODEL, Breaker(), told.append)
    assert told[-1].done == told[-1].size > 300_000


def test_without_a_network_it_says_so(tmp_path: Path) -> None:
    settings = Settings(model_mirror="http://127.0.0.1:9")
    error = refused(Installer(DownloadedModels(tmp_path), settings, engines=ENGINES, pause=0.0))
    assert error.code is ErrorCode.DOWNLOAD_FAILED
    assert "proxy" in error.info.advice


# --- the disk ---------------------------------------------------------------------------------------------------


def test_there_has_to_be_room_first(host: FakeModelHost, installer, monkeypatch: pytest.MonkeyPatch) -> None:
    host.packages[PACKAGE] = onnx_package(MODEL)
    monkeypatch.setattr(disk, "free_bytes", lambda _: disk.MARGIN + 200_000)
    error = refused(installer())
    assert error.code is ErrorCode.DISK_FULL
    assert host.files_asked == []


def test_a_disk_that_fills_up_is_told_and_what_has_come_stays(
    host: FakeModelHost, installer, downloaded: DownloadedModels
) -> None:
    host.packages[PACKAGE] = onnx_package(MODEL)
    staging = downloaded.staging(MODEL)
    staging.mkdir(parents=True)
    (staging / "inference.onnx.part").symlink_to("/dev/full")  # every write to it fails as on a full disk
    assert refused(installer()).code is ErrorCode.DISK_FULL
    assert (staging / "inference.yml").exists()
    (staging / "inference.onnx.part").unlink()
    installer().install(MODEL, Breaker(), ignore)
    downloaded.verify(MODEL)


def test_a_folder_that_cannot_be_made_is_told(host: FakeModelHost, installer, downloaded: DownloadedModels) -> None:
    host.packages[PACKAGE] = onnx_package(MODEL)
    downloaded.folder.write_text("in the way")
    assert refused(installer()).code is ErrorCode.NO_PERMISSION


def test_a_package_far_too_large_is_refused(host: FakeModelHost, installer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_ocr.models.installer._MOST_MORE", 0)
    monkeypatch.setattr("desktop_ocr.models.installer._MOST_TIMES", 0)
    host.packages[PACKAGE] = onnx_package(MODEL)
    assert "far larger" in str(refused(installer()))
    assert host.files_asked == []
    assert "larger" in str(refused(installer(ModelHost.BOS)))  # which does not say its size before


# --- others at work, mirrors, proxies ---------------------------------------------------------------------------


def test_two_at_once_download_it_once(host: FakeModelHost, installer, downloaded: DownloadedModels) -> None:
    host.packages[PACKAGE] = onnx_package(MODEL)
    threads = [threading.Thread(target=lambda: installer().install(MODEL, Breaker(), ignore)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    downloaded.verify(MODEL)
    assert sum("inference.onnx" in path for path, _ in host.files_asked) == 1


def test_waiting_for_another_program_can_be_stopped(
    host: FakeModelHost, installer, downloaded: DownloadedModels
) -> None:
    host.packages[PACKAGE] = onnx_package(MODEL)
    breaker = Breaker()
    with downloaded.lock(MODEL, Breaker()):
        threading.Timer(0.05, breaker.pull).start()
        with pytest.raises(DesktopOcrError) as caught:
            installer().install(MODEL, breaker, ignore)
    assert caught.value.code is ErrorCode.CANCELLED
    assert host.asked == []


def test_a_proxy_is_asked_for_everything(host: FakeModelHost, installer, downloaded: DownloadedModels) -> None:
    host.packages[PACKAGE] = onnx_package(MODEL)
    installer(mirror="http://models.example.org", proxy=host.address).install(MODEL, Breaker(), ignore)
    downloaded.verify(MODEL)
    assert all(path.startswith("http://models.example.org/") for path, _ in host.asked)


def test_a_mirror_may_have_a_path(host: FakeModelHost, installer) -> None:
    refused(installer(mirror=host.address + "/mirrors/hf/"))
    assert host.asked[0][0].startswith("/mirrors/hf/api/models/PaddlePaddle/UVDoc_onnx/tree/main")


# --- what must not be taken -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [ModelHost.HUGGINGFACE, ModelHost.BOS])
def test_a_configuration_with_a_program_in_it_is_refused(
    kind: ModelHost, host: FakeModelHost, installer, downloaded: DownloadedModels
) -> None:
    host.packages[PACKAGE] = onnx_package(MODEL)
    host.packages[PACKAGE]["inference.yml"] = config_of(MODEL).replace(b"1./255.", b"__import__('os').getpid()")
    assert refused(installer(kind)).code is ErrorCode.MODEL_DAMAGED
    assert downloaded.find(MODEL) is None
    assert downloaded.partial(MODEL) == 0


def test_another_models_configuration_is_refused(host: FakeModelHost, installer) -> None:
    host.packages[PACKAGE] = onnx_package("SLANeXt_wired")
    assert "SLANeXt_wired" in str(refused(installer()))


def test_names_that_lead_elsewhere_are_left_where_they_are(
    host: FakeModelHost, installer, downloaded: DownloadedModels, tmp_path: Path
) -> None:
    host.packages[PACKAGE] = onnx_package(MODEL) | {"../outside": b"x", "/etc/outside": b"x", "a/inference.onnx": b"x"}
    installer().install(MODEL, Breaker(), ignore)
    assert not list(tmp_path.rglob("outside"))
    assert len(list(downloaded.path(MODEL).iterdir())) == 3


def test_what_a_killed_program_left_is_cleared_or_used(
    host: FakeModelHost, installer, downloaded: DownloadedModels
) -> None:
    host.packages[PACKAGE] = onnx_package(MODEL)
    old = downloaded.folder / ".old-x"
    old.mkdir(parents=True)
    os.utime(old, (1, 1))
    broken = downloaded.path(MODEL)
    broken.mkdir()
    (broken / STAMP).write_text("{")
    installer().install(MODEL, Breaker(), ignore)
    downloaded.verify(MODEL)
    assert not old.exists()
    assert not [file for file in downloaded.folder.iterdir() if file.name.startswith((".part", ".old"))]


# --- import -----------------------------------------------------------------------------------------------------


def nobody(place: Path, what: object) -> None:
    assert not isinstance(what, DesktopOcrError), place


def put(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def test_a_folder_of_models_and_archives_is_taken_over(
    installer, downloaded: DownloadedModels, tmp_path: Path, host: FakeModelHost
) -> None:
    put(tmp_path / "stick" / "uvdoc", onnx_package(MODEL))
    put(tmp_path / "stick" / "pictures", {"a.png": b"x"})
    put(tmp_path / "stick" / "stranger", onnx_package("No-Such-Model"))
    archive = tar_of(onnx_package("SLANeXt_wired"), "SLANeXt_wired_onnx_infer")
    (tmp_path / "stick" / "SLANeXt_wired_onnx_infer.tar").write_bytes(archive)
    told: list[tuple[Path, object]] = []
    taken = installer().take_over(tmp_path / "stick", Breaker(), lambda *what: told.append(what))
    assert sorted(model for _, model in told) == sorted(taken)
    assert sorted(taken) == ["SLANeXt_wired", MODEL]
    for model in taken:
        downloaded.verify(model)
        stamp = downloaded.find(model)
        assert stamp is not None
        assert stamp.source == "import"
        assert {file.name for file in stamp.files} == {"inference.onnx", "inference.yml"}
    assert host.asked == []
    assert sorted(file.name for file in downloaded.folder.iterdir() if file.is_dir()) == ["SLANeXt_wired", MODEL]


def test_one_model_or_one_archive_is_taken_over(installer, downloaded: DownloadedModels, tmp_path: Path) -> None:
    folder = put(tmp_path / "UVDoc_infer", onnx_package(MODEL))
    assert installer().take_over(folder, Breaker(), nobody) == [MODEL]
    tensors = {"model.safetensors": tensors_of(b"w"), "config.json": b"{}", "modeling.py": b"import os"}
    folder = put(tmp_path / "PP-Chart2Table_safetensors", tensors)
    assert installer().take_over(folder, Breaker(), nobody) == ["PP-Chart2Table"]
    assert not (downloaded.path("PP-Chart2Table") / "modeling.py").exists()


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"a.png": b"x"}, ErrorCode.USAGE),
        (onnx_package("No-Such-Model"), ErrorCode.USAGE),
        (onnx_package("picodet-cdla") | {"inference.yml": b"[]"}, ErrorCode.MODEL_DAMAGED),
    ],
)
def test_what_is_no_model_is_not_taken_over(
    installer, downloaded: DownloadedModels, tmp_path: Path, files: dict[str, bytes], code: ErrorCode
) -> None:
    folder = put(tmp_path / "stick", files)
    with pytest.raises(DesktopOcrError) as caught:
        installer().take_over(folder, Breaker(), nobody)
    assert caught.value.code is code
    assert [one.name for one in downloaded.folder.iterdir()] == []


def test_a_folder_that_is_not_there(installer, tmp_path: Path) -> None:
    with pytest.raises(DesktopOcrError) as caught:
        installer().take_over(tmp_path / "nowhere", Breaker(), nobody)
    assert caught.value.code is ErrorCode.NOT_FOUND
