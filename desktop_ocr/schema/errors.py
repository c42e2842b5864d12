"""Errors that a person can act on: one code per cause, a sentence that says what happened, and what to do.

Hosts send them as `ErrorInfo`; the parent raises them as `DesktopOcrError` and catches them once, at the rim.
"""

from __future__ import annotations

import enum

import msgspec


class ErrorCode(enum.StrEnum):
    """Why something could not be done. The values are stored in the ledger: never rename one.

    NO_SERVICE: no engine host became free in time. GPU_LOST: the graphics card cannot be used (any more). FREED: it
    was stopped because memory was to be given back. MEMORY_SHORT: it was not begun, because it would not have fitted.
    None of these is a verdict on a page.
    """

    NOT_FOUND = "not-found"
    NO_PERMISSION = "no-permission"
    EMPTY_FILE = "empty-file"
    UNKNOWN_FORMAT = "unknown-format"
    DAMAGED = "damaged"
    NO_PAGES = "no-pages"
    NO_SUCH_PAGE = "no-such-page"
    NO_DOCUMENTS = "no-documents"
    PASSWORD_NEEDED = "password-needed"  # noqa: S105 - a code, not a password
    PASSWORD_WRONG = "password-wrong"  # noqa: S105
    TOO_LARGE = "too-large"
    NO_TEXT_LAYER = "no-text-layer"
    FILE_CHANGED = "file-changed"
    EDIT_STALE = "edit-stale"
    DISK_FULL = "disk-full"
    EXPORT_FAILED = "export-failed"
    OUT_OF_MEMORY = "out-of-memory"
    MODEL_MISSING = "model-missing"
    MODEL_DAMAGED = "model-damaged"
    DOWNLOAD_FAILED = "download-failed"
    HOST_DIED = "host-died"
    TIMED_OUT = "timed-out"
    NO_SERVICE = "no-service"
    GPU_LOST = "gpu-lost"
    FREED = "freed"
    MEMORY_SHORT = "memory-short"
    PROTOCOL = "protocol"
    CANCELLED = "cancelled"
    LEDGER = "ledger"
    USAGE = "usage"
    INTERNAL = "internal"


# Errors after which the same request may succeed in a fresh host: it died, hung, or ran out of memory.
RETRYABLE = frozenset(
    {ErrorCode.HOST_DIED, ErrorCode.TIMED_OUT, ErrorCode.PROTOCOL, ErrorCode.OUT_OF_MEMORY, ErrorCode.GPU_LOST}
)


class ErrorInfo(msgspec.Struct, frozen=True):
    """An error on its way between processes, in the ledger or in an event.

    Attributes:
        code: the cause.
        message: one plain sentence, without any text of the document.
        advice: what the user can do about it, or "".
    """

    code: ErrorCode
    message: str
    advice: str = ""

    def __str__(self) -> str:
        """The sentence with its advice, as shown to a person."""
        return f"{self.message} {self.advice}".strip()


class DesktopOcrError(Exception):
    """Carries an `ErrorInfo` up to whoever tells the user."""

    def __init__(self, code: ErrorCode, message: str, advice: str = "") -> None:
        super().__init__(f"{message} {advice}".strip())
        self.info = ErrorInfo(code, message, advice)

    @classmethod
    def from_info(cls, info: ErrorInfo) -> DesktopOcrError:
        """The exception for an error that a host sent."""
        return cls(info.code, info.message, info.advice)

    @property
    def code(self) -> ErrorCode:
        """The cause."""
        return self.info.code

    @property
    def retryable(self) -> bool:
        """Whether a fresh host may do better."""
        return self.info.code in RETRYABLE


def unexpected(error: Exception) -> DesktopOcrError:
    """What is told of an error that nobody foresaw; the log has the rest."""
    return DesktopOcrError(
        ErrorCode.INTERNAL, f"Something unexpected went wrong ({type(error).__name__}).", "Please report this."
    )
