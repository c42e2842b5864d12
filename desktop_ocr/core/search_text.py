"""Texts and queries as the full-text index takes them.

SQLite's tokenizer parts words at everything that is neither letter, digit nor mark. Scripts without spaces get a
separator between their characters here, so that each is a word of its own, and what is looked for in them is a row of
such words. Whatever else a text holds stays as it is: what is shown of a hit is taken from the index.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import msgspec

from desktop_ocr.core.page_texts import SearchedPage
from desktop_ocr.schema.library import SnippetPart
from desktop_ocr.schema.results import PageResult

GLUE, LIT, UNLIT = "\x1f", "\x02", "\x03"
"""Between characters of scripts without spaces; around what was found. Texts have no such signs when they come in."""
LONGEST_QUERY, MOST_TERMS, MOST_WORDS = 1_000, 32, 12
SNIPPET = 160
"""Characters shown of a page."""

# Thai, Lao, Myanmar and Khmer: letters, and the marks that belong to the letter before them.
_MARKS = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u1056-\u1059\u17b4-\u17d3"
_ASIAN_MARKS = "\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef"
_ALONE = (
    "\u0e01-\u0e30\u0e32-\u0e33\u0e40-\u0e46\u0e50-\u0e59\u0e81-\u0eb0\u0eb2-\u0eb3\u0ebd-\u0ec6\u0ed0-\u0edf"
    "\u1000-\u102a\u103f-\u1055\u1780-\u17b3"
    "\u1100-\u11ff\u3005-\u3007\u3021-\u3029\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f"
    "\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97c\uac00-\ud7fb\uf900-\ufaff"
    "\uff66-\uffdc\U00016fe0-\U00018cff\U0001aff0-\U0001b2ff\U00020000-\U0003ffff"
)
_seams = re.compile(rf"(?<=[\w{_MARKS}{_ASIAN_MARKS}])(?=[{_ALONE}])|(?<=[{_ALONE}{_MARKS}{_ASIAN_MARKS}])(?=\w)")
_alone = re.compile(rf"[{_ALONE}]")
# SQLite leaves out the accents of Latin letters; of these only where they stand by themselves.
_accented = re.compile("[\u0386-\u03ce\u0400-\u045f\u1f00-\u1fff]+")
# Control characters, and surrogates: they are no text, and SQLite takes none of them.
_refuse = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_quotes = re.compile('["\u201c\u201d\u201e\u201f\u00ab\u00bb\uff02]')
# Where lines of scripts without spaces meet, whatever of them is marked.
_WIDE = rf"{_ALONE}\u3001-\u303f\uff00-\uff65"
_space_between = re.compile(rf"(?:(?<=[{_WIDE}{_MARKS}])|(?<=[{_WIDE}{_MARKS}]{UNLIT}))\s+(?={LIT}?[{_WIDE}])")


class SearchWords(msgspec.Struct, frozen=True):
    """A query as FTS5 takes it; "" where it names no word. `vague`: it is one letter, and to rank by it is no use."""

    match: str
    vague: bool = False


def text_of(result: PageResult | SearchedPage) -> str:
    """A page's text in reading order, a line each; see `SearchedPage.texts`."""
    lines = []
    for block in result.blocks:
        for index in block.lines:
            text = result.lines[index].text
            if not block.latex or block.latex == text.strip("$ "):
                lines.append(text)
        for cell in block.table.cells if block.table is not None else ():
            if cell.text and not cell.lines:
                lines.append(cell.text)
    return "\n".join(lines)


def to_index(text: str) -> str:
    """A text as it is put into the index."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        text = _accented.sub(lambda letters: unicodedata.normalize("NFD", letters[0]), text)
        if _alone.search(text):
            return _seams.sub(GLUE, _refuse.sub(" ", text))
    return _refuse.sub(" ", text)


def search_words(query: str) -> SearchWords:
    """A query as FTS5 takes it, whatever somebody typed: all words have to be there, the last one may be unfinished.

    A part in quotes has to stand there as it is. What is no word counts for nothing.
    """
    terms: dict[str, None] = {}
    parts = _quotes.split(query[:LONGEST_QUERY])
    last = len(parts) - 1  # a quote that is still open is being typed
    chunks = [
        (chunk, at % 2 == 1 and at < last)
        for at, part in enumerate(parts)
        for chunk in ([part] if at % 2 else part.split())
    ]
    chunks = [(to_index(chunk), quoted) for chunk, quoted in chunks]
    chunks = [(chunk, quoted) for chunk, quoted in chunks if any(map(_is_part, chunk))][:MOST_TERMS]
    vague = len(chunks) == 1
    for at, (chunk, quoted) in enumerate(chunks):
        unfinished = not quoted and (at == len(chunks) - 1 or chunk.endswith("*"))
        vague = vague and unfinished and sum(map(_is_part, chunk)) == 1 and not _alone.search(chunk)
        terms[f'"{chunk}" *' if unfinished else f'"{chunk}"'] = None
    return SearchWords(" AND ".join(terms), vague)


def snippet(marked: str) -> tuple[SnippetPart, ...]:
    """The piece of a marked text (`LIT`, `UNLIT`) with most different finds; its beginning where there are none."""
    if GLUE in marked:
        marked = _space_between.sub("", marked.replace(GLUE, ""))
    text, lit = _unmarked(marked)
    start, end = _window(text, lit)
    parts: list[SnippetPart] = []
    at = start
    for begin, stop in lit:
        if begin >= start and stop <= end:
            parts += [SnippetPart(_flowing(text[at:begin])), SnippetPart(_flowing(text[begin:stop]), lit=True)]
            at = stop
    parts.append(SnippetPart(_flowing(text[at:end])))
    if start > 0:
        parts.insert(0, SnippetPart("…"))
    if end < len(text.rstrip()):
        parts.append(SnippetPart("…"))
    return _joined(parts)


def lit_words(marked: str) -> tuple[str, ...]:
    """What was found in a marked text, as it stands there: each once, and nothing that goes on in another line."""
    text, lit = _unmarked(marked)
    words: dict[str, str] = {}
    for begin, stop in lit:
        for piece in text[begin:stop].split("\n"):
            if piece.strip() and len(words) < MOST_WORDS:
                words.setdefault(piece.strip().casefold(), piece.strip())
    return tuple(words.values())


def _is_part(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LN" or unicodedata.category(sign) in ("Co", "Mn", "Mc")


def _unmarked(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """A text without marks, and where the marked places are in it."""
    text, places = "", []
    if not marked.isascii():
        marked = unicodedata.normalize("NFC", marked.replace(GLUE, ""))
    for part in marked.split(LIT):
        inner, mark, after = part.partition(UNLIT)
        if mark:
            places.append((len(text), len(text) + len(inner)))
        text += inner + after
    return text, places


def _window(text: str, lit: list[tuple[int, int]]) -> tuple[int, int]:
    """Start and end of what is shown, at the ends of words where such are near."""
    best, most = (0, 0), 0
    for at, (begin, stop) in enumerate(lit):
        inside = [place for place in lit[at : at + 20] if place[1] <= begin + SNIPPET * 2 // 3]
        different = len({text[a:b].casefold() for a, b in inside})
        if different > most:
            best, most = (begin, max([stop, *(place[1] for place in inside)])), different
    start = max(0, best[0] - max(SNIPPET // 4, (SNIPPET - best[1] + best[0]) // 2)) if best[0] > SNIPPET // 3 else 0
    end = min(len(text), max(start + SNIPPET, best[1]))
    if start:
        gap = re.search(r"\s", text[start : start + 20])
        start = start + gap.end() if gap and start + gap.end() <= best[0] else start
    if end < len(text):
        gap = re.search(r"\s\S*$", text[end - 20 : end])
        end = end - 20 + gap.start() if gap and end - 20 + gap.start() >= best[1] else end
    return start, end


def _flowing(text: str) -> str:
    """Lines as one."""
    return re.sub(r"\s+", " ", text)


def _joined(parts: Iterable[SnippetPart]) -> tuple[SnippetPart, ...]:
    joined: list[SnippetPart] = []
    for part in parts:
        if not part.text:
            continue
        if joined and not joined[-1].lit and not part.lit:
            joined[-1] = SnippetPart(joined[-1].text + part.text)
        else:
            joined.append(part)
    return tuple(joined)
