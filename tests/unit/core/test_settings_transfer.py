"""Settings in files of their own: what is exported is imported, and what cannot be used is named and left out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from desktop_ocr.__main__ import main
from desktop_ocr.core.settings_file import Loaded, load_settings, save_settings
from desktop_ocr.core.settings_transfer import change_settings_file, export_settings, import_settings, reset_settings
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.settings import Settings
from tests.unit.core.test_settings_file import any_settings

shared = hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25
)


@shared
@given(settings=any_settings, present=any_settings)
def test_what_is_exported_is_imported_whatever_was_set(settings: Settings, present: Settings, tmp_path: Path) -> None:
    file = tmp_path / "along.toml"
    export_settings(file, settings)
    assert import_settings(file, present) == Loaded(settings)


def test_what_a_file_does_not_name_stays_and_what_cannot_be_is_named(tmp_path: Path) -> None:
    file = tmp_path / "some.toml"
    file.write_text(
        '[memory]\nwarning = 0.97\n[limits]\nattempts = 9\npage_seconds = 50\n[models]\nproxy = "http://me:pw@x.org"\n'
        "[zebra]\na = 1\n"
    )
    present = Settings(attempts=3, warning=0.7, notify=False)
    loaded = import_settings(file, present)
    assert loaded.settings == Settings(attempts=3, warning=0.7, notify=False, page_seconds=50.0)
    assert [words.split(":")[0] for words in loaded.problems] == [
        "zebra", "[limits] attempts", "[models] proxy", "[memory] critical",
    ]  # fmt: skip
    assert all(words.endswith("left out.") for words in loaded.problems)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<html>", "bad.toml is not valid TOML"),
        (b"\xff\xfe", "bad.toml is not a text in UTF-8"),
        (b"", "there are none in bad.toml"),
        (b"[package]\nname = 1\n", "there are none in bad.toml"),
        (b"#" * 200_000, "bad.toml is too large"),
    ],
)
def test_a_bad_file_is_refused_and_nothing_changes(tmp_path: Path, data: bytes, words: str) -> None:
    own, bad = tmp_path / "settings.toml", tmp_path / "bad.toml"
    save_settings(own, Settings(attempts=3))
    before = own.read_bytes()
    bad.write_bytes(data)
    with pytest.raises(DesktopOcrError, match=f"No settings were imported: {words}"):
        change_settings_file(own, bad)
    with pytest.raises(DesktopOcrError) as caught:
        change_settings_file(own, tmp_path / "nowhere.toml")
    assert caught.value.code is ErrorCode.NOT_FOUND
    assert own.read_bytes() == before


def test_a_reset_keeps_the_former_file(tmp_path: Path) -> None:
    own = tmp_path / "settings.toml"
    assert reset_settings(own) is None
    save_settings(own, Settings(attempts=4))
    former = reset_settings(own)
    assert former is not None
    assert load_settings(own) == Loaded(Settings())
    assert reset_settings(own) == former  # once more, by mistake
    assert change_settings_file(own, former).settings == Settings(attempts=4)
    assert load_settings(own) == Loaded(Settings(attempts=4))


def test_the_command_line_takes_along_brings_in_and_resets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    own, file = tmp_path / "config" / "desktop-ocr" / "settings.toml", tmp_path / "along.toml"
    save_settings(own, Settings(attempts=4))
    assert main(["settings", "export", str(file)]) == 0
    assert main(["settings", "reset"]) == 0
    assert load_settings(own).settings == Settings()
    file.write_text(file.read_text().replace("notify = true", "notify = 7"))
    assert main(["settings", "import", str(file)]) == 0
    assert load_settings(own).settings == Settings(attempts=4)
    said = capsys.readouterr()
    assert "settings-before-reset.toml" in said.out
    assert "notify: 7 is neither true nor false; it is left out." in said.err
    assert main(["settings", "import", str(tmp_path / "no.toml")]) == 1
    assert "There is no file no.toml" in capsys.readouterr().err


def test_the_command_line_makes_no_folder_and_replaces_no_file_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    save_settings(tmp_path / "config" / "desktop-ocr" / "settings.toml", Settings(attempts=4))
    missing = tmp_path / "missing" / "along.toml"
    assert main(["settings", "export", str(missing), "--overwrite"]) == 1
    assert f"There is no folder {missing.parent}." in capsys.readouterr().err
    assert not missing.parent.exists()
    file = tmp_path / "along.toml"
    file.write_text("mine")
    assert main(["settings", "export", str(file)]) == 1
    assert "is there already. Add --overwrite to replace it." in capsys.readouterr().err
    assert file.read_text() == "mine"
    assert main(["settings", "export", str(file), "--overwrite"]) == 0
    assert import_settings(file, Settings()).settings == Settings(attempts=4)
    assert main(["settings", "export", str(tmp_path), "--overwrite"]) == 1
    assert "is a folder." in capsys.readouterr().err


@pytest.mark.parametrize("what", ["pipe", "link to nothing"])
def test_only_files_are_replaced_by_an_export(tmp_path: Path, what: str) -> None:
    file = tmp_path / "settings.toml"
    if what == "pipe":
        os.mkfifo(file)
    else:
        file.symlink_to(tmp_path / "nowhere")
    with pytest.raises(DesktopOcrError, match="is no file that could be replaced"):
        export_settings(file, Settings())
    assert file.is_fifo() or file.is_symlink()


def test_a_section_that_is_none_is_left_out_of_an_import(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("background = 3\n[memory]\nwarning = 0.6\n")
    loaded = import_settings(file, Settings(notify=False))
    assert loaded.settings == Settings(notify=False, warning=0.6)
    (problem,) = loaded.problems
    assert problem.startswith("background: it is not a section")
    assert problem.endswith("; it is left out.")
