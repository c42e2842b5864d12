"""A page as ALTO 4."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from desktop_ocr.document_host.export.word_places import baseline, words_of
from desktop_ocr.document_host.export.xml_text import attribute
from desktop_ocr.schema.results import Block, BlockKind, Box, Line, PageResult, Polygon, box_polygon, polygon_box
from desktop_ocr.text.joining import HYPHENS, is_right_to_left, join_two

_FIGURES = frozenset({BlockKind.PICTURE, BlockKind.CHART, BlockKind.SEAL})
_MARGINS = {BlockKind.PAGE_HEADER: "TopMargin", BlockKind.PAGE_FOOTER: "BottomMargin"}
FAILED = "failed"
TAGS = "".join(
    (
        *(f'<LayoutTag ID="kind_{kind.value}" TYPE="block" LABEL="{kind.value}"/>\n' for kind in BlockKind),
        *(f'<StructureTag ID="level_{level}" TYPE="heading" LABEL="{level}"/>\n' for level in range(1, 7)),
        f'<OtherTag ID="{FAILED}" TYPE="page" LABEL="{FAILED}"/>\n',
    )
)
"""The tags that pages use: a block's kind, and a heading's level."""


def failed_page(page: int, sentence: str) -> str:
    """A page, numbered from 0, that could not be read: its one block, `pN_b1`, is a sentence that says so."""
    name = f"p{page + 1}"
    strings = "<SP/>".join(f"<String CONTENT={attribute(word)}/>" for word in sentence.split())
    return (
        f'<Page ID="{name}" PHYSICAL_IMG_NR="{page + 1}" QUALITY="Damaged" QUALITY_DETAIL={attribute(sentence)}>\n'
        f'<PrintSpace>\n<TextBlock ID="{name}_b1" TAGREFS="{FAILED}"><TextLine>{strings}</TextLine></TextBlock>\n'
        "</PrintSpace>\n</Page>\n"
    )


class AltoPage:
    """Writes a page.

    Attributes, complete after `rows`:
        blocks: ids of its blocks, in reading order.
        formulas: ids of tags that its formulas refer to, and their LaTeX.
    """

    def __init__(self, result: PageResult, language: str) -> None:
        """A page in a language, "" where that is not known."""
        self.blocks: list[str] = []
        self.formulas: dict[str, str] = {}
        self._result = result
        self._name = f"p{result.page + 1}"
        self._language = f" LANG={attribute(language)}" if language else ""
        self._counts: dict[str, int] = {}

    def rows(self) -> Iterator[str]:
        """The page's element, row by row, without newlines."""
        result = self._result
        spaces: dict[str, list[str]] = {"TopMargin": [], "BottomMargin": [], "PrintSpace": []}
        for block in result.blocks:
            space = _MARGINS.get(block.kind, "PrintSpace")
            spaces[space] += self._block(block)
        confidence = _confidence(result.lines)
        yield (
            f'<Page ID="{self._name}" PHYSICAL_IMG_NR="{result.page + 1}" WIDTH="{_number(result.width)}" '
            f'HEIGHT="{_number(result.height)}"' + (f' PC="{_number(confidence)}"' if result.lines else "") + ">"
        )
        top = max((b.box[3] for b in result.blocks if b.kind is BlockKind.PAGE_HEADER), default=0.0)
        bottom = min((b.box[1] for b in result.blocks if b.kind is BlockKind.PAGE_FOOTER), default=result.height)
        if top > bottom:  # a "header" at the foot of the page
            top, bottom = 0.0, result.height
        ends = {"TopMargin": (0.0, top), "BottomMargin": (bottom, result.height), "PrintSpace": (top, bottom)}
        for space, rows in spaces.items():
            if rows or space == "PrintSpace":
                yield f"<{space} {_place((0.0, ends[space][0], result.width, ends[space][1]))}>"
                yield from rows
                yield f"</{space}>"
        yield "</Page>"

    def _block(self, block: Block) -> Iterator[str]:
        lines = [self._result.lines[index] for index in block.lines]
        tags = [f"kind_{block.kind.value}"]
        if block.level and block.kind in (BlockKind.TITLE, BlockKind.SECTION_HEADER):
            tags.append(f"level_{block.level}")
        if block.latex:
            tag = self._id("f")
            self.formulas[tag] = block.latex
            tags.append(tag)
        name = self._id("b")
        self.blocks.append(name)
        head = f'ID="{name}" {_place(block.box)} TAGREFS="{" ".join(tags)}"' + (' CS="true"' if block.human else "")
        if block.table is not None:
            yield f'<ComposedBlock {head} TYPE="{block.kind.value}">'
            if not any(cell.lines for cell in block.table.cells):
                yield from self._text(f'ID="{self._id("b")}" {_place(block.box)}', lines)
            yield from self._table(block)
            yield "</ComposedBlock>"
        elif block.kind in _FIGURES and lines:
            yield f'<ComposedBlock {head} TYPE="{block.kind.value}">'
            yield f'<Illustration ID="{self._id("b")}" {_place(block.box)} TYPE="{block.kind.value}"/>'
            yield from self._text(f'ID="{self._id("b")}" {_place(block.box)}', lines)
            yield "</ComposedBlock>"
        elif block.kind in _FIGURES:
            yield f'<Illustration {head} TYPE="{block.kind.value}"/>'
        elif not lines:
            yield f"<TextBlock {head}{self._language}>"
            if block.latex:
                yield f"<TextLine><String CONTENT={attribute(block.latex)}/></TextLine>"
            yield "</TextBlock>"
        else:
            yield from self._text(head, lines)

    def _table(self, block: Block) -> Iterator[str]:
        """The rows of a table, each of which holds its cells: ALTO itself knows no tables."""
        table = block.table
        for _, row in groupby(table.cells if table else (), key=lambda cell: cell.row):
            yield f'<ComposedBlock ID="{self._id("b")}" TYPE="row">'
            for cell in row:
                lines = [self._result.lines[index] for index in cell.lines]
                head = f'ID="{self._id("b")}"' + (f" {_place(cell.box)}" if cell.box else "")
                if lines:
                    yield from self._text(head, lines)
                    continue
                yield f"<TextBlock {head}{self._language}>"
                for text in cell.text.split("\n"):
                    if words := text.split():
                        strings = "<SP/>".join(f"<String CONTENT={attribute(word)}/>" for word in words)
                        yield f"<TextLine>{strings}</TextLine>"
                yield "</TextBlock>"
            yield "</ComposedBlock>"

    def _text(self, head: str, lines: Sequence[Line]) -> Iterator[str]:
        """A block of lines; nothing where there are none."""
        lines = [line for line in lines if line.text.strip()]
        if not lines:
            return
        backwards = sum(is_right_to_left(line.text) for line in lines) * 2 > len(lines)
        yield f'<TextBlock {head}{self._language} BASEDIRECTION="{"rtl" if backwards else "ltr"}">'
        divided = [_divided(line, after) for line, after in pairwise(lines)]
        for line, before, after in zip(lines, (None, *divided), (*divided, None), strict=True):
            yield self._line(line, before, after)
        yield "</TextBlock>"

    def _line(self, line: Line, before: str | None, after: str | None) -> str:
        """A line; `before` and `after` are words that are divided at its start and at its end."""
        words = words_of(line)
        parts = []
        for number, (word, spaced) in enumerate(words):
            text, box, more = word.text, polygon_box(word.polygon), ""
            last = number == len(words) - 1
            if last and after is not None:
                more = f' SUBS_TYPE="HypPart1" SUBS_CONTENT={attribute(after)}'
                text = text[:-1]
            elif number == 0 and before is not None:
                more = f' SUBS_TYPE="HypPart2" SUBS_CONTENT={attribute(before)}'
            shape = _shape(word.polygon)
            parts.append(
                f'<String ID="{self._id("s")}" {_place(box)} WC="{_number(word.confidence)}" '
                f"CONTENT={attribute(text)}{more}" + (f">{shape}</String>" if shape else "/>")
            )
            if spaced and not last:
                parts.append(_space(box, polygon_box(words[number + 1].word.polygon)))
        if after is not None:
            parts.append(f"<HYP CONTENT={attribute(words[-1].word.text[-1])}/>")
        (ax, ay), (bx, by) = baseline(line.polygon)
        return (
            f'<TextLine ID="{self._id("l")}" {_place(polygon_box(line.polygon))} '
            f'BASELINE="{_number(ax)},{_number(ay)} {_number(bx)},{_number(by)}"'
            + (' CS="true"' if line.human else "")
            + f">{_shape(line.polygon)}{''.join(parts)}</TextLine>"
        )

    def _id(self, what: str) -> str:
        self._counts[what] = number = self._counts.get(what, 0) + 1
        return f"{self._name}_{what}{number}"


def _divided(line: Line, after: Line) -> str | None:
    """The word that a hyphen divides between two lines, None where there is none."""
    first, second = words_of(line)[-1].word.text, words_of(after)[0].word.text
    if len(first) < 2 or first[-1] not in HYPHENS:
        return None
    whole = join_two(first, second)
    return whole if whole == first[:-1] + second else None


def _space(left: Box, right: Box) -> str:
    """The space between two words; those of right-to-left text come from the right."""
    if right[0] < left[0]:
        left, right = right, left
    place = _place((min(left[2], right[0]), left[1], max(left[2], right[0]), left[3]))
    return f"<SP {place}/>"


def _shape(polygon: Polygon) -> str:
    """A polygon that is not an upright box."""
    if polygon == box_polygon(polygon_box(polygon)):
        return ""
    points = " ".join(f"{_number(x)},{_number(y)}" for x, y in zip(polygon[0::2], polygon[1::2], strict=True))
    return f'<Shape><Polygon POINTS="{points}"/></Shape>'


def _place(box: Box) -> str:
    x0, y0, x1, y1 = box
    return f'HPOS="{_number(x0)}" VPOS="{_number(y0)}" WIDTH="{_number(x1 - x0)}" HEIGHT="{_number(y1 - y0)}"'


def _confidence(lines: Sequence[Line]) -> float:
    characters = sum(len(line.text) for line in lines)
    return min(1.0, sum(line.confidence * len(line.text) for line in lines) / characters) if characters else 0.0


def _number(value: float) -> str:
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text
