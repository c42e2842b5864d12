"""The command `desktop-ocr`: the window, or one of the subcommands."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from desktop_ocr import __version__
from desktop_ocr.schema.jobs import TextLayerMode

COMMANDS = ("convert", "models", "doctor")
EXIT_USAGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0 fine, 1 something failed, 2 usage or no display."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _run(words)
        sys.stdout.flush()
    except BrokenPipeError:
        # Who read our output has gone (`| head`): what is left to flush at exit goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _run(words: list[str]) -> int:
    # Each way in imports what it needs and no more: the window no terminal library, `--version` neither.
    if words and words[0] in COMMANDS:
        options = _parser().parse_args(words)
        if options.command == "convert":
            from desktop_ocr.cli.convert import run_convert

            return run_convert(options)
        if options.command == "models":
            from desktop_ocr.cli.models import run_models

            return run_models(as_json=options.json)
        from desktop_ocr.cli.doctor import run_doctor

        return run_doctor(as_json=options.json)
    options = _window_parser().parse_args(words)
    from desktop_ocr.core.paths import user_paths
    from desktop_ocr.gui.app import run_window
    from desktop_ocr.schema.settings import Settings

    return run_window(options.files, user_paths(), Settings())


def _window_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="desktop-ocr",
        description="Open the window, with FILES if there are any.",
        epilog="On the command line: desktop-ocr convert FILE... (see desktop-ocr convert --help);"
        " desktop-ocr models list; desktop-ocr doctor.",
    )
    parser.add_argument("--version", action="version", version=f"desktop-ocr {__version__}")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILES", help="documents and folders")
    return parser


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="desktop-ocr")
    commands = parser.add_subparsers(dest="command", required=True)
    convert = commands.add_parser(
        "convert",
        help="documents into text and files",
        description="Turn documents into text, Markdown, JSON and searchable PDFs. A run that was interrupted goes"
        " on where it stopped when it is called again.",
        epilog="Exit code: 0 all pages fine, 1 a page or file failed (named on stderr), 2 wrong usage.",
    )
    convert.add_argument("files", nargs="+", type=Path, metavar="FILE", help="documents and folders")
    convert.add_argument("--out", type=Path, metavar="DIR", help="folder for the output (default: beside each input)")
    convert.add_argument("--format", default="txt", metavar="LIST", help="of txt, md, json, pdf (default: txt)")
    convert.add_argument("--pages", metavar="RANGE", help="like 1-3,7 (default: all)")
    convert.add_argument("--password", metavar="P", help="for PDFs that ask for one")
    convert.add_argument("--dpi", type=int, metavar="N", help="resolution for recognising PDF pages (default: 200)")
    convert.add_argument(
        "--text-layer",
        choices=[mode.value for mode in TextLayerMode],
        default=TextLayerMode.AUTO.value,
        help="a PDF page's own text: read it where it is sound (auto), never, or never recognise (default: auto)",
    )
    convert.add_argument("--fresh", action="store_true", help="recognise pages again that are stored already")
    convert.add_argument("--private", action="store_true", help="store no recognised pages on this machine")
    convert.add_argument("--overwrite", action="store_true", help="replace output files of the same name")
    convert.add_argument("--json", action="store_true", help="print the report as JSON")
    models = commands.add_parser("models", help="the models and where they are")
    models.add_argument("action", choices=["list"])
    models.add_argument("--json", action="store_true", help="print as JSON")
    doctor = commands.add_parser("doctor", help="check the installation")
    doctor.add_argument("--json", action="store_true", help="print as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
