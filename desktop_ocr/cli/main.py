"""The command line's subcommands: `desktop-ocr convert`, `memory`, `free`, `resume`, `models`, `settings`, `doctor`."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

from desktop_ocr.cli.convert_features import add_features, with_modes
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.exports import FORMATS
from desktop_ocr.schema.jobs import TextLayerMode

_MEMORY = (
    "Show the memory of the machine and of running programs: models, processes, queue. Where no program runs, the"
    " machine's figures alone."
)
_FREE = (
    "Have all running programs of yours end their models and helpers, and say what that gave back. Documents in work"
    " are paused; nothing is lost."
)
_MODELS = "the models: list, install, remove, verify, import"
_SETTINGS = "the settings: export, import, reset"


def run_command(words: Sequence[str]) -> int:
    """Run a subcommand; returns its exit code.

    Args:
        words: the subcommand's name and its arguments.
    """
    parser = _parser(words)
    try:
        options = parser.parse_args(with_modes(words) if words[:1] == ["convert"] else words)
    except DesktopOcrError as error:
        parser.exit(2, f"desktop-ocr convert: {error}\n")
    if options.command == "convert":
        from desktop_ocr.cli.convert import run_convert

        return run_convert(options)
    if options.command == "models":
        from desktop_ocr.cli.models import run_models

        return run_models(options)
    if options.command == "settings":
        from desktop_ocr.cli.settings import run_settings

        return run_settings(options)
    if options.command == "memory":
        if options.watch is not None and (options.dump or options.prometheus):
            parser.error("--watch goes with neither --dump nor --prometheus")
        from desktop_ocr.cli.memory import run_memory

        return run_memory(options)
    if options.command == "free":
        from desktop_ocr.cli.free import run_free

        return run_free(as_json=options.json, seconds=options.timeout)
    if options.command == "resume":
        from desktop_ocr.cli.free import run_resume

        return run_resume(as_json=options.json, seconds=options.timeout)
    from desktop_ocr.cli.doctor import run_doctor

    return run_doctor(as_json=options.json)


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="desktop-ocr")
    commands = parser.add_subparsers(dest="command", required=True)
    convert = commands.add_parser(
        "convert",
        help="documents into text and files",
        description="Turn documents into text, tables, web pages, Word documents and searchable PDFs. A run that was"
        " interrupted goes on where it stopped when it is called again.",
        epilog="Exit code: 0 all pages fine, 1 a page or file failed (named on stderr), 2 wrong usage.",
    )
    convert.add_argument("files", nargs="+", type=Path, metavar="FILE", help="documents and folders")
    convert.add_argument("--out", type=Path, metavar="DIR", help="folder for the output (default: beside each input)")
    formats = ", ".join(info.name for info in FORMATS)
    convert.add_argument("--format", default="txt", metavar="LIST", help=f"of {formats} (default: txt)")
    convert.add_argument("--pages", metavar="RANGE", help="like 1-3,7 (default: all)")
    convert.add_argument("--password", metavar="P", help="for PDFs that ask for one")
    convert.add_argument("--dpi", type=int, metavar="N", help="resolution for recognising PDF pages (default: 200)")
    convert.add_argument(
        "--text-layer",
        choices=[mode.value for mode in TextLayerMode],
        help="a PDF page's own text: read it where it is sound (auto), never, or never recognise (default: as set)",
    )
    if words[:1] == ["convert"]:
        from desktop_ocr.cli.convert_exports import add_exports

        add_features(convert)
        add_exports(convert)
    convert.add_argument("--fresh", action="store_true", help="recognise pages again that are stored already")
    convert.add_argument("--private", action="store_true", help="store no recognised pages on this machine")
    convert.add_argument("--overwrite", action="store_true", help="replace output files of the same name")
    convert.add_argument("--json", action="store_true", help="print the report as JSON")
    _add_memory(commands.add_parser("memory", help="what running programs hold", description=_MEMORY))
    free = commands.add_parser("free", help="have running programs give their memory back", description=_FREE)
    free.add_argument("--json", action="store_true", help="print as JSON")
    _add_timeout(free, 120)
    resume = commands.add_parser(
        "resume",
        help="have running programs go on with what 'free' has paused",
        description="Have all running programs of yours go on with the documents that were paused to give memory back.",
    )
    resume.add_argument("--json", action="store_true", help="print as JSON")
    _add_timeout(resume, 30)
    if words[:1] == ["models"]:
        from desktop_ocr.cli.models import add_models

        add_models(commands.add_parser("models", help=_MODELS))
    else:
        commands.add_parser("models", help=_MODELS)
    if words[:1] == ["settings"]:
        from desktop_ocr.cli.settings import add_settings

        add_settings(commands.add_parser("settings", help=_SETTINGS))
    else:
        commands.add_parser("settings", help=_SETTINGS)
    doctor = commands.add_parser("doctor", help="check the installation")
    doctor.add_argument("--json", action="store_true", help="print as JSON")
    return parser


def _add_memory(parser: argparse.ArgumentParser) -> None:
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print as JSON; with --watch, one line each time")
    form.add_argument("--prometheus", action="store_true", help="print in Prometheus' text format")
    parser.add_argument(
        "--watch",
        nargs="?",
        type=_seconds,
        const=1.0,
        metavar="SECONDS",
        help="again and again, until Ctrl-C (default: each second)",
    )
    parser.add_argument(
        "--dump",
        action="store_true",
        help="have running programs write down their state, for a report of a fault, and print the file's name;"
        " no text and no name of a document is in it",
    )
    _add_timeout(parser, 20)


def _add_timeout(parser: argparse.ArgumentParser, seconds: int) -> None:
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=float(seconds),
        metavar="SECONDS",
        help=f"how long to wait for a program (default: {seconds})",
    )


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.1 <= value <= 86_400:
        raise argparse.ArgumentTypeError("must be a number of seconds from 0.1 to 86400")
    return value
