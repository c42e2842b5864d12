"""What starts at log-in: the desktop entry for real, the other systems' ways on fakes of what they write to."""

from __future__ import annotations

import configparser
import os
import plistlib
import stat
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_ocr.core.autostart import (
    RUN_KEY,
    DesktopAutostart,
    MacAutostart,
    WindowsAutostart,
    autostart_folder,
    escaped,
    exec_words,
    quoted_exec,
    start_command,
    this_autostart,
    unescaped,
)
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

HERE = [sys.executable, "-P", "-m", "desktop_ocr", "--background"]


def program(folder: Path, name: str = "python") -> str:
    """Something that can be started."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return str(file)


def test_on_and_off(user_home: Path) -> None:
    autostart = this_autostart()
    assert not autostart.is_on()
    autostart.turn(True)
    assert autostart.is_on()
    entry = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(user_home / "config" / "autostart" / "desktop-ocr.desktop", encoding="utf-8")
    main = entry["Desktop Entry"]
    assert (main["Type"], main["Terminal"]) == ("Application", "false")
    assert exec_words(unescaped(main["Exec"])) == HERE == start_command()
    assert main["TryExec"] == sys.executable
    autostart.turn(False)
    assert not autostart.is_on()
    assert list((user_home / "config" / "autostart").iterdir()) == []
    autostart.turn(False)


def test_the_folder_is_where_the_specification_says(user_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert autostart_folder() == user_home / "config" / "autostart"
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    assert autostart_folder() == user_home / ".config" / "autostart"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    assert autostart_folder() == user_home / ".config" / "autostart"


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_what_the_desktops_settings_switched_off_is_off(tmp_path: Path, line: str) -> None:
    autostart = DesktopAutostart(HERE, tmp_path)
    autostart.turn(True)
    text = autostart.file.read_text()
    autostart.file.write_text(text.replace("X-GNOME-Autostart-enabled=true", line) + "\n[Other]\nHidden=false\n")
    assert not autostart.is_on()
    assert not autostart.mend()
    autostart.turn(True)
    assert autostart.is_on()


def test_a_moved_installation_is_mended(tmp_path: Path) -> None:
    old, new = program(tmp_path / "old one"), program(tmp_path / 'new "$HOME" \\ 100%')
    was = DesktopAutostart([old, "--background"], tmp_path / "auto")
    now = DesktopAutostart([new, "--background"], tmp_path / "auto")
    assert not now.mend()
    was.turn(True)
    assert not now.mend(), "both are there: it is not for this one to take the other's place"
    Path(old).rename(tmp_path / "gone")
    assert now.is_on()
    assert now.mend()
    assert not now.mend()
    entry = now.file.read_text()
    exec_line = next(line for line in entry.splitlines() if line.startswith("Exec="))
    assert exec_words(unescaped(exec_line.removeprefix("Exec="))) == [new, "--background"]


def test_paths_that_are_no_text_survive(tmp_path: Path) -> None:
    odd = os.fsdecode(b"/opt/caf\xe9/python")
    autostart = DesktopAutostart([odd, "--background"], tmp_path)
    autostart.turn(True)
    assert b"caf\xe9" in autostart.file.read_bytes()
    assert autostart.is_on()
    assert not autostart.mend()  # it is what would be written


def test_exec_is_quoted_as_the_specification_has_it() -> None:
    assert quoted_exec(["/usr/bin/desktop-ocr", "--background"]) == "/usr/bin/desktop-ocr --background"
    assert quoted_exec(["/my apps/ocr"]) == '"/my apps/ocr"'
    assert quoted_exec(['a"b', "c$d", "e`f", "g\\h", "100%"]) == '"a\\"b" "c\\$d" "e\\`f" "g\\\\h" "100%%"'
    assert escaped(quoted_exec(["g\\h"])) == '"g\\\\\\\\h"'  # four, as the specification says


@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1), min_size=1, max_size=5))
def test_commands_come_back_as_they_were(command: list[str]) -> None:
    # A word of the form %x alone is a field code to whoever reads it unquoted; ours are quoted and doubled.
    assert exec_words(unescaped(escaped(quoted_exec(command)))) == command


def test_field_codes_of_others_are_left_out() -> None:
    assert exec_words('desktop-ocr --background %F "%%"') == ["desktop-ocr", "--background", "%"]
    assert exec_words('"never closed') == ["never closed"]
    assert exec_words("") == []


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "autostart").write_text("a file")
    autostart = DesktopAutostart(HERE, tmp_path / "autostart")
    assert not autostart.is_on()
    with pytest.raises(DesktopOcrError) as caught:
        autostart.turn(True)
    assert caught.value.code is ErrorCode.NO_PERMISSION


def test_entries_that_are_none_are_off(tmp_path: Path) -> None:
    autostart = DesktopAutostart(HERE, tmp_path)
    autostart.file.write_bytes(b"\xff\x00=" * 50_000)
    assert not autostart.is_on()
    assert not autostart.mend()


def test_the_entry_is_the_users_own(tmp_path: Path) -> None:
    autostart = DesktopAutostart(HERE, tmp_path / "config" / "autostart")
    autostart.turn(True)
    assert stat.S_IMODE(autostart.file.parent.stat().st_mode) == 0o700


class FakeRegistry:
    """Stands for the module winreg, which is under Windows only."""

    HKEY_CURRENT_USER, KEY_SET_VALUE, REG_SZ = 1, 2, 3

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], str] = {}

    @contextmanager
    def OpenKey(self, root: int, path: str):  # noqa: N802 - winreg's name
        assert root == self.HKEY_CURRENT_USER
        yield path

    @contextmanager
    def CreateKeyEx(self, root: int, path: str, reserved: int, access: int):  # noqa: N802 - winreg's name
        assert (root, reserved, access) == (self.HKEY_CURRENT_USER, 0, self.KEY_SET_VALUE)
        yield path

    def QueryValueEx(self, key: str, name: str) -> tuple[str, int]:  # noqa: N802 - winreg's name
        try:
            return self.values[key, name], self.REG_SZ
        except KeyError:
            raise FileNotFoundError from None

    def SetValueEx(self, key: str, name: str, reserved: int, kind: int, value: str) -> None:  # noqa: N802
        assert (reserved, kind) == (0, self.REG_SZ)
        self.values[key, name] = value

    def DeleteValue(self, key: str, name: str) -> None:  # noqa: N802 - winreg's name
        if (key, name) not in self.values:
            raise FileNotFoundError
        del self.values[key, name]


def test_windows_run_key(tmp_path: Path) -> None:
    registry = FakeRegistry()
    old = program(tmp_path / "Program Files")
    was = WindowsAutostart([old, "--background"], registry)
    assert not was.is_on()
    was.turn(False)
    was.turn(True)
    assert registry.values == {(RUN_KEY, "desktop-ocr"): f'"{old}" --background'}
    now = WindowsAutostart([program(tmp_path / "new"), "--background"], registry)
    assert now.is_on()
    assert not now.mend()
    Path(old).unlink()
    assert now.mend()
    assert not now.mend()
    now.turn(False)
    assert registry.values == {}


def test_mac_launch_agent(tmp_path: Path) -> None:
    old = program(tmp_path / "old")
    was = MacAutostart([old, "--background"], tmp_path / "LaunchAgents")
    assert not was.is_on()
    was.turn(True)
    assert plistlib.loads(was.file.read_bytes())["ProgramArguments"] == [old, "--background"]
    now = MacAutostart([program(tmp_path / "new"), "--background"], tmp_path / "LaunchAgents")
    assert now.is_on()
    assert not now.mend()
    Path(old).unlink()
    assert now.mend()
    now.file.write_bytes(b"no list of properties")
    assert not now.is_on()
    now.turn(False)
    assert not now.file.exists()
