"""`desktop-ocr convert` with features: the real command line and session, on fake hosts."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import pytest

from desktop_ocr.cli import convert
from desktop_ocr.cli.main import run_command
from tests.fakes.fake_host import asked
from tests.fakes.fake_models import BUNDLED, FakeModelStore, fake_choice
from tests.process.conftest import FakeHosts

pytestmark = pytest.mark.process


class BundledModelStore(FakeModelStore):
    """What comes with the program alone."""

    def defaults(self) -> dict[str, str]:
        return dict(BUNDLED)


def run(monkeypatch: pytest.MonkeyPatch, fake_hosts: FakeHosts, folder: Path, *words: str) -> int:
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"):
        (folder / name).mkdir(exist_ok=True, mode=0o700)
        monkeypatch.setenv(name, str(folder / name))
    monkeypatch.setattr(convert, "Session", functools.partial(convert.Session, start=fake_hosts.start))
    document = folder / "pages.pdf"
    document.write_bytes(b"pages")
    return run_command(["convert", str(document), *words])


def test_what_was_left_out_is_told_once_a_document(
    monkeypatch: pytest.MonkeyPatch, fake_hosts: FakeHosts, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("desktop_ocr.core.machinery.ModelStore", BundledModelStore)
    monkeypatch.setattr("desktop_ocr.core.machinery.choose_models", fake_choice)
    fake_hosts.write(needs={"0": ["formulas"], "1": ["formulas"], "3": ["formulas"], "2": ["tables"]})
    assert run(monkeypatch, fake_hosts, tmp_path, "--formulas", "--json") == 0
    out = capsys.readouterr()
    (report,) = json.loads(out.out)["files"]
    words = "formulas left out: model not installed."
    assert report["left_out"] == {"1": words, "2": words, "4": words}
    assert (report["pages"], report["fine"]) == (5, 5)
    assert out.err.count(words) == 1
    assert f"{words} (pages 1-2, 4)" in out.err
    assert "formula" not in {entry.detail for entry in asked(fake_hosts.counts) if entry.what == "loaded"}

    assert run(monkeypatch, fake_hosts, tmp_path, "--no-formulas", "--no-tables") == 0
    out = capsys.readouterr()
    assert "left out" not in out.err
    assert f"{tmp_path / 'pages.pdf'}: 5 pages, all fine\n" in out.out


def test_stages_are_done_before_the_files_are_written(
    monkeypatch: pytest.MonkeyPatch, fake_hosts: FakeHosts, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("desktop_ocr.core.machinery.ModelStore", FakeModelStore)
    monkeypatch.setattr("desktop_ocr.core.machinery.choose_models", fake_choice)
    fake_hosts.write(needs=["formulas", "charts"], stages={"2:charts": "fail"})
    assert run(monkeypatch, fake_hosts, tmp_path, "--formulas", "--charts=auto", "--no-tables") == 0
    out = capsys.readouterr()
    assert "Charts left out: This page is damaged. (page 3)" in out.err
    assert f"{tmp_path / 'pages.pdf'}: 5 pages: 4 fine, 1 incomplete\n" in out.out
    log = [(entry.what, entry.detail) for entry in asked(fake_hosts.counts)]
    first_export = next(number for number, (what, _) in enumerate(log) if what == "StartExport")
    assert max(number for number, (what, _) in enumerate(log) if what == "Refine") < first_export
    assert ("loaded", "table-structure") not in log


def test_a_language_whose_pack_is_not_there_is_told(
    monkeypatch: pytest.MonkeyPatch, fake_hosts: FakeHosts, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("desktop_ocr.core.machinery.ModelStore", FakeModelStore)
    monkeypatch.setattr("desktop_ocr.core.machinery.choose_models", fake_choice)
    assert run(monkeypatch, fake_hosts, tmp_path, "--language", "th", "--json") == 0
    out = capsys.readouterr()
    (report,) = json.loads(out.out)["files"]
    words = "The pack for Thai is not installed (th_PP-OCRv5_mobile_rec): the text was read without."
    assert set(report["left_out"].values()) == {words}
    assert len(report["left_out"]) == 5
    assert out.err.count(words) == 1
