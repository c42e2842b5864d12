"""A picture as a PDF image: a JPEG's bytes as they are, everything else without loss."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

from PIL import Image, TiffImagePlugin

from desktop_ocr.document_host.export.pdf_writer import PdfWriter
from desktop_ocr.document_host.picture_file import PictureFile
from desktop_ocr.document_host.picture_pixels import to_rgb

_PNG_HEAD = 8
_JPEG_SPACES = {"L": "/DeviceGray", "RGB": "/DeviceRGB", "CMYK": "/DeviceCMYK"}


def add_picture(writer: PdfWriter, picture: PictureFile, image: Image.Image) -> int:
    """Write the picture of an opened frame, not turned; returns the object's number.

    JPEG goes in unchanged. Two-level pictures become CCITT G4, as scanners make it, the others PNG's own deflated
    rows; 16-bit and transparent ones as they are shown: 8 bits, on a ground.
    """
    size = f"/Type /XObject /Subtype /Image /Width {image.width} /Height {image.height}"
    if picture.format == "JPEG" and image.mode in _JPEG_SPACES:
        inverted = image.mode == "CMYK" and "adobe" in image.info
        decode = " /Decode [1 0 1 0 1 0 1 0]" if inverted else ""
        space = _JPEG_SPACES[image.mode]
        data = Path(picture.path).read_bytes()
        return writer.add(f"{size} /ColorSpace {space} /BitsPerComponent 8 /Filter /DCTDecode{decode}", data)
    image.load()
    if image.mode == "1":
        return writer.add(
            f"{size} /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode "
            f"/DecodeParms << /K -1 /Columns {image.width} /Rows {image.height} /BlackIs1 true >>",
            _group4(image),
        )
    return _add_deflated(writer, size, image)


def _add_deflated(writer: PdfWriter, size: str, image: Image.Image) -> int:
    palette = None
    if image.mode == "P" and "transparency" not in image.info and (table := image.getpalette("RGB")):
        palette = bytes(table)
    elif image.mode != "L" or "transparency" in image.info:
        image = to_rgb(image)
    colours = 3 if image.mode == "RGB" else 1
    data, depth = _png_rows(image)
    space = {"RGB": "/DeviceRGB", "L": "/DeviceGray"}.get(image.mode, "/DeviceGray")
    if palette is not None:
        space = f"[/Indexed /DeviceRGB {len(palette) // 3 - 1} <{palette.hex()}>]"
    return writer.add(
        f"{size} /ColorSpace {space} /BitsPerComponent {depth} /Filter /FlateDecode /DecodeParms "
        f"<< /Predictor 15 /Colors {colours} /BitsPerComponent {depth} /Columns {image.width} >>",
        data,
    )


def _png_rows(image: Image.Image) -> tuple[bytes, int]:
    """The deflated rows of a picture as PNG packs them, which PDF reads as they are; and the bits a sample."""
    out = io.BytesIO()
    image.info.clear()
    image.save(out, "PNG", bits=8)
    png = out.getvalue()
    rows, at, depth = [], _PNG_HEAD, 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, chunk = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            depth = chunk[8]
        elif kind == b"IDAT":
            rows.append(chunk)
        at += length + 12
    return b"".join(rows), depth


def _group4(image: Image.Image) -> bytes:
    """A two-level picture in CCITT G4, through a TIFF of one strip; black is 1 there, as `/BlackIs1` says."""
    out = io.BytesIO()
    strip = TiffImagePlugin.ImageFileDirectory_v2()
    strip[TiffImagePlugin.ROWSPERSTRIP] = image.height
    image.save(
        out, "TIFF", compression="group4", tiffinfo=strip, strip_size=max(1, (image.width + 7) // 8) * image.height
    )
    with Image.open(out) as tiff:
        offsets = tiff.tag_v2[TiffImagePlugin.STRIPOFFSETS]  # type: ignore[attr-defined]
        counts = tiff.tag_v2[TiffImagePlugin.STRIPBYTECOUNTS]  # type: ignore[attr-defined]
        inverted = tiff.tag_v2[TiffImagePlugin.PHOTOMETRIC_INTERPRETATION] != 0  # type: ignore[attr-defined]
    if len(offsets) != 1 or inverted:
        raise OSError("the TIFF writer made several strips")
    data = out.getvalue()
    return data[offsets[0] : offsets[0] + counts[0]]


def deflated(data: bytes) -> bytes:
    """Page operators, packed."""
    return zlib.compress(data, 9)
