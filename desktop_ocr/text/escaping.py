"""Text that Markdown shows as it is."""

from __future__ import annotations

import re

# What would be read as markup, and no more: every backslash is in the way of whoever searches the file.
_ANYWHERE = re.compile(
    r"\\(?=[!-/:-@\[-`{-~])"  # a backslash before a sign
    r"|\*(?=\S)|(?<=\S)\*"  # emphasis: an asterisk that touches something
    r"|(?<!\w)_(?=\S)|(?<=\S)_(?!\w)"  # an underscore at a word's edge
    r"|<(?=[A-Za-z/!?])"  # a tag
    r"|(?<=\])\("  # a link
    r"|~(?=~)|(?<=~)~"  # struck out
    r"|`"  # code
    r"|&(?=#?\w+;)"  # an entity
)
# What is markup at the start of a paragraph only. "1." and "-" are not here: they begin a list, and look like one.
_AT_START = re.compile(r"#{1,6}(?=\s|$)|>|(?:=+|-{2,})(?=\s*$)|\[(?=[^\]]+\]:)|[+*-](?=\s*$)")


def escape(text: str) -> str:
    """Text that Markdown shows as it is, at the start of a paragraph or within one."""
    start = "\\" if _AT_START.match(text) else ""
    inside = _ANYWHERE.sub(lambda found: "\\" + found.group(), text)
    return inside if inside.startswith("\\") else start + inside
