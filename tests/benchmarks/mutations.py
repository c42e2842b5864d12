"""Files that somebody might have made on purpose: valid ones, broken in the ways that break programs. Seeded."""

from __future__ import annotations

import io
import random
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pymupdf
from PIL import Image, ImageDraw

KINDS = {".pdf": b"%PDF", ".png": b"\x89PNG", ".jpg": b"\xff\xd8\xff", ".tif": b"II*\0"}
NASTY = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
LARGEST_SEED = 200_000


class Seed(NamedTuple):
    """A valid file: where it comes from, what kind it is (a key of `KINDS`), and its bytes."""

    name: str
    suffix: str
    data: bytes


class Mutation(NamedTuple):
    """A broken file and how it came to be so: "truncated scan.pdf"."""

    name: str
    suffix: str
    data: bytes


def made_seeds() -> list[Seed]:
    """Small files of all kinds, made here."""
    seeds = [Seed(f"made-{name}", ".png", data) for name, data in _pngs()]
    seeds += [Seed(f"made-{name}", ".jpg", data) for name, data in _jpegs()]
    seeds += [Seed(f"made-{name}", ".tif", data) for name, data in _tiffs()]
    return seeds + [Seed(f"made-{name}", ".pdf", data) for name, data in _pdfs()]


def corpus_seeds(corpus: Path) -> list[Seed]:
    """The small files of a corpus, without those that are broken already."""
    seeds = []
    for file in sorted(corpus.rglob("*")):
        suffix = {".jpeg": ".jpg", ".tiff": ".tif"}.get(file.suffix.lower(), file.suffix.lower())
        if suffix in KINDS and "hostile" not in file.parts and file.stat().st_size <= LARGEST_SEED:
            seeds.append(Seed(file.name, suffix, file.read_bytes()))
    return seeds


def mutations(seeds: list[Seed], count: int, seed: int) -> Iterator[Mutation]:
    """So many broken files: as many of each kind, each way of breaking them in turn."""
    chance = random.Random(seed)
    by_kind = {suffix: [one for one in seeds if one.suffix == suffix] for suffix in KINDS}
    ways = list(_WAYS)
    for number in range(count):
        suffix = list(KINDS)[number % len(KINDS)]
        one = chance.choice(by_kind[suffix])
        way = ways[number // len(KINDS) % len(ways)]
        data = way(one, chance, by_kind[suffix])
        yield Mutation(f"{number:05d}-{way.__name__.strip('_')}-{one.name}", suffix, data)


def _flipped(seed: Seed, chance: random.Random, _: list[Seed]) -> bytes:
    data = bytearray(seed.data)
    for _ in range(chance.choice((1, 2, 8, 64))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def _flipped_early(seed: Seed, chance: random.Random, _: list[Seed]) -> bytes:
    """Headers are at the beginning."""
    data = bytearray(seed.data)
    for _ in range(chance.choice((1, 2, 4))):
        data[chance.randrange(min(len(data), 600))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    return bytes(data)


def _truncated(seed: Seed, chance: random.Random, _: list[Seed]) -> bytes:
    return seed.data[: chance.randrange(len(seed.data))]


def _spliced(seed: Seed, chance: random.Random, others: list[Seed]) -> bytes:
    """The beginning of one file, the end of another."""
    other = chance.choice(others).data
    return seed.data[: chance.randrange(len(seed.data))] + other[chance.randrange(len(other)) :]


def _inserted(seed: Seed, chance: random.Random, others: list[Seed]) -> bytes:
    other = chance.choice(others).data
    start, at = chance.randrange(len(other)), chance.randrange(len(seed.data))
    return seed.data[:at] + other[start : start + chance.randrange(1, 4000)] + seed.data[at:]


def _lying(seed: Seed, chance: random.Random, _: list[Seed]) -> bytes:
    """Fields that say how long, how many or where, say something else."""
    data = bytearray(seed.data)
    if seed.suffix == ".pdf":
        return _lying_pdf(bytes(data), chance)
    for _ in range(chance.choice((1, 1, 2, 3))):
        at, width = _length_field(data, seed.suffix, chance)
        value = chance.choice((*NASTY, chance.randrange(1 << 32))) & ((1 << 8 * width) - 1)
        order = "little" if seed.suffix == ".tif" and data[:2] == b"II" else "big"
        data[at : at + width] = value.to_bytes(width, order)
    return bytes(data)


def _duplicated(seed: Seed, chance: random.Random, _: list[Seed]) -> bytes:
    """A chunk, a segment, an object twice, or very often."""
    pieces = _pieces(seed)
    start, end = chance.choice(pieces)
    times = chance.choice((1, 2, 50, 1000 if end - start < 2000 else 2))
    at = chance.choice(pieces)[1]
    return seed.data[:at] + seed.data[start:end] * times + seed.data[at:]


def _removed(seed: Seed, chance: random.Random, _: list[Seed]) -> bytes:
    start, end = chance.choice(_pieces(seed))
    return seed.data[:start] + seed.data[end:]


def _exchanged(seed: Seed, chance: random.Random, _: list[Seed]) -> bytes:
    pieces = _pieces(seed)
    (a, b), (c, d) = sorted((chance.choice(pieces), chance.choice(pieces)))
    if c < b:
        return _truncated(seed, chance, [])
    data = seed.data
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def _zeroed(seed: Seed, chance: random.Random, _: list[Seed]) -> bytes:
    start = chance.randrange(len(seed.data))
    length = min(len(seed.data) - start, chance.randrange(1, 5000))
    return seed.data[:start] + bytes(length) + seed.data[start + length :]


_WAYS: tuple[Callable[[Seed, random.Random, list[Seed]], bytes], ...] = (
    _flipped,
    _truncated,
    _lying,
    _spliced,
    _duplicated,
    _flipped_early,
    _removed,
    _lying,
    _inserted,
    _exchanged,
    _zeroed,
)

_PDF_NUMBER = re.compile(
    rb"/(?:Length\d?|Count|Width|Height|BitsPerComponent|Size|Prev|First|N|Index|W|Columns|Colors|Predictor|Rotate|"
    rb"MediaBox|Kids|Parent|K|FirstChar|LastChar|Domain|Range|BBox|Matrix|XStep|YStep|UserUnit|P|R|V)\s*\[?\s*(-?\d+)"
)
_PDF_NASTY = (b"0", b"-1", b"1", b"65536", b"2147483647", b"-2147483648", b"4294967295", b"9" * 20, b"1e308", b"0.0001")
_PDF_OBJECT = re.compile(rb"\d+ \d+ obj.*?endobj", re.DOTALL)


def _lying_pdf(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 2, 5))):
        numbers = list(_PDF_NUMBER.finditer(data)) or list(re.finditer(rb"(\d+)", data[-400:]))
        if not numbers:
            return data
        start, end = chance.choice(numbers).span(1)
        data = data[:start] + chance.choice(_PDF_NASTY) + data[end:]
    return data


def _pieces(seed: Seed) -> list[tuple[int, int]]:
    """Where the chunks, segments or objects of a file are; somewhere, where it has none."""
    data = seed.data
    found: list[tuple[int, int]] = []
    if seed.suffix == ".png":
        at = 8
        while at + 12 <= len(data):
            end = at + 12 + int.from_bytes(data[at : at + 4], "big")
            found.append((at, end))
            at = end
    elif seed.suffix == ".jpg":
        at = 2
        while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
            end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
            found.append((at, end))
            at = end
    elif seed.suffix == ".pdf":
        found = [match.span() for match in _PDF_OBJECT.finditer(data)]
    else:
        found = [(at, at + 12) for at in _tiff_entries(data)]
    found = [(start, end) for start, end in found if start < end <= len(data)]
    return found or [(len(data) // 3, len(data) // 2)]


def _length_field(data: bytes, suffix: str, chance: random.Random) -> tuple[int, int]:
    """Where a field is that says how much follows, and its bytes."""
    start, _ = chance.choice(_pieces(Seed("", suffix, bytes(data))))
    if suffix == ".png":
        return chance.choice(((start, 4), (16, 4), (20, 4), (24, 1), (25, 1), (28, 1)))
    if suffix == ".jpg":
        return (start + 2, 2) if chance.random() < 0.6 else (min(start + 4 + chance.randrange(12), len(data) - 3), 1)
    return chance.choice(((start, 2), (start + 2, 2), (start + 4, 4), (start + 8, 4), (4, 4)))


def _tiff_entries(data: bytes) -> list[int]:
    """Where the 12-byte entries of a TIFF's directories are."""
    order = "<" if data[:2] == b"II" else ">"
    found: list[int] = []
    at, seen = struct.unpack_from(f"{order}I", data, 4)[0], set[int]()
    while at and at not in seen and at + 6 <= len(data):
        seen.add(at)
        (count,) = struct.unpack_from(f"{order}H", data, at)
        entries = [at + 2 + 12 * number for number in range(count)]
        found += [entry for entry in entries if entry + 12 <= len(data)]
        end = at + 2 + 12 * count
        at = struct.unpack_from(f"{order}I", data, end)[0] if end + 4 <= len(data) else 0
    return found


def _drawing(mode: str = "RGB", size: tuple[int, int] = (240, 160)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    for number in range(12):
        pen.line((0, 12 * number, size[0], 7 * number), fill=(20 * number, 99, 255 - 20 * number), width=3)
    pen.text((20, 40), "Received with thanks 123", fill="black")
    return image.convert(mode)


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _pngs() -> Iterator[tuple[str, bytes]]:
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        image = _drawing("L").convert("I;16") if mode == "I;16" else _drawing(mode)
        yield f"{mode.replace(';', '')}.png", _saved(image, "PNG", dpi=(200, 200))
    pixmap = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 60, 40), 0)
    yield "mupdf.png", pixmap.tobytes("png")


def _jpegs() -> Iterator[tuple[str, bytes]]:
    for mode in ("L", "RGB", "CMYK"):
        yield f"{mode}.jpg", _saved(_drawing(mode), "JPEG", quality=70)
    yield "progressive.jpg", _saved(_drawing(), "JPEG", progressive=True)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "maker"
    yield "turned.jpg", _saved(_drawing(), "JPEG", exif=exif, dpi=(300, 300), icc_profile=b"\0" * 200)


def _tiffs() -> Iterator[tuple[str, bytes]]:
    for packing in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
        yield f"{packing}.tif", _saved(_drawing(), "TIFF", compression=packing, dpi=(200, 200))
    for packing in ("group3", "group4"):
        yield f"{packing}.tif", _saved(_drawing("1"), "TIFF", compression=packing)
    pages = [_drawing("L", (80, 60)) for _ in range(4)]
    yield "pages.tif", _saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])


def _pdfs() -> Iterator[tuple[str, bytes]]:
    text = pymupdf.open()
    for number in range(3):
        page = text.new_page(width=300, height=400)
        page.insert_text((30, 50), f"Page {number + 1}: invoice of the third of May", fontsize=12)
        page.draw_rect(pymupdf.Rect(20, 80, 250, 200), color=(1, 0, 0))
    text.set_metadata({"title": "Invoice"})
    text.set_toc([[1, "First", 1], [2, "Second", 2]])
    yield "text.pdf", text.tobytes()
    yield "packed.pdf", text.tobytes(deflate=True, use_objstms=True, garbage=4)
    yield "locked.pdf", text.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="a", user_pw="")
    for name, data in (("jpeg", _saved(_drawing(), "JPEG")), ("flate", _saved(_drawing(), "PNG"))):
        scan = pymupdf.open()
        page = scan.new_page(width=300, height=200)
        page.insert_image(page.rect, stream=data)
        yield f"scan-{name}.pdf", scan.tobytes()
    form = pymupdf.open()
    page = form.new_page(width=300, height=200)
    field = pymupdf.Widget()
    field.field_name, field.field_type, field.rect = "name", pymupdf.PDF_WIDGET_TYPE_TEXT, pymupdf.Rect(20, 20, 200, 40)
    field.field_value = "somebody"
    page.add_widget(field)
    page.add_freetext_annot(pymupdf.Rect(20, 60, 200, 90), "a note")
    form.embfile_add("../../evil.txt", b"boo")
    yield "form.pdf", form.tobytes()
