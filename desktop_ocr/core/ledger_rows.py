"""What the ledger's tables hold, as structs; and how a page's result is packed."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from desktop_ocr.core.ledger_db import unpack_error
from desktop_ocr.schema.document_messages import DocumentInfo
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.jobs import JobOptions, JobState, PageState, PageView
from desktop_ocr.schema.results import PageResult

_Decoded = TypeVar("_Decoded")

_encode_result = msgspec.msgpack.Encoder().encode
_decode_result = msgspec.msgpack.Decoder(PageResult).decode


class JobRow(msgspec.Struct, frozen=True):
    """A job as stored. `document` and `info` are None until the file was opened.

    Attributes:
        owner: the process that works at it, or ended while it did; None for none.
        title: of that program ("convert").
        beat: when that was last heard of, by its own clock, in seconds as `time.time` gives them.
        attended: a person has added it, or the same file, and not only a watched folder.
    """

    job: int
    path: str
    state: JobState
    options: JobOptions
    selection: str
    document: int | None = None
    info: DocumentInfo | None = None
    error: ErrorInfo | None = None
    owner: str | None = None
    title: str = ""
    beat: float = 0.0
    attended: bool = True


_STATES = {state.value: state for state in PageState}
_DEFAULTS: dict[str, Any] = msgspec.to_builtins(JobOptions())


class PageKey(msgspec.Struct, frozen=True):
    """What a page's result belongs to: a content and the options it was made with."""

    document: int
    options: str


def options_key(options: JobOptions) -> str:
    """Options as text, equal for equal options. Defaults are left out: pages stay theirs when options are added.

    Where a default is changed one day, a migration has to write the old one into what is stored.
    """
    values = msgspec.to_builtins(options)
    kept = {name: value for name, value in values.items() if value != _DEFAULTS[name]}
    return msgspec.json.encode(kept, order="sorted").decode()


class PageCost(msgspec.Struct, frozen=True):
    """What a page took: wall seconds, attempts, and the engine host's RAM in MB, as predicted and at its peak."""

    seconds: float
    attempts: int = 1
    predicted_mb: float = 0.0
    peak_mb: float = 0.0


def pack_result(result: PageResult) -> bytes:
    """A result as it is stored."""
    return zlib.compress(_encode_result(result), 1)


def unpack_result(blob: bytes, page: int) -> PageResult:
    """A stored result. One of another page is one that cannot be read: the row's number is damaged.

    Raises:
        DesktopOcrError: it cannot be read.
    """
    result = unpack(blob, page, _decode_result)
    if result.page != page:
        raise _unreadable(page)
    return result


def unpack(blob: bytes, page: int, decode: Callable[[bytes], _Decoded]) -> _Decoded:
    """A stored result, or as much of it as `decode` (of msgspec) takes.

    Raises:
        DesktopOcrError: it cannot be read.
    """
    try:
        return decode(zlib.decompress(blob))
    except (zlib.error, msgspec.DecodeError, TypeError) as error:
        raise _unreadable(page) from error


def _unreadable(page: int) -> DesktopOcrError:
    return DesktopOcrError(ErrorCode.LEDGER, f"The stored page {page + 1} cannot be read.", "Recognise it again.")


def page_view(row: tuple[Any, ...]) -> PageView:
    """A page as a list shows it: of page, state, error, degraded, pending, left_out, edited."""
    page, state, error, degraded, pending, left_out, edited = row
    known = readable_state(state)
    if known is None:
        told = ErrorInfo(ErrorCode.LEDGER, f"What is stored of page {page + 1} cannot be read.", "Recognise it again.")
        return PageView(page, PageState.FAILED, told, edited=bool(edited))
    partial = known is PageState.PARTIAL  # of one that is to be read again, the former ones are stored
    features = unpack_pending(pending) if partial else ()
    return PageView(page, known, unpack_error(error), degraded, features, left_out, bool(edited))


def readable_state(stored: object) -> PageState | None:
    """A stored state; None for what is none, because the row is damaged say."""
    return _STATES.get(stored) if isinstance(stored, str) else None


def unpack_pending(text: str) -> tuple[Feature, ...]:
    """Features by their names; those that a newer version of the program knows are left out."""
    known = {feature.value: feature for feature in Feature}
    return tuple(known[name] for name in text.split(",") if name in known)


LOST = "f" * 48 + "0" * 6
"""How a stand-in for a content begins. No file has such a hash: there is one for 2 to the 216."""


def lost_content(document: int) -> str:
    """What stands for the hash of a content of which only the number, below 2 to the 40, is known any more."""
    return f"{LOST}{document:010x}"


def is_lost(sha256: str) -> bool:
    """Whether a content is such a stand-in: which file it was is not known, and how many pages it had at least."""
    return sha256.startswith(LOST)
