"""The command `desktop-ocr`: the window, or one of the command line's subcommands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from desktop_ocr import __version__
from desktop_ocr.cli.streams import mend_streams, printable, silence
from desktop_ocr.schema.errors import DesktopOcrError

COMMANDS = ("convert", "memory", "free", "resume", "models", "settings", "doctor")
CAPTURE = "capture"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns the exit code: 0 fine, 1 something failed, 2 wrong usage or no display."""
    mend_streams()
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _run(words)
        sys.stdout.flush()
    except BrokenPipeError:
        # Who read our output has gone (`| head`): what is left to flush at exit goes nowhere.
        silence(sys.stdout)
        return 1
    except DesktopOcrError as error:
        sys.stderr.write(f"desktop-ocr: {error}\n")
        return 1
    except KeyboardInterrupt:  # Ctrl-C before, or after, somebody who can stop cleanly listens
        return 130
    return code


def _run(words: list[str]) -> int:
    # Each way in imports what it needs and no more: the window no terminal library, `--version` neither.
    if words and words[0] in COMMANDS:
        from desktop_ocr.cli.main import run_command

        return run_command(words)
    if words[:1] == [CAPTURE]:
        return _capture(words[1:])
    parser = _parser()
    options = parser.parse_args(words)
    if words and not Path(words[0]).suffix:
        from desktop_ocr.cli.mistyped import meant

        if command := meant(words, (*COMMANDS, CAPTURE)):
            parser.error(f"there is no file '{printable(words[0])}'. Did you mean: desktop-ocr {command}")
    from desktop_ocr.core.paths import user_paths
    from desktop_ocr.gui.app import run_window

    return run_window(options.files, user_paths(), background=options.background)


def _capture(words: list[str]) -> int:
    """Read a region of the screen: the window that runs does it, or one that is started for it."""
    parser = argparse.ArgumentParser(
        prog="desktop-ocr capture",
        description="Choose a region of the screen; its text goes to the clipboard. For a shortcut of the desktop's.",
    )
    parser.parse_args(words)
    from desktop_ocr.core.paths import user_paths
    from desktop_ocr.gui.app import run_window
    from desktop_ocr.schema.instance import InstanceAction

    return run_window([], user_paths(), action=InstanceAction.CAPTURE)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="desktop-ocr",
        description="Open the window, with FILES if there are any.",
        epilog="On the command line: desktop-ocr convert FILE... (see desktop-ocr convert --help);"
        " desktop-ocr capture; desktop-ocr memory; desktop-ocr free; desktop-ocr resume; desktop-ocr models list;"
        " desktop-ocr settings; desktop-ocr doctor.",
    )
    parser.add_argument("--version", action="version", version=f"desktop-ocr {__version__}")
    parser.add_argument(
        "--background",
        action="store_true",
        help="start without a window, with an icon in the tray (where there is none, with a minimised window)",
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILES", help="documents and folders")
    return parser


if __name__ == "__main__":
    sys.exit(main())
