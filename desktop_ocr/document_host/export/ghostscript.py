"""A PDF made into a PDF/A-2b by Ghostscript, where that is installed: it alone rewrites any PDF's fonts and colours."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from desktop_ocr.document_host.export.pdf_archive import srgb_profile

SECONDS = 240.0  # less than an export may take: then an ordinary PDF is written
_NAMES = ("gs", "gswin64c", "gswin32c")
# Ghostscript's own marks: the colours that are meant. Names are PostScript's; the profile lies beside.
_DEFINITION = """%%!
[ /_objdef {icc_PDFA} /type /stream /OBJ pdfmark
[ {icc_PDFA} << /N 3 >> /PUT pdfmark
[ {icc_PDFA} (%s) (r) file /PUT pdfmark
[ /_objdef {OutputIntent_PDFA} /type /dict /OBJ pdfmark
[ {OutputIntent_PDFA} << /Type /OutputIntent /S /GTS_PDFA1 /DestOutputProfile {icc_PDFA}
  /OutputConditionIdentifier (sRGB) /Info (sRGB IEC61966-2.1) >> /PUT pdfmark
[ {Catalog} << /OutputIntents [ {OutputIntent_PDFA} ] >> /PUT pdfmark
"""
_PART = re.compile(rb"<pdfaid:part>2</pdfaid:part>|pdfaid:part=['\"]2['\"]")
_CHANGING = re.compile(
    rb"(/(?:Creation|Mod)Date\(D:)(\d{14}Z00'00')"
    rb"|(<xmp:(?:Modify|Create)Date>)(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"
    rb"|(uuid:)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    rb"|(/ID ?\[)(<[0-9A-F]{32}><[0-9A-F]{32}>)"
)


class NotPossible(Exception):  # noqa: N818
    """No PDF/A could be made; the text says why, in half a sentence."""


def program() -> str | None:
    """Where Ghostscript is, None where it is not installed."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


def make_archive(source: Path, target: Path, *, inks: bool = False, dated: bool = False) -> None:
    """Write a PDF/A-2b of a PDF that needs no password. Pictures keep their pixels; the same PDF gives the same bytes.

    Args:
        source, target: the PDF, and what is made of it.
        inks: it holds colours mixed of printers' inks (CMYK): then all colours become RGB.
        dated: it says when it was made. Otherwise that is taken to be when its file was.

    Raises:
        NotPossible: it cannot be made.
        OSError: a file cannot be written.
    """
    found = program()
    if found is None:
        raise NotPossible("PDF/A of a PDF needs Ghostscript, which is not installed")
    with tempfile.TemporaryDirectory(prefix="desktop-ocr-gs-") as folder:
        profile = Path(folder) / "srgb.icc"
        profile.write_bytes(srgb_profile())
        definition = Path(folder) / "pdfa.ps"
        definition.write_text(_DEFINITION % _postscript(str(profile)), encoding="utf-8")
        made = Path(folder) / "made.pdf"
        command = [
            *_dying_with_us(),
            found,
            *("-dBATCH", "-dNOPAUSE", "-dQUIET", "-dSAFER", f"--permit-file-read={profile}"),
            *("-sDEVICE=pdfwrite", "-dPDFA=2", "-dPDFACompatibilityPolicy=1"),
            f"-sColorConversionStrategy={'RGB' if inks else 'LeaveColorUnchanged'}",
            # Pictures keep their pixels: JPEGs are taken over as they are, the rest is packed without loss.
            *("-dDownsampleColorImages=false", "-dDownsampleGrayImages=false", "-dDownsampleMonoImages=false"),
            *("-dPassThroughJPEGImages=true", "-dPassThroughJPXImages=true"),
            *("-dAutoFilterColorImages=false", "-dColorImageFilter=/FlateEncode"),
            *("-dAutoFilterGrayImages=false", "-dGrayImageFilter=/FlateEncode"),
            f"-sOutputFile={made}",
            str(definition),
            # A name that begins with a hyphen would be an option.
            os.path.abspath(source),  # noqa: PTH100
        ]
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False, cwd=folder
            )
        except subprocess.TimeoutExpired:
            raise NotPossible("Ghostscript took too long") from None
        if done.returncode != 0 or not made.exists():
            raise NotPossible("Ghostscript could not convert the document")
        data = made.read_bytes()
    if not _PART.search(data):  # Ghostscript writes an ordinary PDF where it had to give up
        raise NotPossible("the document holds what PDF/A does not allow")
    target.write_bytes(_settled(data, source.stat().st_mtime, dated=dated))


def _settled(data: bytes, modified: float, *, dated: bool) -> bytes:
    """The PDF with other dates and names of the same length in the place of those that are new each time."""
    when = datetime.fromtimestamp(int(modified), UTC)
    digest = hashlib.sha256(_CHANGING.sub(b"", data)).hexdigest()
    name = f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}".encode()
    info, xmp = f"{when:%Y%m%d%H%M%SZ00'00'}".encode(), f"{when:%Y-%m-%dT%H:%M:%SZ}".encode()

    def other(found: re.Match[bytes]) -> bytes:
        before, old = (part for part in found.groups() if part is not None)
        if b"Creat" in before and dated:
            return found.group()
        if b"uuid" in before:
            return before + name
        if b"/ID" in before:
            return before + b"<%s><%s>" % (digest[:32].upper().encode(), digest[:32].upper().encode())
        new = xmp if b"xmp" in before else info
        return before + new if len(new) == len(old) else found.group()

    return _CHANGING.sub(other, data)


def _postscript(text: str) -> str:
    return text.replace("\\", "/").replace("(", "\\(").replace(")", "\\)")


def _dying_with_us() -> list[str]:
    """Ghostscript ends with the host, however that ends (Linux)."""
    found = shutil.which("setpriv") if sys.platform == "linux" else None
    return [found, "--pdeathsig", "KILL"] if found else []
