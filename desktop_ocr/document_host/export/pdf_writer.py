"""Writes a new PDF object by object, so that memory does not grow with its pages."""

from __future__ import annotations

import hashlib
from pathlib import Path

from desktop_ocr.document_host.export.writing import close_output

CATALOG, PAGES = 1, 2


class PdfWriter:
    """A PDF 1.7 file in the making. The same calls give the same bytes: no dates, and an /ID made of the content."""

    def __init__(self, path: Path) -> None:
        """Begin the file.

        Raises:
            OSError: it cannot be written.
        """
        self._file = path.open("wb")
        self._offsets: dict[int, int] = {}
        self._next = PAGES + 1
        self._at = 0
        self._digest = hashlib.md5(usedforsecurity=False)
        self._pages: list[int] = []
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def reserve(self) -> int:
        """The number of an object that is written later."""
        number = self._next
        self._next += 1
        return number

    def add(self, entries: str, stream: bytes | None = None, *, number: int | None = None) -> int:
        """Write an object, a dictionary of `entries` with a stream or without; returns its number."""
        number = self.reserve() if number is None else number
        self._offsets[number] = self._at
        if stream is None:
            self._write(f"{number} 0 obj\n<< {entries} >>\nendobj\n".encode("ascii"))
        else:
            self._write(f"{number} 0 obj\n<< {entries} /Length {len(stream)} >>\nstream\n".encode("ascii"))
            self._write(stream)
            self._write(b"\nendstream\nendobj\n")
        return number

    def add_page(self, entries: str, *, number: int | None = None) -> None:
        """Write a page of `entries`, besides /Type and /Parent."""
        self._pages.append(self.add(f"/Type /Page /Parent {PAGES} 0 R {entries}", number=number))

    def finish(self, *, catalog: str = "", info: int = 0) -> None:
        """Write the page tree and the table of objects, and close the file.

        Args:
            catalog: further entries of the document's catalog.
            info: the number of the document's information, where there is some.
        """
        kids = " ".join(f"{page} 0 R" for page in self._pages)
        self.add(f"/Type /Pages /Kids [{kids}] /Count {len(self._pages)}", number=PAGES)
        self.add(f"/Type /Catalog /Pages {PAGES} 0 R {catalog}".rstrip(), number=CATALOG)
        table = self._at
        rows = [b"0000000000 65535 f \n"]
        for number in range(1, self._next):
            offset = self._offsets.get(number)
            rows.append(b"0000000000 65535 f \n" if offset is None else f"{offset:010d} 00000 n \n".encode("ascii"))
        name = self._digest.hexdigest()
        self._write(f"xref\n0 {self._next}\n".encode("ascii") + b"".join(rows))
        told = f" /Info {info} 0 R" if info else ""
        self._write(
            f"trailer\n<< /Size {self._next} /Root {CATALOG} 0 R{told} /ID [<{name}> <{name}>] >>\n"
            f"startxref\n{table}\n%%EOF\n".encode("ascii")
        )
        self._file.close()

    def close(self) -> None:
        """Close the file, finished or not."""
        close_output(self._file)

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._digest.update(data)
        self._at += len(data)
