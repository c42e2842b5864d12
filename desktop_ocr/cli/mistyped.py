"""Subcommands that were mistyped: `desktop-ocr conver x.pdf` would open a window on a file "conver" that is not."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence

ALIKE = 0.7  # "doctro" and "doctor" are 0.83, "free.pdf" and "free" 0.67
ABBREVIATION = 3  # letters at least


def meant(words: Sequence[str], commands: Sequence[str]) -> str | None:
    """The subcommand that the first word was meant to be, or None where it is a file, an option, or like nothing."""
    if not words:
        return None
    word = words[0].lower()
    if not word.isalpha() or os.path.lexists(words[0]):
        return None
    if len(word) >= ABBREVIATION:
        starting = [command for command in commands if command.startswith(word)]
        if len(starting) == 1:
            return starting[0]
    return next(iter(difflib.get_close_matches(word, commands, n=1, cutoff=ALIKE)), None)
