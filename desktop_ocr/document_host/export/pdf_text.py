"""Strings and dictionaries of PDF, for whatever writes objects."""

from __future__ import annotations

import re
from collections.abc import Callable

Adder = Callable[[str, bytes | None], int]
"""Adds an object, given its dictionary's entries and its stream (already packed, as the entries say) or None; returns
its number."""
_ESCAPES = (("\\", r"\\"), ("(", r"\("), (")", r"\)"), ("\r", r"\r"))
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def text_string(text: str) -> str:
    """A text as PDF holds it: UTF-16, in hexadecimal digits."""
    return f"<FEFF{text.encode('utf-16-be', 'replace').hex().upper()}>"


def language_entry(language: str) -> str:
    """The catalog's entry for the text's language; "" where it is no language's name."""
    return f"/Lang ({language})" if LANGUAGE.fullmatch(language) else ""


def escaped(data: bytes) -> str:
    """Bytes as they stand between the brackets of a PDF string, each as the character of its number."""
    text = data.decode("latin-1")
    for sign, written in _ESCAPES:
        text = text.replace(sign, written)
    return text


def number(value: float) -> str:
    """A number as PDF writes it: without exponent, with four digits after the point at most."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text
