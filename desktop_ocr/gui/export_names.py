"""The pattern of exported files' names, as it is typed: what is wrong with it, and what comes of it."""

from __future__ import annotations

import datetime
import re

from desktop_ocr.gui.words import tr

PLACES = ("name", "page", "date")
_PLACE = re.compile(r"\{([^{}]*)\}")
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


def pattern_error(pattern: str) -> str:
    """What is wrong with a pattern, or ""."""
    if not pattern.strip():
        return tr("A name is needed.")
    for place in _PLACE.findall(pattern):
        if place not in PLACES:
            words = tr("“{{{place}}}” stands for nothing: there are {{name}}, {{page}} and {{date}}.")
            return words.format(place=place)
    rest = _PLACE.sub("", pattern)
    if "{" in rest or "}" in rest:
        return tr("A brace has no partner.")
    if not _PLACE.search(pattern) and not _FORBIDDEN.sub("", rest).strip(" ."):
        return tr("No file may be called that.")
    return ""


def example(pattern: str, name: str, page: int, digits: int, suffix: str, *, per_page: bool) -> str:
    """A file's name by a sound pattern.

    Args:
        pattern: as in `ExportWish.pattern`.
        name: of the document, without ending.
        page: from 1; `digits` it is written with.
        digits: at least so many, zeros before.
        suffix: of the format.
        per_page: {page} is added where the pattern has none.
    """
    if per_page and "{page}" not in pattern:
        pattern += "-{page}"
    values = {"name": name, "page": f"{page:0{digits}d}", "date": datetime.date.today().isoformat()}
    made = _PLACE.sub(lambda found: values[found[1]], pattern)
    return (_FORBIDDEN.sub("", made).strip(" .") or name) + suffix
