"""The model store, on small files that stand for wheels, and once on the real ones."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import threading
from pathlib import Path

import msgspec
import pytest

from desktop_ocr.models import catalog, listing, store
from desktop_ocr.models.catalog import PROFILES, ModelEntry, ModelSource
from desktop_ocr.models.listing import listed
from desktop_ocr.models.models_file import ModelsFile
from desktop_ocr.models.selection import choose_models
from desktop_ocr.models.store import CONFIG, STAMP, WEIGHTS, ModelStore
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.model_store import StoreState
from desktop_ocr.schema.roles import ModelRole

WEIGHT_BYTES = b"weights of a model" * 1000
ID = "PP-OCRv6_small_det"  # its configuration is packaged


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with one model in it, which the catalog knows in place of the real one."""
    package = tmp_path / "site" / "made_up_wheel"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise AssertionError('a model package was imported')")
    file = package / "model.onnx"
    file.write_bytes(WEIGHT_BYTES)
    monkeypatch.syspath_prepend(str(package.parent))
    model = ModelEntry(
        id=ID,
        role=ModelRole.TEXT_DETECTION,
        title="Made up",
        source=ModelSource("made-up-wheel==1", "made_up_wheel", "model.onnx"),
        size=len(WEIGHT_BYTES),
        sha256=hashlib.sha256(WEIGHT_BYTES).hexdigest(),
        licence="MIT",
        memory_mb=1,
    )
    monkeypatch.setattr(catalog, "_BY_ID", {ID: model})
    monkeypatch.setattr(catalog, "CATALOG", (model,))
    monkeypatch.setattr(listing, "CATALOG", (model,))
    return file


def folder_of(models: ModelStore) -> Path:
    return models.ensure(ID)


def test_a_model_is_laid_out_once_and_linked(wheel: Path, tmp_path: Path) -> None:
    folder = ModelStore(tmp_path / "models").ensure(ID)
    assert sorted(file.name for file in folder.iterdir()) == [WEIGHTS, CONFIG, STAMP]
    assert (folder / WEIGHTS).samefile(wheel)
    assert b"DBPostProcess" in (folder / CONFIG).read_bytes()
    assert [file.name for file in folder.parent.iterdir()] == [ID]


@pytest.mark.usefixtures("wheel")
def test_later_starts_do_not_read_the_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ModelStore(tmp_path / "models").ensure(ID)

    def refuse(file: Path) -> str:
        raise AssertionError(file)

    monkeypatch.setattr(store, "sha256_of", refuse)
    ModelStore(tmp_path / "models").ensure(ID)


@pytest.mark.usefixtures("wheel")
def test_a_lost_stamp_or_a_touched_file_is_checked_again(tmp_path: Path) -> None:
    models = ModelStore(tmp_path / "models")
    folder = models.ensure(ID)
    (folder / STAMP).write_bytes(b"{")
    os.utime(folder / WEIGHTS, (1, 1))
    assert models.ensure(ID) == folder
    assert msgspec.json.decode((folder / STAMP).read_bytes())["mtime_ns"] == 10**9


@pytest.mark.parametrize("name", [WEIGHTS, CONFIG])
@pytest.mark.usefixtures("wheel")
def test_what_is_damaged_or_missing_is_laid_out_again(tmp_path: Path, name: str) -> None:
    models = ModelStore(tmp_path / "models")
    folder = models.ensure(ID)
    (folder / name).unlink()
    models.ensure(ID)
    assert (folder / WEIGHTS).read_bytes() == WEIGHT_BYTES
    (folder / name).unlink()
    (folder / name).write_bytes(b"x" * len(WEIGHT_BYTES))
    models.ensure(ID)
    assert (folder / WEIGHTS).read_bytes() == WEIGHT_BYTES
    models.verify(ID)


@pytest.mark.usefixtures("wheel")
def test_verify_reads_everything(tmp_path: Path) -> None:
    models = ModelStore(tmp_path / "models")
    models.verify(ID)  # the wheel's own file, before it is laid out
    folder = models.ensure(ID)
    facts = (folder / WEIGHTS).stat()
    (folder / WEIGHTS).unlink()
    (folder / WEIGHTS).write_bytes(b"X" + WEIGHT_BYTES[1:])
    os.utime(folder / WEIGHTS, ns=(facts.st_mtime_ns, facts.st_mtime_ns))
    with pytest.raises(DesktopOcrError) as caught:
        models.verify(ID)
    assert caught.value.code is ErrorCode.MODEL_DAMAGED
    assert "pip" not in caught.value.info.message


def test_verify_says_that_a_wheel_is_not_there(wheel: Path, tmp_path: Path) -> None:
    wheel.unlink()
    with pytest.raises(DesktopOcrError) as caught:
        ModelStore(tmp_path / "models").verify(ID)
    assert caught.value.code is ErrorCode.MODEL_MISSING


def test_a_missing_wheel_is_told_with_advice(wheel: Path, tmp_path: Path) -> None:
    wheel.unlink()
    models = ModelStore(tmp_path / "models")
    with pytest.raises(DesktopOcrError) as caught:
        models.ensure(ID)
    assert caught.value.code is ErrorCode.MODEL_MISSING
    assert "made-up-wheel==1" in caught.value.info.advice
    (status,) = listed(models)
    assert status.state is StoreState.UNAVAILABLE
    assert status.reason
    # It is required: `ensure` is to say that it is missing.
    assert choose_models(models, ModelsFile()).ids == {"text-detection": ID}


def test_an_optional_model_that_is_missing_is_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(store, "_find", lambda _: None)
    chosen = choose_models(ModelStore(tmp_path), ModelsFile()).ids
    assert "page-orientation" not in chosen
    assert "text-recognition" in chosen


def test_a_wheel_with_other_weights_is_refused(wheel: Path, tmp_path: Path) -> None:
    wheel.write_bytes(WEIGHT_BYTES[::-1])
    with pytest.raises(DesktopOcrError) as caught:
        ModelStore(tmp_path / "models").ensure(ID)
    assert caught.value.code is ErrorCode.MODEL_DAMAGED
    assert list((tmp_path / "models").glob("*")) == [] if (tmp_path / "models").exists() else True


@pytest.mark.usefixtures("wheel")
def test_without_links_the_weights_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    folder = ModelStore(tmp_path / "one").ensure(ID)
    assert (folder / WEIGHTS).is_symlink()
    monkeypatch.setattr(Path, "symlink_to", refuse)
    folder = ModelStore(tmp_path / "two").ensure(ID)
    assert not (folder / WEIGHTS).is_symlink()
    assert (folder / WEIGHTS).read_bytes() == WEIGHT_BYTES


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, ErrorCode.DISK_FULL), (errno.EROFS, ErrorCode.NO_PERMISSION)]
)
@pytest.mark.usefixtures("wheel")
def test_a_folder_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: ErrorCode
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, "refused")

    monkeypatch.setattr(store.tempfile, "mkdtemp", refuse)
    with pytest.raises(DesktopOcrError) as caught:
        ModelStore(tmp_path / "models").ensure(ID)
    assert caught.value.code is code
    assert caught.value.info.advice


@pytest.mark.usefixtures("wheel")
def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("in the way")
    with pytest.raises(DesktopOcrError) as caught:
        ModelStore(tmp_path / "models").ensure(ID)
    assert caught.value.code is ErrorCode.NO_PERMISSION


@pytest.mark.usefixtures("wheel")
def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    old = tmp_path / "models" / ".making-old"
    old.mkdir(parents=True)
    young = tmp_path / "models" / ".making-young"
    young.mkdir()
    os.utime(old, (1, 1))
    ModelStore(tmp_path / "models").ensure(ID)
    assert not old.exists()
    assert young.exists()


@pytest.mark.usefixtures("wheel")
def test_threads_may_ask_at_once(tmp_path: Path) -> None:
    stores = [ModelStore(tmp_path / "models") for _ in range(8)]
    failures: list[BaseException] = []

    def ask(models: ModelStore) -> None:
        try:
            models.ensure(ID)
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    for _ in range(5):
        threads = [threading.Thread(target=ask, args=(models,)) for models in stores]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert sorted(file.name for file in (tmp_path / "models").iterdir()) == [ID]
        shutil.rmtree(tmp_path / "models")


def test_an_unknown_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DesktopOcrError) as caught:
        ModelStore(tmp_path).ensure("no-such-model")
    assert caught.value.code is ErrorCode.MODEL_MISSING


def test_the_bundled_models_are_what_the_catalog_says(tmp_path: Path) -> None:
    models = ModelStore(tmp_path)
    for status in listed(models):
        if status.id not in PROFILES["fast"]:
            continue
        if not status.bundled:
            pytest.skip(f"{status.id} is not installed")
        folder = models.ensure(status.id)
        models.verify(status.id)
        if folder.parent == tmp_path:
            assert (folder / WEIGHTS).stat().st_size == status.size
