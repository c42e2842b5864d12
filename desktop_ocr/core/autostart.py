"""Starting the program at log-in, in the background, as each system has it done.

Linux: a desktop entry in the user's autostart folder (freedesktop.org). Windows: the Run key; macOS: a launch agent.
The latter two have not run there yet.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

log = logging.getLogger(__name__)

NAME = "desktop-ocr"
RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
LARGEST = 65_536  # bytes of a desktop entry that somebody may have written


class Autostart(Protocol):
    """One system's way."""

    def is_on(self) -> bool:
        """Whether the program starts at log-in."""

    def turn(self, on: bool) -> None:
        """Have it start, or not.

        Raises:
            DesktopOcrError: NO_PERMISSION, it cannot be set.
        """

    def mend(self) -> bool:
        """Where what is to be started is not there any more, because the program was moved, start this one.

        Returns:
            Whether that was so.
        """


def start_command() -> list[str]:
    """The command that starts this very installation in the background."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--background"]
    python = Path(sys.executable)
    windowed = python.with_name("pythonw.exe")
    if sys.platform == "win32" and windowed.exists():
        python = windowed  # without a console
    # -P: what lies in the folder in which the session starts is not to be taken for a part of the program.
    return [str(python), "-P", "-m", "desktop_ocr", "--background"]


def this_autostart() -> Autostart:
    """This system's way."""
    if sys.platform == "win32":
        import winreg

        return WindowsAutostart(start_command(), winreg)
    if sys.platform == "darwin":
        return MacAutostart(start_command(), Path.home() / "Library" / "LaunchAgents")
    return DesktopAutostart(start_command(), autostart_folder())


def autostart_folder() -> Path:
    """Where desktop entries that start at log-in are."""
    config = os.environ.get("XDG_CONFIG_HOME", "")
    # The specification: what is not absolute is to be ignored.
    root = Path(config) if Path(config).is_absolute() else Path(os.path.expanduser("~")) / ".config"  # noqa: PTH111
    return root / "autostart"


# --- Linux ------------------------------------------------------------------------------------------------------------


class DesktopAutostart:
    """A desktop entry."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        """Args:
        command: what to start.
        folder: of the entries.
        """
        self._command = list(command)
        self.file = folder / f"{NAME}.desktop"

    def is_on(self) -> bool:
        """See `Autostart.is_on`. Desktops' own settings switch an entry off by a line in it."""
        entry = self._entry()
        return (
            bool(entry.get("Exec"))
            and entry.get("Hidden", "false") != "true"
            and entry.get("X-GNOME-Autostart-enabled", "true") != "false"
        )

    def turn(self, on: bool) -> None:
        """See `Autostart.turn`."""
        with _told():
            if on:
                self._write()
            else:
                self.file.unlink(missing_ok=True)

    def mend(self) -> bool:
        """See `Autostart.mend`."""
        entry = self._entry()
        words = exec_words(entry.get("Exec", ""))
        if not self.is_on() or not words or words == self._command or _found(words[0]):
            return False
        with contextlib.suppress(OSError):
            self._write()
            log.warning("the program was moved: what starts at log-in was mended")
            return True
        return False

    def _write(self) -> None:
        text = "\n".join(
            (
                "[Desktop Entry]",
                "Type=Application",
                "Name=Desktop OCR",
                "Comment=Goes on with documents in the background",
                f"Exec={escaped(quoted_exec(self._command))}",
                f"TryExec={escaped(self._command[0])}",
                "Icon=desktop-ocr",
                "Terminal=false",
                "StartupNotify=false",
                "X-GNOME-Autostart-enabled=true",
                "",
            )
        )
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = self.file.with_suffix(".new")
        new.write_bytes(os.fsencode(text))  # a path need not be text
        new.replace(self.file)

    def _entry(self) -> dict[str, str]:
        """The keys of the entry's main group; none where there is no such file."""
        try:
            with self.file.open("rb") as stream:
                lines = os.fsdecode(stream.read(LARGEST)).splitlines()
        except OSError:
            return {}
        found: dict[str, str] = {}
        inside = False
        for line in lines:
            if line.startswith("["):
                inside = line.strip() == "[Desktop Entry]"
            elif inside and not line.startswith("#") and "=" in line:
                key, _, value = line.partition("=")
                found[key.strip()] = unescaped(value.strip())
        return found


_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_PLAIN = re.compile(r"[A-Za-z0-9_./:=@+,-]+")


def quoted_exec(command: Sequence[str]) -> str:
    """A command as the key Exec has it: quoted where needed, and `%` doubled."""
    return " ".join(
        word if _PLAIN.fullmatch(word) else '"' + re.sub(r'(["`$\\])', r"\\\1", word).replace("%", "%%") + '"'
        for word in command
    )


def exec_words(value: str) -> list[str]:
    """The words of the key Exec; field codes ("%U") are left out, and what was not closed ends with the line."""
    words: list[str] = []
    for found in re.finditer(r'"((?:[^"\\]|\\.)*)"?|(\S+)', value):
        quoted, plain = found.groups()
        word = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain
        if re.fullmatch("%[a-zA-Z]", word):
            continue
        words.append(word.replace("%%", "%"))
    return words


def escaped(value: str) -> str:
    """A string as a desktop entry has it."""
    return "".join(_ESCAPES.get(letter, letter) for letter in value)


def unescaped(value: str) -> str:
    """A string of a desktop entry as it is meant."""
    meant = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
    return re.sub(r"\\(.)", lambda found: meant.get(found[1], found[0]), value)


def _found(program: str) -> bool:
    return shutil.which(program) is not None


# --- Windows and macOS: not run there yet -----------------------------------------------------------------------------


class WindowsAutostart:
    """A value of the user's Run key. Not run under Windows yet."""

    def __init__(self, command: Sequence[str], registry: Any) -> None:
        """Args:
        command: what to start.
        registry: the module winreg.
        """
        self._command = list(command)
        self._registry = registry

    def is_on(self) -> bool:
        """See `Autostart.is_on`."""
        return bool(self._value())

    def turn(self, on: bool) -> None:
        """See `Autostart.turn`."""
        registry = self._registry
        with _told(), registry.CreateKeyEx(registry.HKEY_CURRENT_USER, RUN_KEY, 0, registry.KEY_SET_VALUE) as key:
            if on:
                registry.SetValueEx(key, NAME, 0, registry.REG_SZ, subprocess.list2cmdline(self._command))
            else:
                with contextlib.suppress(FileNotFoundError):
                    registry.DeleteValue(key, NAME)

    def mend(self) -> bool:
        """See `Autostart.mend`."""
        value = self._value()
        quoted = re.match(r'"([^"]*)"|(\S*)', value)
        program = (quoted[1] or quoted[2] or "") if quoted else ""
        if not value or value == subprocess.list2cmdline(self._command) or Path(program).exists():
            return False
        with contextlib.suppress(DesktopOcrError):
            self.turn(True)
            return True
        return False

    def _value(self) -> str:
        registry = self._registry
        try:
            with registry.OpenKey(registry.HKEY_CURRENT_USER, RUN_KEY) as key:
                return str(registry.QueryValueEx(key, NAME)[0])
        except OSError:
            return ""


class MacAutostart:
    """A launch agent. Not run under macOS yet."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        """Args:
        command: what to start.
        folder: the user's launch agents.
        """
        self._command = list(command)
        self.file = folder / f"org.{NAME}.plist"

    def is_on(self) -> bool:
        """See `Autostart.is_on`."""
        return bool(self._arguments())

    def turn(self, on: bool) -> None:
        """See `Autostart.turn`."""
        import plistlib

        agent = {"Label": f"org.{NAME}", "ProgramArguments": self._command, "RunAtLoad": True}
        with _told():
            if on:
                self.file.parent.mkdir(parents=True, exist_ok=True)
                new = self.file.with_suffix(".new")
                new.write_bytes(plistlib.dumps(agent))
                new.replace(self.file)
            else:
                self.file.unlink(missing_ok=True)

    def mend(self) -> bool:
        """See `Autostart.mend`."""
        arguments = self._arguments()
        if not arguments or arguments == self._command or _found(arguments[0]):
            return False
        with contextlib.suppress(DesktopOcrError):
            self.turn(True)
            return True
        return False

    def _arguments(self) -> list[str]:
        import plistlib
        from xml.parsers.expat import ExpatError

        try:
            agent = plistlib.loads(self.file.read_bytes()[:LARGEST])
        except (OSError, plistlib.InvalidFileException, ExpatError, ValueError):
            return []
        arguments = agent.get("ProgramArguments") if isinstance(agent, dict) else None
        on = isinstance(arguments, list) and not agent.get("Disabled")
        return [str(word) for word in arguments] if on and isinstance(arguments, list) else []


@contextlib.contextmanager
def _told() -> Any:
    try:
        yield
    except OSError as error:
        raise DesktopOcrError(
            ErrorCode.NO_PERMISSION,
            f"What starts at log-in cannot be changed ({error.strerror or error}).",
            "Use the settings of your desktop.",
        ) from error
