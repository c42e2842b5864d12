"""What a diagnostic dump must not say: where the user's home is, and what the documents are called.

Of a document's path only the ending is kept: "<document>.pdf". Names are found in three ways, because a line of a log
does not say where a name begins: documents that are known are looked for by name; a path that ends like a document
goes from its first slash to that ending, spaces included; so does what is quoted; and at last a single word. What is
not found: a name of several words that is no path, not quoted, and of no document that is known; its last word goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from desktop_ocr.core.inputs import SUFFIXES

DOCUMENT = "<document>"

_WRITTEN = (".txt", ".md", ".json", ".html", ".docx", ".xlsx", ".csv", ".xml", ".tsv", ".odt", ".rtf")
_ENDING = "(" + "|".join(re.escape(s) for s in sorted({*SUFFIXES, *_WRITTEN}, key=len, reverse=True)) + r")(?![\w])"
_PATTERNS = (
    re.compile(rf"(?<![\w.>])(?:~|[A-Za-z]:)?[/\\][^\n]*?{_ENDING}", re.IGNORECASE),
    re.compile(rf"(?<=['\"“‘])[^'\"“”‘’\n]*?{_ENDING}(?=['\"”’])", re.IGNORECASE),
    # From the word's first letter only: from each of them, a word of thousands of letters would take seconds.
    re.compile(rf"(?<![^\s'\"<>])[^\s'\"<>]+{_ENDING}", re.IGNORECASE),
)
_SHORTEST = 3  # letters of a name without an ending: shorter ones would be found in the middle of anything


class Redactor:
    """Takes names out of texts."""

    def __init__(self, documents: Iterable[str | Path] = (), home: Path | None = None) -> None:
        """Args:
        documents: paths of documents that are known.
        home: the user's home folder, if there is one.
        """
        paths = sorted({Path(document) for document in documents}, key=lambda path: len(str(path)), reverse=True)
        self._known = [pattern for path in paths for pattern in _known(path)]
        self._home = str(home) if home is not None and len(home.parts) > 1 else ""

    def text(self, text: str) -> str:
        """The text without names, and without what is no text: it fits into JSON."""
        for pattern in self._known:
            text = pattern.sub(_keep_ending, text)
        for pattern in _PATTERNS:
            text = pattern.sub(_keep_ending, text)
        if self._home:
            text = text.replace(self._home, "~")
        return text.encode(errors="replace").decode()

    def value(self, value: object) -> object:
        """The same for all texts in lists and dictionaries, keys included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.value(key): self.value(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        return value


def _known(path: Path) -> Iterable[re.Pattern[str]]:
    """The document with its folder, and its name with any ending: what was made of it is called so too."""
    yield re.compile(re.escape(str(path.parent / path.stem)) + r"(\.\w+)?(?!\w)" if path.stem else "(?!)")
    if path.suffix:
        yield re.compile(rf"(?<!\w){re.escape(path.stem)}(\.\w+)")
    elif len(path.name) >= _SHORTEST:
        yield re.compile(rf"(?<!\w){re.escape(path.name)}(\.\w+)?(?!\w)")


def _keep_ending(found: re.Match[str]) -> str:
    return DOCUMENT + (found[1] or "").lower()
