"""Whether a PDF page's own text can be taken as it is, or the page has to be recognised.

A page is read where all of these hold; otherwise it is recognised, which costs time but loses nothing:

1. It has visible text, and no more hidden text (render mode 3, transparent) than visible: hidden text is what some
   recogniser once made of a scan, and nothing tells how well. A page where nothing at all is drawn is read too: it
   is empty.
2. At most 5 % of its characters have no meaning (U+FFFD, private use, control, unassigned): its fonts say what
   their characters are.
   Of its letters at most 2 %, and of its words at most 5 %, are lost or have lost letters (see `lost_glyphs`):
   characters without a meaning, and spaces that leave ink.
3. Its letters are a language's: in 100 or more Latin letters at least 1 in 5 is a vowel. Fonts that say the wrong
   thing give a cipher of a text.
4. It is not turned, sideways or upside down: such a page is recognised, which turns it upright. Vertical columns of
   wide characters are not turned.
5. The ink on it is text. The page is drawn twice in grey at 100 dpi, with and without its text, and short dark or
   light runs that are strokes of letters are counted: its text accounts for at least half of them, and at least
   half of its words leave ink. That finds scans with a stamp, diagrams with a title, letters drawn as outlines, and
   text that lies behind a picture. Only pages with pictures or drawings are looked at.

Measured on 78 PDFs (scans, slides, forms, papers, broken files; up to 8 pages each, 105 pages with text): of pages
whose text is right, vowels were 0.30 to 0.47 of 100 or more letters, meaningless characters at most 0.013, and text
made 0.68 or more of the strokes; a paper with a cipher font had 0.07 vowels, two files whose fonts have no map 1.0
meaningless characters, a scan with its text behind the picture 0.006 of the strokes and 0.03 of its words in ink, a
diagram with a title 0.10 of the strokes. Of the letters of 119 right pages at most 0.001 were lost, and none of
their words were harmed; of a paper with bitmap fonts, which gives every "c" as a space, 0.032 to 0.042 and 0.15 to
0.19 on each page. The share of letters and digits does not tell: a table of contents with dotted lines had 0.28.
pymupdf4llm's model of the same purpose (`ocr/analyze_page.py`, version 2.0) would have had 15 of the right pages
recognised, all of them papers or forms with a photograph, and reads hidden text as it is and cipher fonts, which it
does not look for.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pymupdf
from pymupdf import mupdf as raw

from desktop_ocr.document_host.lost_glyphs import LOST, Harm, harm_of
from desktop_ocr.document_host.page_text import PageText
from desktop_ocr.schema.results import Box, Line

MAX_BAD_SHARE = 0.05
MIN_VOWEL_SHARE = 0.2
MIN_LETTERS = 100  # before vowels are counted
MIN_TEXT_STROKES = 0.5
MIN_WORDS_IN_INK = 0.5
MIN_STROKES = 50  # before their shares mean anything
LOOK_DPI = 100.0
LOOK_PIXELS = 2_000_000
STROKE_PIXELS = 5  # the thickest stroke of a letter at `LOOK_DPI`
STROKE_CONTRAST = 60  # of 255, against both sides
INK_CONTRAST = 16
LATIN_END = 0x250
VOWELS = frozenset("aeiouyæœøAEIOUYÆŒØ")

Grey = npt.NDArray[np.int16]


@dataclass(frozen=True)
class Verdict:
    """Whether a page's text layer is sound, and why, in a few words."""

    sound: bool
    reason: str


def judge(page: pymupdf.Page, text: PageText) -> Verdict:
    """The verdict on a page; see this module's description for the rule."""
    verdict = judge_characters(page, text)
    if verdict is not None:
        return verdict
    if not text.visible:
        if not text.layer.pictures and is_blank(page):
            return Verdict(True, "the page is empty")
        return Verdict(False, "the page has only hidden text" if text.hidden else "the page has no text of its own")
    if is_turned(text.layer.lines):
        return Verdict(False, "the page's text is turned")
    if not text.layer.pictures and not text.paths:
        return Verdict(True, "the page has sound text and no pictures")
    return _judge_ink(page, text)


def judge_characters(page: pymupdf.Page, text: PageText) -> Verdict | None:
    """The verdict by the characters alone (rules 1 to 3), or None where they are sound."""
    if text.hidden > text.visible > 0:
        return Verdict(False, "most of the page's text is hidden")
    if text.bad > MAX_BAD_SHARE * text.visible:
        return Verdict(False, "the page's fonts do not say what their characters are")
    if _harm(page, text).much:
        return Verdict(False, "the page's fonts do not say what some of their letters are")
    letters, vowels = _latin_letters(text.visible_text)
    if letters >= MIN_LETTERS and vowels < MIN_VOWEL_SHARE * letters:
        return Verdict(False, "the page's fonts give wrong letters")
    return None


def _harm(page: pymupdf.Page, text: PageText) -> Harm:
    """What the page's text has lost. Spaces with a shape count where they leave ink, if it matters."""
    harm = _with_lost(text, [place for place, _ in text.blanks])
    if not text.blanks or not harm.much:
        return harm
    drawn, scale = _grey(page, without_text=False)
    rest, _ = _grey(page, without_text=True)
    if drawn.shape != rest.shape:
        return harm_of(text.visible_text)
    ink = np.abs(drawn - rest) > INK_CONTRAST
    return _with_lost(text, [place for place, box in text.blanks if _in_ink(_inner(box), ink, scale)])


def _with_lost(text: PageText, places: Sequence[int]) -> Harm:
    """What is lost where the spaces in these places are letters."""
    characters = list(text.visible_text)
    for place in places:
        characters[place] = LOST
    return harm_of("".join(characters))


def _inner(box: Box) -> Box:
    """The middle of a letter's box, into which its neighbours do not reach."""
    quarter = (box[2] - box[0]) / 4
    return box[0] + quarter, box[1], box[2] - quarter, box[3]


def is_turned(lines: Sequence[Line]) -> bool:
    """Whether more than half of the characters that are not wide stand in lines up, down or upside down."""
    upright = turned = 0
    for line in lines:
        x0, y0, x1, y1, _, _, _, y3 = line.polygon
        narrow = sum(unicodedata.east_asian_width(character) not in "WF" for character in line.text)
        if abs(y1 - y0) > abs(x1 - x0) or y3 < y0:
            turned += narrow
        else:
            upright += narrow
    return turned > upright


def is_blank(page: pymupdf.Page) -> bool:
    """Whether the page as displayed is of one colour."""
    with_text, _ = _grey(page, without_text=False)
    return bool(with_text.max() == with_text.min())


def _judge_ink(page: pymupdf.Page, text: PageText) -> Verdict:
    drawn, scale = _grey(page, without_text=False)
    rest, _ = _grey(page, without_text=True)
    if drawn.shape != rest.shape:
        return Verdict(False, "the page cannot be compared with its text")
    if _share_in_ink(text.boxes, np.abs(drawn - rest) > INK_CONTRAST, scale) < MIN_WORDS_IN_INK:
        return Verdict(False, "most of the page's text lies behind pictures")
    strokes = count_strokes(drawn)
    if strokes < MIN_STROKES:
        return Verdict(True, "the page has sound text")
    if strokes - count_strokes(rest) < MIN_TEXT_STROKES * strokes:
        return Verdict(False, "pictures or drawings hold more text than the page's own")
    return Verdict(True, "the page has sound text beside its pictures")


def _latin_letters(text: str) -> tuple[int, int]:
    """Latin letters in a text, and how many of them are vowels, accents aside."""
    letters = vowels = 0
    for character in text:
        if character.isalpha() and ord(character) < LATIN_END:
            letters += 1
            base = character if character < "\x80" else unicodedata.normalize("NFD", character)[0]
            vowels += base in VOWELS
    return letters, vowels


def _grey(page: pymupdf.Page, *, without_text: bool) -> tuple[Grey, float]:
    """The page in grey levels, at 100 dpi or less, and how many pixels make a point."""
    shown = page.get_displaylist()
    rect = shown.rect
    scale = min(LOOK_DPI / 72.0, (LOOK_PIXELS / max(1.0, rect.width * rect.height)) ** 0.5)
    matrix = raw.fz_make_matrix(scale, 0, 0, scale, 0, 0)
    grey = raw.fz_device_gray()
    if without_text:
        everywhere = [raw.ll_fz_make_rect(*rect)]
        found = raw.fz_new_pixmap_from_display_list_culling_text2(shown.this, matrix, grey, 0, everywhere)
    else:
        found = raw.fz_new_pixmap_from_display_list(shown.this, matrix, grey, 0)
    pixmap = pymupdf.Pixmap(found, 0)
    rows = np.frombuffer(pixmap.samples, dtype=np.uint8).reshape(pixmap.height, pixmap.stride)
    return rows[:, : pixmap.width].astype(np.int16), scale


def count_strokes(grey: Grey) -> int:
    """Horizontal runs of up to five pixels that are darker, or lighter, than the pixels on both sides.

    Of dark and light ones the larger number counts: text is one or the other.
    """
    return max(_dark_runs(grey), _dark_runs(255 - grey))


def _dark_runs(grey: Grey) -> int:
    total = 0
    width = grey.shape[1]
    for length in range(1, STROKE_PIXELS + 1):
        if width <= length + 1:
            break
        edge = np.minimum(grey[:, : -length - 1], grey[:, length + 1 :])
        run = grey[:, 1:-length]
        for offset in range(2, length + 1):
            run = np.maximum(run, grey[:, offset : width - length - 1 + offset])
        total += int(np.count_nonzero(edge - run > STROKE_CONTRAST))
    return total


def words_without_ink(page: pymupdf.Page, text: PageText) -> list[Box]:
    """The boxes, in points, of the words that would not be missed: they lie behind a picture or are white on white."""
    drawn, scale = _grey(page, without_text=False)
    rest, _ = _grey(page, without_text=True)
    if drawn.shape != rest.shape:
        return []
    ink = np.abs(drawn - rest) > 0
    return [box for box in text.boxes if not _in_ink(box, ink, scale)]


def _share_in_ink(boxes: tuple[Box, ...], ink: npt.NDArray[np.bool_], scale: float) -> float:
    """Of the words' boxes, in points, the share in which the text leaves ink."""
    return sum(_in_ink(box, ink, scale) for box in boxes) / len(boxes) if boxes else 1.0


def _in_ink(box: Box, ink: npt.NDArray[np.bool_], scale: float) -> bool:
    x0, y0, x1, y1 = (max(0, int(value * scale)) for value in box)
    return bool(ink[y0 : y1 + 1, x0 : x1 + 1].any())
