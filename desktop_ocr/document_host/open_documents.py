"""A few documents kept open, so that page after page does not open the file anew."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from desktop_ocr.document_host.document import Document
from desktop_ocr.document_host.opening import open_document, reading_error
from desktop_ocr.schema.document_messages import Source

KEPT_OPEN = 2

_Key = tuple[str, str | None, int, int, int]


class OpenDocuments:
    """Least recently used documents are closed; a file that has changed on disk is opened anew."""

    def __init__(self, limit: int = KEPT_OPEN) -> None:
        """Keep at most `limit` documents open."""
        self._limit = limit
        self._documents: OrderedDict[_Key, Document] = OrderedDict()

    def get(self, source: Source) -> Document:
        """The opened document.

        Raises:
            DesktopOcrError: it cannot be opened; see `opening.open_document`.
        """
        try:
            status = Path(source.path).stat()
        except OSError as error:
            raise reading_error(error) from error
        except ValueError:  # a NUL character in the name: opening it says so
            return open_document(source)
        # Another file put in its place may have its age and its size.
        key = (source.path, source.password, status.st_mtime_ns, status.st_size, status.st_ino)
        document = self._documents.get(key)
        if document is None:
            for old in [known for known in self._documents if known[0] == source.path]:
                self._documents.pop(old).close()
            document = open_document(source)
            self._documents[key] = document
            while len(self._documents) > self._limit:
                self._documents.popitem(last=False)[1].close()
        self._documents.move_to_end(key)
        return document

    def close(self) -> None:
        """Close them all."""
        while self._documents:
            self._documents.popitem()[1].close()
