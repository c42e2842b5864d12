"""Where a text or a pattern stands on a page, and what comes in its place."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Iterator

import regex  # not `re`: a user's pattern may take for ever, and only this one can be stopped

from desktop_ocr.core.page_texts import SearchedPage
from desktop_ocr.core.pattern_cost import pattern_cost
from desktop_ocr.schema.edits import CellText, FindQuery, Hit, LineText, SetTexts
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

LONGEST_QUERY = 1_000
LARGEST_PATTERN = 20_000
"""Signs with repetitions written out: compiling them takes some hundredths of a second."""
SLOWEST = 2.0
"""Seconds for a page, which takes some hundredths of one; a pattern that takes longer may take for ever."""
CONTEXT = 40
"""Characters shown on either side of a place."""


class Matcher:
    """What is looked for. May be used in any thread."""

    def __init__(self, query: FindQuery) -> None:
        """Make a pattern of a query.

        Raises:
            DesktopOcrError: USAGE, it is no pattern, or too long.
        """
        if len(query.text) > LONGEST_QUERY:
            raise DesktopOcrError(ErrorCode.USAGE, "This is too long to look for.", "Look for a part of it.")
        if query.pattern and pattern_cost(query.text) > LARGEST_PATTERN:
            raise DesktopOcrError(
                ErrorCode.USAGE, "This pattern repeats too much to be looked for.", "Use smaller numbers in its braces."
            )
        self.nothing = not query.text
        try:
            regex.compile(query.text if query.pattern else "")  # before anything is put around it
            self._pattern = regex.compile(_source(query), 0 if query.case else regex.IGNORECASE | regex.FULLCASE)
        except (regex.error, RecursionError, OverflowError, MemoryError) as error:
            raise DesktopOcrError(
                ErrorCode.USAGE, f"This is no regular expression ({error}).", "Mend it, or switch patterns off."
            ) from error
        self._literal = not query.pattern

    def hits(self, result: SearchedPage, most: int) -> list[Hit]:
        """Places on a page in reading order, `most` of them at most.

        Raises:
            DesktopOcrError: USAGE, the pattern takes too long.
        """
        found: list[Hit] = []
        until = time.monotonic() + SLOWEST
        for line, cell, text in result.texts():
            for start, end, _ in self._places(text, None, until):
                if len(found) >= most:
                    return found
                found.append(Hit(result.page, line, start, end, _shortened(text, start, end), cell))
        return found

    def replaced(self, result: SearchedPage, by: str) -> tuple[SetTexts, int]:
        """The edit that puts `by` wherever it stands on a page, and in how many places.

        Raises:
            DesktopOcrError: USAGE, the pattern takes too long, or has not the groups that `by` names.
        """
        lines: list[LineText] = []
        cells: list[CellText] = []
        places, until = 0, time.monotonic() + SLOWEST
        for line, cell, text in result.texts():
            parts, at, changed = [], 0, 0
            for start, end, new in self._places(text, by, until):
                if text[start:end] != new:
                    parts += [text[at:start], new]
                    at, changed = end, changed + 1
            if not changed:
                continue
            places += changed
            anew = "".join((*parts, text[at:]))
            if cell is None:
                lines.append(LineText(line, anew))
            else:
                cells.append(CellText(*cell, anew))
        return SetTexts(tuple(lines), tuple(cells)), places

    def replaced_at(self, text: str, start: int, by: str) -> str | None:
        """A text with `by` in the place that begins at a character; None where there is none.

        Raises:
            DesktopOcrError: as `replaced`.
        """
        for begin, end, new in self._places(text, by, time.monotonic() + SLOWEST):
            if begin == start:
                return text[:begin] + new + text[end:]
        return None

    def _places(self, text: str, by: str | None, until: float) -> Iterator[tuple[int, int, str]]:
        """Start and end of each place in a text, and what comes there."""
        if self.nothing:
            return
        composed, starts = _composed(text)
        seconds = until - time.monotonic()
        if seconds <= 0:
            raise _too_slow()
        try:
            for match in self._pattern.finditer(composed, timeout=seconds, concurrent=True):
                if match.end() > match.start():
                    new = "" if by is None else by if self._literal else match.expand(by)
                    yield starts[match.start()], starts[match.end()], new
        except TimeoutError:
            raise _too_slow() from None
        except (regex.error, IndexError) as error:
            raise _bad_template(error) from error


def _source(query: FindQuery) -> str:
    if query.pattern:
        return rf"(?<!\w)(?:{query.text})(?!\w)" if query.whole_words else query.text
    text = unicodedata.normalize("NFC", query.text)
    # Any space is as good as another.
    source = "".join(r"[^\S\n]" if sign.isspace() else regex.escape(sign) for sign in text)
    if not query.whole_words:
        return source
    begins, ends = (r"\w" if sign.isalnum() or sign == "_" else "" for sign in (text[:1], text[-1:]))
    return f"{'(?<!' + begins + ')' if begins else ''}{source}{'(?!' + ends + ')' if ends else ''}"


def _composed(text: str) -> tuple[str, range | list[int]]:
    """A text with accents put on their letters, as they are typed, and where each of its characters begins in it."""
    if unicodedata.is_normalized("NFC", text):
        return text, range(len(text) + 1)
    made, starts, begun = [], [], 0
    for at in range(1, len(text) + 1):
        if at < len(text) and unicodedata.combining(text[at]):
            continue
        piece = unicodedata.normalize("NFC", text[begun:at])
        made.append(piece)
        starts += [begun] * len(piece)
        begun = at
    return "".join(made), [*starts, len(text)]


def _shortened(text: str, start: int, end: int) -> str:
    first, last = max(0, start - CONTEXT), min(len(text), end + CONTEXT)
    return f"{'…' if first else ''}{text[first:last]}{'…' if last < len(text) else ''}"


def _too_slow() -> DesktopOcrError:
    return DesktopOcrError(ErrorCode.USAGE, "This pattern takes too long to look for.", "Make it simpler.")


def _bad_template(error: Exception) -> DesktopOcrError:
    return DesktopOcrError(
        ErrorCode.USAGE, f"The replacement does not fit the pattern ({error}).", r"Write groups like \1, and \\ for \."
    )
