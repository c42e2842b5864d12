"""Names of files that are not text: Python keeps bytes that are not UTF-8 as lone surrogates."""

from __future__ import annotations

from pathlib import Path


def is_text(name: str | Path) -> bool:
    """Whether a name can be stored, and sent to a host."""
    try:
        str(name).encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(path: Path) -> str:
    """A path that every output takes: what is not text in it becomes question marks."""
    return str(path).encode(errors="replace").decode()
