"""What `desktop-ocr convert` looks for on pages: the options for it, and what becomes of them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import msgspec

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.features import Feature, FeatureMode, Profile
from desktop_ocr.schema.jobs import JobOptions, TextModel

_WORDS = {
    Feature.ORIENTATION: "turn pages upright",
    Feature.UNWARP: "flatten photographed pages",
    Feature.TABLES: "find the cells of tables",
    Feature.PICTURES: "find pictures",
    Feature.FORMULAS: "read formulas as LaTeX",
    Feature.CHARTS: "read charts as tables",
    Feature.SEALS: "read round seals",
}
_FLAGS = {FeatureMode.ON: "--{}", FeatureMode.OFF: "--no-{}", FeatureMode.AUTO: "--auto-{}"}


def add_features(parser: argparse.ArgumentParser) -> None:
    """The options."""
    group = parser.add_argument_group(
        "what is looked for",
        "Each feature is on, off, or auto: where a page shows a sign of it. Without these options it is as set in the"
        " program's settings; a model that is not installed is told, and the page is done without.",
    )
    group.add_argument(
        "--profile",
        choices=[profile.value for profile in Profile],
        help="fast: text, tables and pictures; full: everything, by PP-StructureV3; custom: as set",
    )
    for feature in Feature:
        name, words = feature.value, _WORDS[feature]
        flags = {mode: flag.format(name) for mode, flag in _FLAGS.items()}
        on, off, auto = (flags[mode] for mode in (FeatureMode.ON, FeatureMode.OFF, FeatureMode.AUTO))
        one = group.add_mutually_exclusive_group()
        one.add_argument(
            on, dest=name, action="store_const", const=FeatureMode.ON, help=f"{words}; or --{name}=auto, {off}"
        )
        one.add_argument(off, dest=name, action="store_const", const=FeatureMode.OFF, help=argparse.SUPPRESS)
        one.add_argument(auto, dest=name, action="store_const", const=FeatureMode.AUTO, help=argparse.SUPPRESS)
    group.add_argument(
        "--language",
        metavar="PACK",
        help="models for another script, like cyrillic, arabic, korean; '' for Chinese, English, Japanese and Latin",
    )
    group.add_argument(
        "--text-model", choices=[size.value for size in TextModel], help="size of the models that read text"
    )
    group.add_argument(
        "--routing",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="read again by a larger model what a small one is unsure of",
    )
    group.add_argument(
        "--list-features",
        action=_ListFeatures,
        help="show the features, whether their models are installed, and what memory they take, and exit",
    )


def with_modes(words: Sequence[str]) -> list[str]:
    """The words of a command line with "--tables=auto" as the parser knows it.

    An option with a value that may be missing would take the file that follows it.

    Raises:
        DesktopOcrError: USAGE where a mode is none.
    """
    made: list[str] = []
    for position, word in enumerate(words):
        if word == "--":
            return [*made, *words[position:]]
        name, equals, value = word.removeprefix("--").partition("=")
        if word.startswith("--") and equals and name in set(Feature):
            if value not in set(FeatureMode):
                modes = ", ".join(mode.value for mode in FeatureMode)
                raise DesktopOcrError(ErrorCode.USAGE, f"--{name} can be {modes}, and not '{value}'.")
            word = _FLAGS[FeatureMode(value)].format(name)
        made.append(word)
    return made


def check_features(arguments: argparse.Namespace) -> None:
    """Refuse what no model is for.

    Raises:
        DesktopOcrError: USAGE.
    """
    if arguments.language:
        from desktop_ocr.models.catalog import LANGUAGES

        if arguments.language not in LANGUAGES:
            known = ", ".join(LANGUAGES)
            raise DesktopOcrError(
                ErrorCode.USAGE,
                f"There is no pack for the language '{arguments.language}'.",
                f"Choose of {known}; Chinese, English, Japanese and Latin scripts need none.",
            )


def with_features(options: JobOptions, arguments: argparse.Namespace) -> JobOptions:
    """The options with what was asked for: the profile first, then single features over it."""
    if arguments.profile is not None:
        options = options.with_profile(Profile(arguments.profile))
    changes: dict[str, object] = {
        feature.value: mode for feature in Feature if (mode := getattr(arguments, feature.value)) is not None
    }
    if arguments.language is not None:
        changes["language"] = arguments.language
    if arguments.text_model is not None:
        changes["text_model"] = TextModel(arguments.text_model)
    if arguments.routing is not None:
        changes["routing"] = arguments.routing
    return msgspec.structs.replace(options, **changes)


class _ListFeatures(argparse.Action):
    """Like --help: needs no files."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:  # noqa: A002
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from desktop_ocr.cli.feature_list import print_features

        parser.exit(print_features())


def ranges(pages: Sequence[int]) -> str:
    """Page numbers as people write them, like "1-3, 7"; ascending, from 1."""
    found: list[list[int]] = []
    for page in pages:
        if found and page == found[-1][1] + 1:
            found[-1][1] = page
        else:
            found.append([page, page])
    return ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in found)
