"""What a file is, by its first bytes; endings lie."""

from __future__ import annotations

HEAD_BYTES = 2048

# Signatures from the formats' own specifications; "MPO" and the like are JPEG to a person.
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"MM\x00+", "TIFF"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
)

_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "an Office document, e-book or archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "PostScript"),
    (b"AT&TFORM", "DjVu"),
    (b"<?xml", "an XML or SVG file"),
    (b"<svg", "an SVG file"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"8BPS", "a Photoshop picture"),
)


def sniff(head: bytes) -> str | None:
    """The format's name from a file's first `HEAD_BYTES` bytes, or None where it is none that we read."""
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    # A BMP has its header's size at byte 14 (12 or 16 for OS/2, 40 to 124 for Windows).
    if (
        head[:2] == b"BM"
        and len(head) > 18
        and head[15:18] == b"\0\0\0"
        and head[14] in (12, 16, 40, 52, 56, 64, 108, 124)
    ):
        return "BMP"
    # Readers allow rubbish before a PDF's header, within the first 1024 bytes.
    if b"%PDF-" in head[:1024]:
        return "PDF"
    return None


def describe_other(head: bytes) -> str | None:
    """What a file that we do not read seems to be, in a few words, or None."""
    for signature, name in _OTHERS:
        if head.startswith(signature):
            return name
    if head[4:8] == b"ftyp":
        if head[8:12] in (b"heic", b"heix", b"mif1", b"heim", b"heis", b"hevc"):
            return "a HEIC picture"
        if head[8:12] in (b"avif", b"avis"):
            return "an AVIF picture"
        return "a video"
    return None
