"""Footnotes: each on its own, with its mark."""

from __future__ import annotations

import re
from collections.abc import Sequence

from desktop_ocr.schema.results import Line
from desktop_ocr.text.joining import join_lines
from desktop_ocr.text.rows import in_rows

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_MARK = re.compile(
    r"([⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3})\s*(?=\S)"
    r"|(\d{1,3})[.)]?(?:\s+(?=\S)|(?=[^\W\d_a-z]))"
    r"|([*†‡§¶⋆★]{1,3})\s*(?=\S)"
    r"|([a-z])\s+(?=[^\W\d_a-z])"
)


def footnotes(lines: Sequence[Line]) -> list[tuple[str, str]]:
    """The marks ("" where there is none) and texts of a footnote block's notes.

    A row that begins with the next mark begins the next note.
    """
    notes: list[tuple[str, list[str]]] = []
    for row in in_rows([line for line in lines if line.text.strip()], sort=False):
        text = " ".join(" ".join(line.text.split()) for line in row)
        found = _MARK.match(text)
        mark = next(filter(None, found.groups())).translate(_RAISED) if found else ""
        if found and (not notes or _comes_next(mark, notes[-1][0])):
            notes.append((mark, [text[found.end() :]]))
        elif notes:
            notes[-1][1].append(text)
        else:
            notes.append(("", [text]))
    return [(mark, join_lines(texts)) for mark, texts in notes]


def _comes_next(mark: str, before: str) -> bool:
    """Whether a mark may follow another: a row of the note before may begin with any number."""
    if mark.isdigit():
        return before.isdigit() and int(mark) == int(before) + 1
    if mark.isalpha():
        return len(before) == 1 and before.isalpha() and ord(mark) == ord(before) + 1
    return mark != before and not mark.isspace()
