"""How `desktop-ocr convert` writes its files: the options for it, and what is wished by them."""

from __future__ import annotations

import argparse
from pathlib import Path

from desktop_ocr.core.export_formats import brought_names
from desktop_ocr.core.export_names import check_pattern
from desktop_ocr.core.names import is_text
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.exports import FORMATS, ExportOptions, ExportWish, PictureMode

DOWNSAMPLE_RANGE = range(36, 1201)


def add_exports(parser: argparse.ArgumentParser) -> None:
    """The options."""
    group = parser.add_argument_group("how files are written", "A format leaves alone what it has no use for.")
    group.add_argument("--per-page", action="store_true", help="a file for each page instead of one for the document")
    group.add_argument(
        "--name",
        default="{name}",
        metavar="PATTERN",
        help="of the files, without ending: {name} stands for the document's, {page} for the page's number, {date}"
        " for today's date (default: {name})",
    )
    group.add_argument(
        "--headers",
        action=argparse.BooleanOptionalAction,
        help="page headers and footers, too, or not (default: in plain text alone)",
    )
    group.add_argument(
        "--images",  # "--pictures" says whether they are looked for
        choices=[mode.value for mode in PictureMode],
        default=PictureMode.EMBEDDED.value,
        help="pictures in the file itself, in a folder beside it, or left out (default: embedded)",
    )
    group.add_argument("--pdfa", action="store_true", help="make searchable PDFs PDF/A-2b")
    group.add_argument(
        "--downsample", type=int, metavar="DPI", help="make page pictures in searchable PDFs smaller that have more"
    )
    group.add_argument("--title", default="", help="of the document (default: its file's name)")
    group.add_argument(
        "--text-language", default="", metavar="CODE", help="of the text, as files name it: en, de, zh-Hans"
    )
    group.add_argument(
        "--decimal",
        choices=[".", ","],
        default="",
        metavar="SIGN",
        help="before decimals in tables: '.' or ',' (default: found column by column)",
    )


def check_exports(arguments: argparse.Namespace) -> None:
    """Refuse what is wrong with these options.

    Raises:
        DesktopOcrError: USAGE, with the reason.
    """
    check_pattern(arguments.name)
    if arguments.downsample is not None and arguments.downsample not in DOWNSAMPLE_RANGE:
        text = f"--downsample must be from {DOWNSAMPLE_RANGE[0]} to {DOWNSAMPLE_RANGE[-1]}."
        raise DesktopOcrError(ErrorCode.USAGE, text)
    for option in ("name", "title", "text_language"):
        if not is_text(getattr(arguments, option)):
            text = f"What follows --{option.replace('_', '-')} is not valid UTF-8."
            raise DesktopOcrError(ErrorCode.USAGE, text)


def chosen_formats(text: str) -> tuple[str, ...]:
    """The formats of a list like "txt,pdf", each once.

    Raises:
        DesktopOcrError: USAGE, one is not known, or there is none.
    """
    names = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    known = [info.name for info in FORMATS]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        known += brought_names()
        unknown = [name for name in unknown if name not in known]
    if unknown or not names:
        raise DesktopOcrError(
            ErrorCode.USAGE, f"There is no format '{', '.join(unknown)}'.", f"Choose of {', '.join(known)}."
        )
    return names


def wish(arguments: argparse.Namespace, formats: tuple[str, ...], folder: Path) -> ExportWish:
    """What to make of a document.

    Args:
        arguments: as `add_exports` had them parsed.
        formats: names.
        folder: for the files.
    """
    options = ExportOptions(
        headers=arguments.headers,
        pictures=PictureMode(arguments.images),
        downsample_dpi=arguments.downsample or 0,
        pdfa=arguments.pdfa,
        decimal=arguments.decimal,
        language=arguments.text_language,
        title=arguments.title,
    )
    return ExportWish(
        formats,
        str(folder),
        options,
        per_page=arguments.per_page,
        pattern=arguments.name,
        overwrite=arguments.overwrite,
    )
