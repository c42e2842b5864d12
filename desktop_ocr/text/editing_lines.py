"""A line with other text, two lines as one, one line as two: what becomes of its words and their places."""

from __future__ import annotations

import difflib
import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence

import msgspec

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.results import Line, Word
from desktop_ocr.text.editing_geometry import Span, around, part, span
from desktop_ocr.text.joining import is_right_to_left, is_unspaced

LONGEST = 100_000
"""Characters of a line or cell: more is no line, but something that was pasted by mistake."""
_COMPARED = 1_000_000  # pairs of words: what would take longer to compare is taken for new
_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")


def clean(text: str) -> str:
    """What was typed or pasted as the text of a line: one line, without characters that no file can hold.

    Raises:
        DesktopOcrError: USAGE, it is too long for a line.
    """
    if len(text) > LONGEST:
        raise DesktopOcrError(ErrorCode.USAGE, "This text is too long for a line.", "Paste less of it.")
    one_line = _BREAKS.sub(" ", text)
    if one_line.isprintable():
        return one_line.strip()
    return "".join(sign for sign in one_line if unicodedata.category(sign) not in ("Cc", "Cs")).strip()


def with_text(line: Line, text: str) -> Line:
    """The line with another text; the same line where it has that already.

    Words that stay keep their places. Words in the place of others share theirs; what comes in between is placed by
    its share of the characters. A line that came without words gets none.
    """
    if text == line.text:
        return line
    words = tuple(_words(line, text)) if line.words or not line.text.strip() else ()
    return msgspec.structs.replace(line, text=text, confidence=1.0, words=words, human=True)


def joined(lines: Sequence[Line]) -> Line:
    """One line of several, in their order: a space between their texts (not in scripts without), a box around them."""
    text = ""
    for line in lines:
        after = line.text.strip()
        close = bool(text and after) and is_unspaced(text[-1]) and is_unspaced(after[0])
        text = f"{text}{'' if close or not text or not after else ' '}{after}"
    words: tuple[Word, ...] = ()
    if any(line.words for line in lines):
        words = tuple(_sure(word) for line in lines for word in line.words or _words(line, line.text))
    return Line(text, around([line.polygon for line in lines]), 1.0, words, human=True)


def cut_in_two(line: Line, at: int) -> tuple[Line, Line]:
    """Two lines of one, at so many characters; spaces at the cut go.

    Raises:
        DesktopOcrError: USAGE, nothing would be left on one side.
    """
    before, after = line.text[:at].rstrip(), line.text[at:].lstrip()
    if not before.strip() or not after.strip():
        raise DesktopOcrError(
            ErrorCode.USAGE, "A line is split within its text.", "Put the cursor where the new line is to begin."
        )
    first, second, share = _dealt(line, len("".join(before.split())))
    if share is None:
        share = (len(before) + (len(line.text) - len(after))) / 2 / len(line.text)
    backwards = _runs_backwards(line)
    ends = ((1 - share, 1.0), (0.0, 1 - share)) if backwards else ((0.0, share), (share, 1.0))
    one, two = (
        Line(text, part(line.polygon, *between), 1.0, words, human=True)
        for text, between, words in zip((before, after), ends, (first, second), strict=True)
    )
    return one, two


def tokens(text: str) -> list[str]:
    """Runs of characters without spaces; a script written without spaces begins another one, as recognisers have it."""
    found = []
    for run in text.split():
        begun = 0
        for at, (before, after) in enumerate(itertools.pairwise(run), 1):
            if before.isalnum() and after.isalnum() and is_unspaced(before) != is_unspaced(after):
                found.append(run[begun:at])
                begun = at
        found.append(run[begun:])
    return found


# --- words of a changed line --------------------------------------------------------------------------------


def _words(line: Line, text: str) -> Iterator[Word]:
    """The words of `text`, which takes the place of the line's."""
    backwards = _runs_backwards(line, text)
    spans = [_logical(span(word.polygon, line.polygon), backwards=backwards) for word in line.words]
    new = tokens(text)
    shares = _shares(new, text)
    made: list[Word | None] = [None] * len(new)
    places: list[Span] = list(shares)
    for old_from, old_to, new_from, new_to in _changes([word.text for word in line.words], new):
        own = spans[old_from:old_to]
        if len(own) == new_to - new_from:  # word by word, whether it has changed or not
            for at, word, place in zip(range(new_from, new_to), line.words[old_from:old_to], own, strict=True):
                made[at], places[at] = Word(new[at], word.polygon, 1.0), place
        elif own:
            between = min(start for start, _ in own), max(end for _, end in own)
            places[new_from:new_to] = _divided(between, new[new_from:new_to])
        elif new_to > new_from:
            before = spans[old_from - 1] if old_from else (0.0, 0.0)
            after = spans[old_from] if old_from < len(spans) else (1.0, 1.0)
            wanted = shares[new_to - 1][1] - shares[new_from][0]
            places[new_from:new_to] = _divided(_between(before, after, wanted), new[new_from:new_to])
    for token, ready, place in zip(new, made, places, strict=True):
        yield ready or Word(token, part(line.polygon, *_logical(place, backwards=backwards)), 1.0)


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Which old words (from, to) became which new ones (from, to); those that stayed among them."""
    if len(old) * len(new) > _COMPARED:
        yield 0, len(old), 0, len(new)
        return
    for _, *places in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        old_from, old_to, new_from, new_to = places
        yield old_from, old_to, new_from, new_to


def _shares(new: Sequence[str], text: str) -> list[Span]:
    """Where words lie in a text by its characters."""
    found, at = [], 0
    for token in new:
        at = text.index(token, at)
        found.append((at / len(text), (at + len(token)) / len(text)))
        at += len(token)
    return found


def _divided(between: Span, new: Sequence[str]) -> list[Span]:
    """A stretch divided among words by their characters, a space between two."""
    text = " ".join(new)
    start, end = between
    return [(start + (end - start) * a, start + (end - start) * b) for a, b in _shares(new, text)]


def _between(before: Span, after: Span, wanted: float) -> Span:
    """A stretch for new words between two that stayed: it may reach into both, and not beyond the middle of either."""
    first, last = sum(before) / 2, sum(after) / 2
    start, end = before[1], after[0]
    if end - start >= wanted:
        return start, end
    middle = (start + end) / 2
    start, end = max(first, middle - wanted / 2), min(last, middle + wanted / 2)
    return (start, end) if start <= end else (middle, middle)


def _runs_backwards(line: Line, text: str = "") -> bool:
    """Whether the text runs against the polygon's direction, as right-to-left text does."""
    if len(line.words) > 1:
        first, last = (sum(span(word.polygon, line.polygon)) for word in (line.words[0], line.words[-1]))
        if first != last:
            return first > last
    return is_right_to_left(line.text or text)


def _logical(place: Span, *, backwards: bool) -> Span:
    """A place along the polygon as one along the text, and the other way round."""
    return (1 - place[1], 1 - place[0]) if backwards else place


def _sure(word: Word) -> Word:
    return word if word.confidence == 1.0 else msgspec.structs.replace(word, confidence=1.0)


def _dealt(line: Line, letters: int) -> tuple[tuple[Word, ...], tuple[Word, ...], float | None]:
    """The words before and after so many letters (spaces not counted), and where along the text the two part.

    None where the words do not tell: there are none, or they are not the text's.
    """
    if "".join(word.text for word in line.words) != "".join(line.text.split()):
        return (), (), None
    backwards = _runs_backwards(line)
    first, second, ends, starts, at = [], [], [0.0], [1.0], 0
    for word in map(_sure, line.words):
        start, end = _logical(span(word.polygon, line.polygon), backwards=backwards)
        inside = letters - at
        at += len(word.text)
        if inside >= len(word.text):
            first.append(word)
            ends.append(end)
        elif inside <= 0:
            second.append(word)
            starts.append(start)
        else:
            share = inside / len(word.text)
            cut = _logical((0.0, share), backwards=backwards), _logical((share, 1.0), backwards=backwards)
            first.append(Word(word.text[:inside], part(word.polygon, *cut[0]), 1.0))
            second.append(Word(word.text[inside:], part(word.polygon, *cut[1]), 1.0))
            middle = start + (end - start) * share
            ends.append(middle)
            starts.append(middle)
    return tuple(first), tuple(second), (max(ends) + min(starts)) / 2
