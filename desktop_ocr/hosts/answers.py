"""What hosts answer is checked here, in one place: a host that parsed a hostile file is not to be trusted.

Reading an answer has checked the types, and what `schema` says of each field: finite numbers, ranges, lengths. What is
left is whether the answer fits the request, and whether its parts fit each other.
"""

from __future__ import annotations

from pathlib import Path

from desktop_ocr.schema.document_messages import (
    Exported,
    Inspect,
    MakePicture,
    Picture,
    PreparedPage,
    PreparePage,
)
from desktop_ocr.schema.engine_messages import Arrange, Recognise, Recognised, Refine
from desktop_ocr.schema.errors import ErrorCode, ErrorInfo
from desktop_ocr.schema.jobs import TextLayerMode
from desktop_ocr.schema.messages import Failed, ReplyBody, RequestBody
from desktop_ocr.schema.results import SCHEMA_VERSION, check_lines, check_near, check_on_page, check_page_result

LONGEST_SENTENCE = 500
ROUNDING = 1.05
"""A picture may have so many times the pixels that were allowed: its sides are rounded."""

PARENTS_VERDICTS = frozenset(
    {
        ErrorCode.HOST_DIED,
        ErrorCode.TIMED_OUT,
        ErrorCode.NO_SERVICE,
        ErrorCode.FREED,
        ErrorCode.MEMORY_SHORT,
        ErrorCode.CANCELLED,
        ErrorCode.LEDGER,
        ErrorCode.EDIT_STALE,
        ErrorCode.DOWNLOAD_FAILED,
        ErrorCode.NO_DOCUMENTS,
    }
)
"""Errors that no host can know of. After some of them a page simply waits: for ever, if a host could say so."""


class LieError(ValueError):
    """A host said what cannot be; the text says what, for the log."""


def check_answer(body: RequestBody, reply: ReplyBody) -> None:
    """Refuse an answer that the host must not have given to this request.

    An answer of a type that does not fit is not looked at: whoever asked refuses it.

    Raises:
        LieError: with the reason.
    """
    try:
        match body, reply:
            case _, Failed():
                _check_failure(body, reply.error)
            case PreparePage(), PreparedPage():
                _check_prepared(body, reply)
            case MakePicture(), Picture():
                _check_picture(body, reply)
            case Recognise() | Arrange() | Refine(), Recognised():
                _check_recognised(body, reply)
            case _:
                pass
    except LieError:
        raise
    except ValueError as error:
        raise LieError(str(error)) from error


def check_exported(done: Exported, target: Path) -> None:
    """Refuse an export that says it lies elsewhere than it should: the window offers to open it.

    Args:
        done: what the host says.
        target: the wanted path.

    Raises:
        LieError: with the reason.
    """
    folder = target.parent
    if Path(done.path).parent != folder or not _plain(done.path):
        raise LieError("an export lies elsewhere")
    for other in map(Path, done.others):
        # Pictures lie in a folder of their own, beside it.
        if folder not in (other.parent, other.parent.parent) or ".." in other.parts or not _plain(str(other)):
            raise LieError("a file of an export lies elsewhere")
    if not all(_one_line(note) for note in done.notes):
        raise LieError("a note is none")


def told(error: ErrorInfo) -> ErrorInfo:
    """A host's error as it is shown: sentences on one line, and not endless."""
    return ErrorInfo(error.code, _sentence(error.message) or "It could not be done.", _sentence(error.advice))


def _check_failure(body: RequestBody, error: ErrorInfo) -> None:
    if error.code in PARENTS_VERDICTS:
        raise LieError(f"no host can know of '{error.code}'")
    # What follows is that the file is opened again, and the page asked for again: by its stamp we know better.
    if error.code is ErrorCode.FILE_CHANGED and isinstance(body, (Inspect, PreparePage)):
        raise LieError("a page does not say that its file has changed")


def _check_prepared(body: PreparePage, reply: PreparedPage) -> None:
    if (reply.bitmap is None) == (reply.layer is None):
        raise LieError("a page is either a picture or text")
    if reply.bitmap is not None:
        if reply.bitmap.path != body.bitmap_path:
            raise LieError("the picture lies elsewhere")
        if reply.bitmap.width * reply.bitmap.height > body.max_pixels * ROUNDING:
            raise LieError("the picture is over the limit")
    if reply.layer is not None:
        if body.text_layer is TextLayerMode.ALWAYS_OCR:
            raise LieError("nobody asked for text")
        layer = reply.layer
        check_lines(layer.lines)
        check_near((line.polygon for line in layer.lines), layer.width, layer.height)
        check_near((word.polygon for line in layer.lines for word in line.words), layer.width, layer.height)
        check_near((*layer.pictures, *layer.rulings), layer.width, layer.height)


def _check_picture(body: MakePicture, reply: Picture) -> None:
    if reply.path != body.picture_path:
        raise LieError("the picture lies elsewhere")
    if reply.width > body.max_width * ROUNDING + 1 or reply.height > body.max_height * ROUNDING + 1:
        raise LieError("the picture is larger than was asked for")


def _check_recognised(body: Recognise | Arrange | Refine, reply: Recognised) -> None:
    result = reply.result
    if result.page != (body.result.page if isinstance(body, Refine) else body.page):
        raise LieError("it is another page's result")
    if result.schema_version != SCHEMA_VERSION:
        raise LieError("the result is of another version")
    check_page_result(result)
    check_on_page(result)
    if not all(_one_line(note.text) and _one_line(note.code) for note in result.notes):
        raise LieError("a note is none")
    if any(step.seconds < 0 or step.memory_mb < 0 for step in result.steps):
        raise LieError("a step took less than nothing")


def _one_line(text: str) -> bool:
    """Whether there are no control characters in it: a terminal obeys some of them."""
    return not any(sign < " " or "\x7f" <= sign < "\xa0" for sign in text)


def _plain(path: str) -> bool:
    return "\0" not in path and len(path) < 5_000


def _sentence(text: str) -> str:
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text[: 4 * LONGEST_SENTENCE]).split())
    return line if len(line) <= LONGEST_SENTENCE else f"{line[: LONGEST_SENTENCE - 1]}…"
