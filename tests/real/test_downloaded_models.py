"""Models that came from a host are those that pages are read with, by the real engine in a real program.

The weights are the bundled ones under other names: those of the larger models cannot be had here.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import zlib
from pathlib import Path

import msgspec
import pytest

from desktop_ocr.models.store import CONFIG, WEIGHTS, ModelStore
from desktop_ocr.schema.results import PageResult
from tests.fakes.fake_model_host import FakeModelHost, onnx_package

pytestmark = pytest.mark.models
COMMAND = [sys.executable, "-m", "desktop_ocr"]
PAGE = Path(__file__).parent / "documents" / "receipt.jpg"
BUNDLED = {"PP-OCRv6_medium_rec": "PP-OCRv6_small_rec", "PP-OCRv6_tiny_det": "PP-OCRv6_small_det"}


def user(home: Path) -> dict[str, str]:
    """The environment of somebody with folders of their own, and without a proxy."""
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    folders = {"XDG_DATA_HOME": "data", "XDG_CACHE_HOME": "cache", "XDG_CONFIG_HOME": "config"}
    return environment | {name: str(home / folder) for name, folder in folders.items()}


def test_pages_are_read_with_models_that_were_downloaded(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "laid-out")
    environment = user(tmp_path)
    config = tmp_path / "config" / "desktop-ocr"
    config.mkdir(parents=True)

    def run(*words: str) -> str:
        done = subprocess.run(
            [*COMMAND, *words], env=environment, capture_output=True, text=True, timeout=200, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def models() -> tuple[str, ...]:
        run("convert", str(PAGE), "--out", str(tmp_path), "--format", "txt", "--no-tables")
        with sqlite3.connect(tmp_path / "data" / "desktop-ocr" / "ledger.sqlite3") as db:
            (packed,) = db.execute("SELECT result FROM pages").fetchone()
        return msgspec.msgpack.decode(zlib.decompress(packed), type=PageResult).models

    with FakeModelHost().running() as host:
        for name, bundled in BUNDLED.items():
            folder = store.ensure(bundled)
            told = (folder / CONFIG).read_bytes().replace(bundled.encode(), name.encode())
            host.packages[f"{name}_onnx"] = {WEIGHTS: (folder / WEIGHTS).read_bytes(), CONFIG: told}
        (config / "settings.toml").write_text(f'[models]\nmodel_mirror = "{host.address}"\n')
        run("models", "install", *BUNDLED, "--yes")
    (config / "models.toml").write_text('[text-detection]\nmodel = "PP-OCRv6_tiny_det"\n')
    used = models()
    assert "PP-OCRv6_medium_rec" in used  # the largest that is there
    assert "PP-OCRv6_tiny_det" in used  # the user says so


def test_models_that_cannot_be_loaded_cost_no_page(tmp_path: Path) -> None:
    """Their weights are ONNX in form, and nothing that ONNX Runtime takes."""
    environment, names = user(tmp_path), ("UVDoc", "PP-OCRv6_medium_rec", "PP-DocLayout_plus-L")
    for name in names:
        folder = tmp_path / "stick" / name
        folder.mkdir(parents=True)
        for file, data in onnx_package(name).items():
            (folder / file).write_bytes(data)
    options = ("--out", str(tmp_path), "--format", "json", "--private", "--tables", "--unwarp")
    for words in (("models", "import", str(tmp_path / "stick")), ("convert", str(PAGE), *options)):
        done = subprocess.run(
            [*COMMAND, *words], env=environment, capture_output=True, text=True, timeout=200, check=False
        )
        assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "receipt.json").read_text())["pages"][0]["result"]
    assert len(result["lines"]) > 10
    assert {"PP-OCRv6_small_rec", "picodet-cdla"} <= set(result["models"])
    notes = [note["text"] for note in result["notes"]]
    for name in names:
        (note,) = [note for note in notes if f"the model {name} cannot be loaded" in note]
        assert note.endswith(f"desktop-ocr models remove {name}")
