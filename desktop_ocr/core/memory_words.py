"""Sentences about memory that the window and the command line share."""

from __future__ import annotations

from desktop_ocr.schema.memory import FreeReport


def size_words(megabytes: float) -> str:
    """ "812 MB" or "3.4 GB"; a figure below zero counts as zero."""
    if megabytes < 999.5:
        return f"{max(0, round(megabytes))} MB"
    return f"{megabytes / 1000:.1f} GB"


def free_words(report: FreeReport) -> str:
    """What giving memory back has brought, in one or two sentences.

    "Freed 1.8 GB of GPU memory and 620 MB of RAM; Desktop OCR now holds 0 MB and 118 MB." Without a figure of the
    GPU's: "Freed 620 MB of RAM; Desktop OCR now holds 118 MB."
    """
    ram, holds = size_words(report.ram_before - report.ram_after), size_words(report.ram_after)
    if report.vram_before is None or report.vram_after is None:
        words = f"Freed {ram} of RAM; Desktop OCR now holds {holds}."
    else:
        vram = size_words(report.vram_before - report.vram_after)
        words = (
            f"Freed {vram} of GPU memory and {ram} of RAM;"
            f" Desktop OCR now holds {size_words(report.vram_after)} and {holds}."
        )
    count = len(report.paused)
    if count == 1:
        return f"{words} 1 document is paused: resume it in the window, or with 'desktop-ocr resume'."
    if not count:
        return words
    return f"{words} {count} documents are paused: resume them in the window, or with 'desktop-ocr resume'."
