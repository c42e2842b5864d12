"""Makes tests/real/documents: typesets our own prose, then prints and scans it in software.

    python tests/real/make_documents.py [FOLDER]

Needs the fonts of fonts-dejavu and fonts-noto-cjk. The same fonts and library versions give the same files, but for
encrypted.pdf, whose keys are random.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import prose
import pymupdf
from PIL import ExifTags, Image, ImageDraw, ImageFilter, ImageFont

DPI = 200
A4 = (1654, 2339)
MARGIN = 190
DEJAVU = Path("/usr/share/fonts/truetype/dejavu")
NOTO = Path("/usr/share/fonts/opentype/noto")
FACES = {
    "serif": (DEJAVU / "DejaVuSerif.ttf", 0),
    "serif-bold": (DEJAVU / "DejaVuSerif-Bold.ttf", 0),
    "sans": (DEJAVU / "DejaVuSans.ttf", 0),
    "sans-bold": (DEJAVU / "DejaVuSans-Bold.ttf", 0),
    "mono": (DEJAVU / "DejaVuSansMono.ttf", 0),
    "chinese": (NOTO / "NotoSerifCJK-Regular.ttc", 2),
}
PASSWORD = "open sesame"  # noqa: S105 - told in the README there


def points(size: float) -> int:
    """Pixels for a size in points."""
    return round(size * DPI / 72)


def face(name: str, size: float) -> ImageFont.FreeTypeFont:
    """A font at a size in points."""
    path, index = FACES[name]
    return ImageFont.truetype(str(path), points(size), index=index)


class Sheet:
    """A sheet of paper that is written from top to bottom; `lines` is what stands on it, in reading order."""

    def __init__(self, size: tuple[int, int] = A4, margin: int = MARGIN) -> None:
        """A white sheet, in pixels."""
        self.image = Image.new("L", size, 255)
        self.draw = ImageDraw.Draw(self.image)
        self.lines: list[str] = []
        self.left, self.right, self.y = margin, size[0] - margin, margin

    def text(self, text: str, name: str = "serif", size: float = 11, *, align: str = "left", after: float = 8) -> None:
        """A paragraph, wrapped between `left` and `right`."""
        font = face(name, size)
        for line in self._wrapped(text, font):
            slack = self.right - self.left - font.getlength(line)
            x = self.left + {"left": 0, "centre": slack / 2, "right": slack}[align]
            self.draw.text((x, self.y), line, font=font, fill=0)
            self.lines.append(line)
            self.y += round(points(size) * 1.42)
        self.y += points(after)

    def row(self, cells: Sequence[str], name: str = "mono", size: float = 9) -> None:
        """A label on the left, a figure on the right."""
        font = face(name, size)
        self.draw.text((self.left, self.y), cells[0], font=font, fill=0)
        self.draw.text((self.right - font.getlength(cells[1]), self.y), cells[1], font=font, fill=0)
        self.lines.append(" ".join(cells))
        self.y += round(points(size) * 1.5)

    def table(self, rows: Sequence[Sequence[str]], shares: Sequence[float], size: float = 10) -> None:
        """A ruled table; the first row is its head."""
        height = round(points(size) * 2)
        edges = [self.left + round((self.right - self.left) * share) for share in (0, *shares)]
        for number, row in enumerate(rows):
            font = face("sans-bold" if number == 0 else "sans", size)
            for cell, x in zip(row, edges, strict=False):
                self.draw.text((x + 14, self.y + points(size) * 0.4), cell, font=font, fill=0)
            self.draw.line((edges[0], self.y, edges[-1], self.y), fill=0, width=3)
            self.lines.append(" ".join(row))
            self.y += height
        self.draw.line((edges[0], self.y, edges[-1], self.y), fill=0, width=3)
        for x in edges:
            self.draw.line((x, self.y - height * len(rows), x, self.y), fill=0, width=3)
        self.y += points(12)

    def footer(self, text: str) -> None:
        """A centred line at the foot of the page."""
        font = face("serif", 9)
        x = (self.image.width - font.getlength(text)) / 2
        self.draw.text((x, self.image.height - 130), text, font=font, fill=0)
        self.lines.append(text)

    def _wrapped(self, text: str, font: ImageFont.FreeTypeFont) -> list[str]:
        spaced = " " in text
        lines, line = [], ""
        for part in text.split() if spaced else text:
            longer = f"{line} {part}".strip() if spaced else line + part
            # Chinese punctuation does not begin a line.
            if line and font.getlength(longer) > self.right - self.left and part not in "\uff0c\u3002\u3001\uff1a":
                lines.append(line)
                line = part
            else:
                line = longer
        return [*lines, line]


def scan(
    sheet: Image.Image, seed: int, *, skew: float, ink: int = 45, shade: float = 18, grain: float = 6
) -> Image.Image:
    """What a flatbed scanner makes of a sheet: grey ink that has spread, grain, dust, uneven light, skew."""
    random = np.random.default_rng(seed)
    paper = 243
    soft = sheet.filter(ImageFilter.GaussianBlur(0.8))
    turned = np.asarray(soft.rotate(skew, Image.Resampling.BICUBIC, fillcolor=255), dtype=np.float32) / 255
    height, width = turned.shape
    fibre = np.asarray(
        Image.fromarray(random.normal(128, 40, (height // 2 + 1, width // 2 + 1)).clip(0, 255).astype(np.uint8)).resize(
            (width, height), Image.Resampling.BICUBIC
        ),
        dtype=np.float32,
    )
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    light = 1 - shade / 255 * ((xs / width - 0.3) ** 2 + (ys / height - 0.4) ** 2) * 2
    picture = (ink + (paper - ink) * turned) * light + (fibre - 128) * grain / 40
    for x, y in zip(random.integers(0, width, 40), random.integers(0, height, 40), strict=True):
        picture[y : y + 2, x : x + int(random.integers(1, 4))] -= 90
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))


def jpeg(image: Image.Image, quality: int = 45, **options: object) -> bytes:
    """JPEG with the resolution in it."""
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality, dpi=(DPI, DPI), **options)
    return stream.getvalue()


def letter() -> Sheet:
    """One page of prose."""
    sheet = Sheet()
    sheet.text(prose.SENDER[0], "serif-bold", 13, after=0)
    for line in prose.SENDER[1:]:
        sheet.text(line, after=0)
    sheet.y += points(26)
    sheet.text(prose.LETTER_DATE, align="right", after=18)
    for paragraph in prose.LETTER:
        sheet.text(paragraph)
    return sheet


def two_columns() -> Sheet:
    """A page of a newsletter: header, title over both columns, footer."""
    sheet = Sheet()
    sheet.text(prose.NEWSLETTER_HEADER, "sans", 8, after=14)
    sheet.text(prose.NEWSLETTER_TITLE, "serif-bold", 19, align="centre", after=14)
    top, middle = sheet.y, A4[0] // 2
    for column, paragraphs in enumerate((prose.LEFT_COLUMN, prose.RIGHT_COLUMN)):
        sheet.y = top
        sheet.left, sheet.right = (MARGIN, middle - 35) if column == 0 else (middle + 35, A4[0] - MARGIN)
        for heading, paragraph in paragraphs:
            sheet.text(heading, "sans-bold", 11, after=3)
            sheet.text(paragraph, "serif", 10)
    sheet.footer("17")
    return sheet


def receipt() -> Sheet:
    """A till roll."""
    sheet = Sheet((640, 900), 45)
    sheet.text(prose.SHOP[0], "mono", 14, align="centre", after=2)
    for line in prose.SHOP[1:]:
        sheet.text(line, "mono", 8, align="centre", after=0)
    sheet.y += points(10)
    for row in prose.ITEMS:
        sheet.row(row)
    sheet.y += points(6)
    for row in prose.TOTALS:
        sheet.row(row, size=11)
    sheet.y += points(10)
    for line in prose.THANKS:
        sheet.text(line, "mono", 8, align="centre", after=0)
    return sheet


def languages() -> Sheet:
    """German, French and Chinese on one page."""
    sheet = Sheet((A4[0], 1200), 120)
    for heading, paragraphs, name in prose.LANGUAGES:
        sheet.text(heading, "sans-bold" if name == "serif" else name, 15)
        for paragraph in paragraphs:
            sheet.text(paragraph, name, 11.5)
        sheet.y += points(10)
    return sheet


def report() -> list[Sheet]:
    """Three pages: prose, a ruled table, a list."""
    first, second, third = Sheet(), Sheet(), Sheet()
    first.text(prose.REPORT_TITLE, "sans-bold", 18, after=16)
    for paragraph in prose.REPORT_INTRODUCTION:
        first.text(paragraph)
    second.text(prose.REPORT_TABLE_HEADING, "sans-bold", 14, after=12)
    second.table(prose.REPORT_TABLE, (0.34, 0.56, 0.78, 1))
    second.text(prose.REPORT_TABLE_NOTE)
    third.text(prose.REPORT_LIST_HEADING, "sans-bold", 14, after=12)
    for number, item in enumerate(prose.REPORT_LIST, 1):
        third.text(f"{number}. {item}")
    for number, sheet in enumerate((first, second, third), 1):
        sheet.footer(f"Page {number} of 3")
    return [first, second, third]


def minutes() -> list[Sheet]:
    """Minutes of a meeting on three typewritten pages."""
    sheets = []
    for heading, paragraphs in prose.MINUTES:
        sheet = Sheet()
        sheet.text(heading, "mono", 12, after=14)
        for paragraph in paragraphs:
            sheet.text(paragraph, "mono", 10.5)
        sheets.append(sheet)
    return sheets


def story() -> Sheet:
    """A page of a story, for the pages that lie on their side."""
    sheet = Sheet()
    sheet.text(prose.STORY_TITLE, "serif-bold", 16, align="centre", after=16)
    for paragraph in prose.STORY:
        sheet.text(paragraph, size=11.5)
    return sheet


def pdf_of_scans(pictures: Sequence[bytes]) -> pymupdf.Document:
    """A PDF as an office scanner writes it: a JPEG a page."""
    document = pymupdf.open()
    for picture in pictures:
        page = document.new_page(width=595.44, height=842.04)
        page.insert_image(page.rect, stream=picture)
    return document


def write_page(document: pymupdf.Document, blocks: Sequence[tuple[str, float]]) -> str:
    """A born-digital page; returns its text."""
    page = document.new_page(width=595.44, height=842.04)
    body = "".join(f'<p style="font-size:{size}pt; margin:0 0 8pt 0">{text}</p>' for text, size in blocks)
    page.insert_htmlbox(pymupdf.Rect(68, 68, 527, 774), body, css="* {font-family: serif; line-height: 1.35}")
    return page.get_text(flags=pymupdf.TEXTFLAGS_TEXT & ~pymupdf.TEXT_PRESERVE_LIGATURES)


def finished(document: pymupdf.Document, **options: object) -> bytes:
    """The bytes of a PDF, with nothing in them that changes from day to day."""
    document.set_metadata({"title": "", "creationDate": "D:20260101000000Z", "modDate": "D:20260101000000Z"})
    document.subset_fonts()
    return document.tobytes(garbage=4, deflate=True, no_new_id=True, **options)


class Shelf:
    """The folder that the documents go to."""

    def __init__(self, folder: Path) -> None:
        """The folder is made if missing."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, name: str, data: bytes, pages: Sequence[str]) -> None:
        """A document, and its truth beside it: lines in reading order, a form feed between pages."""
        (self.folder / name).write_bytes(data)
        truth = "\f\n".join(text.strip() + "\n" for text in pages)
        (self.folder / f"{name}.txt").write_text(truth, encoding="utf-8")
        print(f"{name}: {len(data) / 1000:.0f} kB")


def truth_of(*sheets: Sheet) -> list[str]:
    """The text of each sheet."""
    return ["\n".join(sheet.lines) for sheet in sheets]


def make(folder: Path) -> None:
    """Write all documents."""
    shelf = Shelf(folder)
    sheet = letter()
    shelf.put("letter.jpg", jpeg(scan(sheet.image, 1, skew=0.7)), truth_of(sheet))
    sheet = two_columns()
    shelf.put("two_columns.jpg", jpeg(scan(sheet.image, 2, skew=-0.5)), truth_of(sheet))
    sheet = receipt()
    faded = scan(sheet.image, 3, skew=1.6, ink=120, shade=110, grain=10)
    shelf.put("receipt.jpg", jpeg(faded), truth_of(sheet))
    sheet = languages()
    shelf.put("languages.jpg", jpeg(scan(sheet.image, 4, skew=0.3)), truth_of(sheet))
    sheet = story()
    sideways = scan(sheet.image, 5, skew=-0.4).transpose(Image.Transpose.ROTATE_90)
    shelf.put("sideways.jpg", jpeg(sideways), truth_of(sheet))
    photo = scan(sheet.image, 6, skew=0.9, shade=140, grain=9).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    shelf.put("phone_exif.jpg", jpeg(photo, exif=exif), truth_of(sheet))
    shelf.put("sheet_without_text.jpg", jpeg(scan(Sheet().image, 7, skew=0), quality=40), [""])

    sheets = report()
    angles = (0.4, -0.8, 0.2)
    scans = [jpeg(scan(s.image, 10 + i, skew=angles[i])) for i, s in enumerate(sheets)]
    shelf.put("report_three_pages.pdf", finished(pdf_of_scans(scans)), truth_of(*sheets))

    sheets = minutes()
    greys = [scan(s.image, 20 + i, skew=0.5 - 0.4 * i) for i, s in enumerate(sheets)]
    pages = [grey.point(lambda level: 255 * (level > 150)).convert("1") for grey in greys]
    stream = io.BytesIO()
    pages[0].save(stream, "TIFF", compression="group4", dpi=(DPI, DPI), save_all=True, append_images=pages[1:])
    shelf.put("minutes_g4.tif", stream.getvalue(), truth_of(*sheets))

    digital = pymupdf.open()
    texts = [write_page(digital, blocks) for blocks in prose.HANDBOOK]
    shelf.put("born_digital.pdf", finished(digital), texts)
    locked = finished(digital, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw=PASSWORD, owner_pw=PASSWORD)
    shelf.put("encrypted.pdf", locked, texts)

    mixed = pymupdf.open()
    text = write_page(mixed, prose.HANDBOOK[0])
    sheet = two_columns()
    mixed.insert_pdf(pdf_of_scans([scans[0], jpeg(scan(sheet.image, 30, skew=0.6))]))
    # What an old scanner's own OCR left behind: invisible, and wrong.
    mixed[2].insert_textbox(pymupdf.Rect(60, 60, 535, 782), prose.BAD_LAYER, fontsize=10, render_mode=3)
    shelf.put("mixed.pdf", finished(mixed), [text, *truth_of(report()[0], sheet)])


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "documents")
