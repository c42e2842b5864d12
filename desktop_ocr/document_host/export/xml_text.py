"""Text that XML can hold."""

from __future__ import annotations

import re
from html import escape

# What XML 1.0 forbids (production 2, Char): most control characters, lone surrogates, U+FFFE and U+FFFF.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def allowed(text: str) -> str:
    """The text without the characters that XML forbids."""
    return _FORBIDDEN.sub("", text)


def content(text: str) -> str:
    """The text as an element's content."""
    return escape(allowed(text), quote=False)


def attribute(text: str) -> str:
    """The text as the value of an attribute, with its double quotes; line ends and tabs become spaces."""
    return '"' + escape(re.sub(r"[\t\n\r]", " ", allowed(text)), quote=False).replace('"', "&quot;") + '"'
