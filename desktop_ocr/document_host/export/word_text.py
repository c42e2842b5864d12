"""Paragraphs and runs of WordprocessingML, as text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from desktop_ocr.document_host.export.xml_text import content
from desktop_ocr.text.joining import is_right_to_left

_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
# Words that run right to left, with what stands between them.
_BACKWARDS = re.compile(rf"[{_RTL}]+(?:[^\w{_RTL}]+[{_RTL}]+)*")
_EAST_ASIAN = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")


def runs(text: str, properties: str = "") -> str:
    """A text as runs: right-to-left words are runs of their own, which say so.

    Args:
        text: what it says.
        properties: of all runs, elements that stand before `w:rtl`.
    """
    parts, at = [], 0
    for found in _BACKWARDS.finditer(text):
        parts += [_run(text[at : found.start()], properties), _run(found.group(), properties + "<w:rtl/>")]
        at = found.end()
    parts.append(_run(text[at:], properties))
    return "".join(parts)


def paragraph(
    text: str | Sequence[str],
    *,
    style: str = "",
    break_before: bool = False,
    numbered: tuple[int, int] | None = None,
    indent: int = 0,
    more: str = "",
    properties: str = "",
) -> str:
    """A paragraph.

    Args:
        text: what it says; several lines are broken where they end.
        style: id of its style, "" for the usual one.
        break_before: it begins on a new page.
        numbered: of an item of a list, the list's number and the level from 0.
        indent: from the margin, in twentieths of a point.
        more: further properties that stand after the indent.
        properties: of its runs.
    """
    lines = [text] if isinstance(text, str) else list(text)
    backwards = is_right_to_left(" ".join(lines))
    parts = [f'<w:pStyle w:val="{style}"/>'] if style else []
    if break_before:
        parts.append("<w:pageBreakBefore/>")
    if numbered is not None:
        parts.append(f'<w:numPr><w:ilvl w:val="{numbered[1]}"/><w:numId w:val="{numbered[0]}"/></w:numPr>')
    if backwards:
        parts.append("<w:bidi/>")
    if indent:
        parts.append(f'<w:ind w:start="{indent}"/>'.replace("w:start", "w:right" if backwards else "w:left"))
    parts.append(more)
    head = "".join(parts)
    inside = "<w:r><w:br/></w:r>".join(runs(line, properties) for line in lines)
    return f"<w:p>{f'<w:pPr>{head}</w:pPr>' if head else ''}{inside}</w:p>"


def gap(points: float, *, break_before: bool = False) -> str:
    """An empty paragraph that high: tables need something between them."""
    start = "<w:pageBreakBefore/>" if break_before else ""
    line = max(20, round(points * 20))
    return f'<w:p><w:pPr>{start}<w:spacing w:before="0" w:after="0" w:line="{line}" w:lineRule="exact"/></w:pPr></w:p>'


def _run(text: str, properties: str) -> str:
    if not text:
        return ""
    if _EAST_ASIAN.search(text) and "<w:rFonts" not in properties:
        properties = '<w:rFonts w:hint="eastAsia"/>' + properties
    told = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    parts = (f'<w:t xml:space="preserve">{content(part)}</w:t>' if part else "" for part in text.split("\t"))
    return f"<w:r>{told}{'<w:tab/>'.join(parts)}</w:r>"
