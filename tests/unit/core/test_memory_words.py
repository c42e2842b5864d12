from __future__ import annotations

import pytest

from desktop_ocr.core.memory_words import free_words, size_words
from desktop_ocr.schema.memory import FreeReport


@pytest.mark.parametrize(
    ("megabytes", "words"),
    [(-3.0, "0 MB"), (0.4, "0 MB"), (118.2, "118 MB"), (999.4, "999 MB"), (999.6, "1.0 GB"), (1840.0, "1.8 GB")],
)
def test_sizes(megabytes: float, words: str) -> None:
    assert size_words(megabytes) == words


def test_what_was_freed() -> None:
    assert free_words(FreeReport(738.0, 118.0, 1800.0, 0.0)) == (
        "Freed 1.8 GB of GPU memory and 620 MB of RAM; Desktop OCR now holds 0 MB and 118 MB."
    )


def test_without_a_gpu() -> None:
    assert free_words(FreeReport(738.0, 118.0)) == "Freed 620 MB of RAM; Desktop OCR now holds 118 MB."
    # A driver that told before, and not after: half a sentence about it would be a guess.
    assert free_words(FreeReport(738.0, 118.0, 1800.0)) == "Freed 620 MB of RAM; Desktop OCR now holds 118 MB."


def test_nothing_to_free() -> None:
    assert free_words(FreeReport(118.0, 119.0)) == "Freed 0 MB of RAM; Desktop OCR now holds 119 MB."


def test_paused_documents_are_told() -> None:
    assert free_words(FreeReport(1.0, 1.0, paused=(7,))).endswith(
        " 1 document is paused: resume it in the window, or with 'desktop-ocr resume'."
    )
    assert free_words(FreeReport(1.0, 1.0, paused=(7, 8))).endswith(
        " 2 documents are paused: resume them in the window, or with 'desktop-ocr resume'."
    )
