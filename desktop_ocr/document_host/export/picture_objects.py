"""A picture as a PDF image: a JPEG's bytes as they are, everything else without loss."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, TiffImagePlugin

from desktop_ocr.document_host.picture_file import PictureFile
from desktop_ocr.document_host.picture_pixels import to_rgb

FEW_COLOURS = 256
MIDDLE = 127  # of 255
JPEG_QUALITY = 85
_PNG_HEAD = 8
_JPEG_SPACES = {"L": "/DeviceGray", "RGB": "/DeviceRGB", "CMYK": "/DeviceCMYK"}


@dataclass(frozen=True)
class ImageObject:
    """A PDF image: its dictionary's entries, and its stream."""

    entries: str
    stream: bytes


def image_object(
    picture: PictureFile, image: Image.Image, *, scale: float = 1.0, plain_colours: bool = False
) -> ImageObject:
    """The picture of an opened frame, not turned.

    JPEG goes in unchanged. Two-level pictures become CCITT G4, as scanners make it, the others PNG's own deflated
    rows; 16-bit and transparent ones as they are shown: 8 bits, on a ground.

    Args:
        picture: the document.
        image: the frame.
        scale: less than 1 makes it smaller, see `shrunk_object`.
        plain_colours: what is mixed of printers' inks (CMYK) becomes RGB.
    """
    if scale < 1.0:
        image.load()
        plain = image.convert("L") if image.mode in ("1", "L") and "transparency" not in image.info else to_rgb(image)
        return shrunk_object(plain, scale, two_level=image.mode == "1")
    size = f"/Type /XObject /Subtype /Image /Width {image.width} /Height {image.height}"
    if picture.format == "JPEG" and image.mode in _JPEG_SPACES and not (plain_colours and image.mode == "CMYK"):
        decode = " /Decode [1 0 1 0 1 0 1 0]" if image.mode == "CMYK" and "adobe" in image.info else ""
        space = _JPEG_SPACES[image.mode]
        data = Path(picture.path).read_bytes()
        return ImageObject(f"{size} /ColorSpace {space} /BitsPerComponent 8 /Filter /DCTDecode{decode}", data)
    image.load()
    if image.mode == "1" and (fax := _fax_object(size, image)) is not None:
        return fax
    return _deflated_object(size, image)


def shrunk_object(image: Image.Image, scale: float, *, two_level: bool) -> ImageObject:
    """A picture, grey or RGB, made smaller: of two levels as CCITT G4, few colours without loss, others as JPEG."""
    few = image.getcolors(FEW_COLOURS) is not None and image.mode == "RGB"
    small = image.resize(
        (max(1, round(image.width * scale)), max(1, round(image.height * scale))), Image.Resampling.LANCZOS
    )
    size = f"/Type /XObject /Subtype /Image /Width {small.width} /Height {small.height}"
    if two_level:
        return _fax_object(size, small.point(lambda level: 255 * (level > MIDDLE)).convert("1")) or _deflated_object(
            size, small
        )
    if few:
        return _deflated_object(size, small)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=JPEG_QUALITY)
    return ImageObject(
        f"{size} /ColorSpace {_JPEG_SPACES[small.mode]} /BitsPerComponent 8 /Filter /DCTDecode", out.getvalue()
    )


def _fax_object(size: str, image: Image.Image) -> ImageObject | None:
    """A two-level picture; None where it cannot be packed so."""
    fax = _group4(image)
    if fax is None:
        return None
    return ImageObject(
        f"{size} /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode "
        f"/DecodeParms << /K -1 /Columns {image.width} /Rows {image.height} {fax[1]} >>",
        fax[0],
    )


def _deflated_object(size: str, image: Image.Image) -> ImageObject:
    palette = None
    if image.mode == "P" and "transparency" not in image.info and (table := image.getpalette("RGB")):
        palette = bytes(table)
    elif image.mode not in ("1", "L") or "transparency" in image.info:
        image = to_rgb(image)
    data, depth = _png_rows(image)
    space, colours = ("/DeviceRGB", 3) if image.mode == "RGB" else ("/DeviceGray", 1)
    if palette is not None:
        space = f"[/Indexed /DeviceRGB {len(palette) // 3 - 1} <{palette.hex()}>]"
    return ImageObject(
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


def _group4(image: Image.Image) -> tuple[bytes, str] | None:
    """A two-level picture in CCITT G4, through a TIFF of one strip, and what PDF needs to know of its polarity.

    None where the TIFF writer does not make what is wanted.
    """
    out = io.BytesIO()
    image.save(out, "TIFF", compression="group4", strip_size=((image.width + 7) // 8) * image.height)
    with Image.open(out) as tiff:
        tags = tiff.tag_v2  # type: ignore[attr-defined]
        offsets, counts = tags[TiffImagePlugin.STRIPOFFSETS], tags[TiffImagePlugin.STRIPBYTECOUNTS]
        white_is_zero = tags[TiffImagePlugin.PHOTOMETRIC_INTERPRETATION] == 0
    if len(offsets) != 1:
        return None
    data = out.getvalue()
    # Where 0 is black to the TIFF, its runs of "black" are white: PDF turns them round with /BlackIs1.
    return data[offsets[0] : offsets[0] + counts[0]], "" if white_is_zero else "/BlackIs1 true"
