"""The command line's subcommands: `desktop-ocr convert`, `models`, `doctor`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from desktop_ocr.schema.jobs import TextLayerMode


def run_command(words: Sequence[str]) -> int:
    """Run a subcommand; returns its exit code.

    Args:
        words: the subcommand's name and its arguments.
    """
    options = _parser().parse_args(words)
    if options.command == "convert":
        from desktop_ocr.cli.convert import run_convert

        return run_convert(options)
    if options.command == "models":
        from desktop_ocr.cli.models import run_models

        return run_models(as_json=options.json)
    from desktop_ocr.cli.doctor import run_doctor

    return run_doctor(as_json=options.json)


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
