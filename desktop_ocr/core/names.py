"""Names of files that are not text: Python keeps bytes that are not UTF-8 as lone surrogates."""

from __future__ import annotations

import os
from pathlib import Path


def is_text(name: str | Path) -> bool:
    """Whether a name can be stored, and sent to a host."""
    try:
        str(name).encode()
    except UnicodeEncodeError:
        return False
    return True


def as_text(text: str) -> str:
    """A text that can be stored and sent: what no text can hold, lone surrogates, becomes U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def can_be(path: Path) -> bool:
    """Whether a file can have that name, whatever it is."""
    try:
        os.fsencode(path)
    except UnicodeEncodeError:  # surrogates that no byte has become
        return False
    return "\0" not in str(path)


def shown(path: Path) -> str:
    """A path that every output takes: what is not text in it becomes question marks."""
    return str(path).encode(errors="replace").decode()
