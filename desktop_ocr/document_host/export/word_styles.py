"""The styles of a Word document, its language, and what it says of itself."""

from __future__ import annotations

import datetime
from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

from desktop_ocr.document_host.export.pdf_text import LANGUAGE
from desktop_ocr.document_host.export.xml_text import allowed

CODE, PLACEHOLDER, NOTE, LABELS = "Code", "PageNotRead", "PageNote", "PictureText"
MONOSPACED = '<w:rFonts w:ascii="Courier New" w:hAnsi="Courier New" w:cs="Courier New"/><w:noProof/>'
BODY_SIZE, SMALL_SIZE = Pt(10.5), Pt(9)
_INK, _GREY, _RED = RGBColor(0x20, 0x20, 0x20), RGBColor(0x55, 0x55, 0x55), RGBColor(0xA0, 0x20, 0x20)
_HEADING_SIZES = (18, 15, 13, 12, 11, 11)
_LONG_AGO = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)  # the same each time
_LONGEST = 255  # characters of a property
_EAST_ASIAN_FONTS = {"ja": "MS Mincho", "ko": "Malgun Gothic", "zh-Hant": "PMingLiU", "zh-TW": "PMingLiU"}
_BACKWARDS = ("ar", "he", "fa", "ur", "yi")


def prepare(document: Any, title: str, language: str) -> None:
    """Set up an empty document.

    Args:
        document: python-docx's.
        title: of the document.
        language: of its text, "" where that is not known.
    """
    _properties(document, title, language)
    styles = document.styles
    normal = styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", BODY_SIZE
    normal.paragraph_format.space_after = Pt(4)
    _fonts(document, language)
    for level, size in enumerate(_HEADING_SIZES, 1):
        heading = styles[f"Heading {level}"]
        heading.font.size, heading.font.color.rgb = Pt(size), _INK
        heading.font.bold, heading.font.italic = True, level > 4
        heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(12), Pt(4)
    caption = styles["Caption"]
    caption.font.size, caption.font.color.rgb, caption.font.bold, caption.font.italic = SMALL_SIZE, _GREY, False, True
    for name in ("Header", "Footer"):
        styles[name].font.size, styles[name].font.color.rgb = SMALL_SIZE, _GREY
    code = styles.add_style(CODE, WD_STYLE_TYPE.PARAGRAPH)
    code.base_style, code.font.name, code.font.size = normal, "Courier New", SMALL_SIZE
    code.element.rPr.rFonts.set(qn("w:cs"), "Courier New")
    for name in (NOTE, LABELS):
        small = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        small.base_style, small.font.size = normal, SMALL_SIZE
    styles[LABELS].font.color.rgb = _GREY
    failed = styles.add_style(PLACEHOLDER, WD_STYLE_TYPE.PARAGRAPH)
    failed.base_style, failed.font.italic, failed.font.color.rgb = normal, True, _RED


def _properties(document: Any, title: str, language: str) -> None:
    told = document.core_properties
    told.title = allowed(title)[:_LONGEST]
    told.language = language
    told.author = told.last_modified_by = told.comments = told.keywords = told.subject = ""
    told.created = told.modified = _LONG_AGO
    told.revision = 1


def _fonts(document: Any, language: str) -> None:
    """Fonts for all scripts, and the language that spelling is checked by."""
    defaults = document.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    fonts = defaults.find(qn("w:rFonts"))
    east = next((font for name, font in _EAST_ASIAN_FONTS.items() if language.startswith(name)), "SimSun")
    for element in (fonts, document.styles["Normal"].element.rPr.rFonts):
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            element.attrib.pop(qn(f"w:{theme}"), None)
        for name, font in (("ascii", "Calibri"), ("hAnsi", "Calibri"), ("eastAsia", east), ("cs", "Arial")):
            element.set(qn(f"w:{name}"), font)
    told = defaults.find(qn("w:lang"))
    if told is None:
        told = OxmlElement("w:lang")
        defaults.append(told)
    if LANGUAGE.fullmatch(language):
        main = language.split("-")[0]
        kind = "eastAsia" if main in ("zh", "ja", "ko") else "bidi" if main in _BACKWARDS else "val"
        told.set(qn(f"w:{kind}"), language)
