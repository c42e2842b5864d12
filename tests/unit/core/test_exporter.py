from __future__ import annotations

from pathlib import Path

from desktop_ocr.core.exporter import target_name


def test_names_of_outputs() -> None:
    scan = Path("/in/scan.pdf")
    assert target_name(scan, "md", Path("/out")) == Path("/out/scan.md")
    assert target_name(scan, "pdf", Path("/out")) == Path("/out/scan.pdf")
    assert target_name(scan, "pdf", Path("/in")) == Path("/in/scan.ocr.pdf")
    assert target_name(scan, "txt", Path("/out"), full_name=True) == Path("/out/scan.pdf.txt")
