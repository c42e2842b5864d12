"""`desktop-ocr settings`: take the settings along in a file, bring them in from one, or go back to the defaults."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from desktop_ocr.cli.programs import put
from desktop_ocr.core.paths import user_paths
from desktop_ocr.core.settings_file import load_settings
from desktop_ocr.core.settings_transfer import change_settings_file, export_settings, reset_settings
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

_LATER = "A program that is running takes them up when it is started again."


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add what follows `desktop-ocr settings`."""
    actions = parser.add_subparsers(dest="action", required=True)
    out = actions.add_parser("export", help="write all settings into a file")
    out.add_argument("file", type=Path, metavar="FILE", help="a new TOML file")
    out.add_argument("--overwrite", action="store_true", help="replace a file that is there")
    bring = actions.add_parser("import", help="take settings out of a file; those that it does not name stay")
    bring.add_argument("file", type=Path, metavar="FILE", help="as 'export' has written it")
    actions.add_parser("reset", help="back to the defaults; the former settings are kept in a file beside")


def run_settings(arguments: argparse.Namespace) -> int:
    """Run the subcommand; returns its exit code: 0, or 1 where a file cannot be read or written.

    What is left out of a file that is imported is named on stderr.
    """
    try:
        own = user_paths().settings
        if arguments.action == "export":
            _check_target(arguments.file, overwrite=arguments.overwrite)
            export_settings(arguments.file, load_settings(own).settings)
            put(f"The settings are in {arguments.file}.")
        elif arguments.action == "import":
            loaded = change_settings_file(own, arguments.file)
            for words in loaded.problems:
                sys.stderr.write(f"desktop-ocr settings: {words}\n")
            put(f"The settings of {arguments.file} were imported. {_LATER}")
        else:
            former = reset_settings(own)
            kept = f" The former ones are kept in {former}." if former is not None else ""
            put(f"All settings are back to their defaults.{kept} {_LATER}")
    except DesktopOcrError as error:
        sys.stderr.write(f"desktop-ocr settings: {error}\n")
        return 1
    return 0


def _check_target(file: Path, *, overwrite: bool) -> None:
    """Raises: DesktopOcrError: the file's folder is not there, or the file is there and is not to be replaced."""
    try:
        within, folder = file.parent.is_dir(), file.is_dir()
    except OSError as error:
        raise DesktopOcrError(ErrorCode.NO_PERMISSION, f"{file} cannot be written: {error.strerror}.") from error
    if not within:
        raise DesktopOcrError(ErrorCode.NOT_FOUND, f"There is no folder {file.parent}.", "Make it first.")
    if folder:
        raise DesktopOcrError(ErrorCode.USAGE, f"{file} is a folder.", "Give the name of a file.")
    if not overwrite and os.path.lexists(file):
        raise DesktopOcrError(ErrorCode.USAGE, f"{file} is there already.", "Add --overwrite to replace it.")
