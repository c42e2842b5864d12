"""A PDF's pictures made smaller: those that have more pixels per inch than are wanted, and no others."""

from __future__ import annotations

import math

import pymupdf
from PIL import Image

from desktop_ocr.document_host import mupdf
from desktop_ocr.document_host.export.picture_objects import shrunk_object

WORTH_IT = 1.1  # times the limit: less above it is left as it is
SMALLEST = 16  # pixels: rules and dots stay


def scale_for(dpi: float, limit: int) -> float:
    """By how much a picture is made smaller: 1 where it is to stay as it is."""
    return limit / dpi if limit > 0 and dpi > WORTH_IT * limit else 1.0


def downsample(document: pymupdf.Document, limit: int) -> int:
    """Make pictures smaller where they stand on pages with more than `limit` pixels per inch.

    What stands on several pages counts where it is largest. Masks, pictures with transparency and pictures that
    MuPDF cannot decode stay as they are.

    Returns:
        How many were made smaller.
    """
    found: dict[int, float] = {}
    for number in range(document.page_count):
        for one in document[number].get_image_info(xrefs=True):
            a, b, c, d, _, _ = one["transform"]
            across, down = math.hypot(a, b), math.hypot(c, d)
            if one["xref"] and across > 0 and down > 0:
                dpi = 72.0 * max(one["width"] / across, one["height"] / down)
                found[one["xref"]] = min(dpi, found.get(one["xref"], dpi))
    done = 0
    for xref, dpi in sorted(found.items()):
        scale = scale_for(dpi, limit)
        if scale < 1.0 and _shrink(document, xref, scale):
            done += 1
    return done


def _shrink(document: pymupdf.Document, xref: int, scale: float) -> bool:
    def value(key: str) -> str:
        kind, text = document.xref_get_key(xref, key)
        return "" if kind == "null" else str(text)

    if value("SMask") or value("Mask") or value("ImageMask") == "true":
        return False
    try:
        pixels = pymupdf.Pixmap(document, xref)
        if pixels.colorspace is None or pixels.alpha or min(pixels.width, pixels.height) < SMALLEST:
            return False
        grey = pixels.colorspace.n == 1
        pixels = pymupdf.Pixmap(pymupdf.csGRAY if grey else pymupdf.csRGB, pixels)
        image = Image.frombytes("L" if grey else "RGB", (pixels.width, pixels.height), pixels.samples)
    except mupdf.ERRORS:
        return False
    made = shrunk_object(image, scale, two_level=grey and value("BitsPerComponent") == "1")
    before = len(document.xref_stream_raw(xref))
    if len(made.stream) >= before:
        return False
    document.update_object(xref, f"<< {made.entries} >>")
    document.update_stream(xref, made.stream, compress=False)
    # MuPDF takes a new stream for unpacked: what packs it is said afterwards.
    document.update_object(xref, f"<< {made.entries} /Length {len(made.stream)} >>")
    return True
