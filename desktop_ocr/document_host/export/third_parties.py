"""Formats of other packages: entry points of the group `desktop_ocr.exporters`, loaded when they are asked for.

Their code runs in the document host, as ours does. One that is broken never keeps the others from working, and none
takes the place of a format of ours.
"""

from __future__ import annotations

import logging
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.exports import EXPORTERS, FORMAT_NAME, FORMAT_SUFFIX, MOST_LETTERS, FormatInfo

if TYPE_CHECKING:
    from desktop_ocr.document_host.export.registry import ExportFormat

log = logging.getLogger(__name__)


def found(taken: frozenset[str]) -> dict[str, EntryPoint]:
    """The entry points by name, in the order of their names; `taken` are names of ours."""
    theirs: dict[str, EntryPoint] = {}
    for point in sorted(entry_points(group=EXPORTERS), key=lambda one: (one.name, package(one))):
        if point.name in taken or not FORMAT_NAME.fullmatch(point.name):
            log.warning(
                "the format %r of the package %s is left out: it cannot have this name", point.name, package(point)
            )
        elif point.name in theirs:
            if point.value != theirs[point.name].value:
                log.warning("the format %r of the package %s is left out: another has it", point.name, package(point))
        else:
            theirs[point.name] = point
    return theirs


def loaded(point: EntryPoint) -> ExportFormat:
    """A format of another package.

    Raises:
        DesktopOcrError: EXPORT_FAILED, its code cannot be imported or is no format.
    """
    try:
        made = point.load()()
        name, suffix = made.name, made.suffix
    except Exception as error:
        log.warning("the format %r of the package %s cannot be loaded", point.name, package(point), exc_info=True)
        raise _broken(point, f"it cannot be loaded: {type(error).__name__}") from error
    if name != point.name or not isinstance(suffix, str) or not FORMAT_SUFFIX.fullmatch(suffix):
        log.warning("the format %r of the package %s has a wrong name or suffix", point.name, package(point))
        raise _broken(point, "its name or suffix is wrong")
    return made  # type: ignore[no-any-return]


def infos(taken: frozenset[str]) -> list[FormatInfo]:
    """What is told of the formats that can be loaded."""
    made = []
    for point in found(taken).values():
        try:
            format_ = loaded(point)
        except DesktopOcrError:
            continue  # `loaded` has put it in the log
        made.append(
            FormatInfo(
                format_.name,
                format_.suffix,
                title=(str(getattr(format_, "title", "")) or format_.name)[:MOST_LETTERS],
                text=str(getattr(format_, "text", ""))[:MOST_LETTERS],
                needs_source=bool(getattr(format_, "needs_source", False)),
                uses_pictures=bool(getattr(format_, "uses_pictures", False)),
                ours=False,
            )
        )
    return made


def failed(name: str, error: Exception) -> DesktopOcrError:
    """What is told where the code of another package's format raises what it should not."""
    log.warning("the format %r failed", name, exc_info=error)
    return DesktopOcrError(
        ErrorCode.EXPORT_FAILED,
        f"The format '{name}', which another package brings, failed ({type(error).__name__}).",
        "Choose another format, or tell that package's makers.",
    )


def package(point: EntryPoint) -> str:
    """The name of the package that brings an entry point."""
    return point.dist.name if point.dist is not None else "?"


def _broken(point: EntryPoint, why: str) -> DesktopOcrError:
    return DesktopOcrError(
        ErrorCode.EXPORT_FAILED,
        f"The format '{point.name}' of the package '{package(point)}' does not work ({why}).",
        "Update that package or remove it.",
    )
