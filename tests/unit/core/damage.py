"""Ledgers that hold something, and ways to damage them."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import msgspec

from desktop_ocr.core.ledger import Ledger, PageCost, PageKey, options_key
from desktop_ocr.core.ledger_checks import LOST_NAME
from desktop_ocr.core.owners import process_owner
from desktop_ocr.schema.document_messages import DocumentInfo
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import JobOptions, JobState
from desktop_ocr.schema.results import Block, BlockKind, Line, PageResult, PageSource

Texts = dict[tuple[str, int], str]
"""By path and page: what is shown of it."""

OPTIONS = JobOptions(dpi=300)
EDITED = "corrected by hand"


def page_result(path: str, page: int, lines: int = 40) -> PageResult:
    """A page of the size that pages are, which says whose it is."""
    chance = random.Random(f"{path} {page}")
    made = []
    for number in range(lines):
        words = " ".join("".join(chance.choices("abcdefghijklmnop", k=6)) for _ in range(8))
        y = 10.0 * number
        made.append(Line(f"{path} {page} {number} {words}", (1.0, y, 90.0, y, 90.0, y + 9, 1.0, y + 9), 0.9))
    block = Block(BlockKind.TEXT, (1.0, 0.0, 90.0, 10.0 * lines), tuple(range(lines)))
    return PageResult(page, 100, 10 * lines + 10, 100.0, 0, PageSource.RECOGNISED, tuple(made), (block,))


def fill(file: Path, documents: int = 4, pages: int = 50) -> Texts:
    """Make a ledger with documents that are done, every tenth page of them corrected; returns what it shows."""
    ledger = Ledger(file)
    texts: Texts = {}
    for number in range(documents):
        path = f"/papers/{number}.pdf"
        job = ledger.add_job(path, OPTIONS, "", process_owner())
        info = DocumentInfo("PDF", pages, f"{number:064x}", 1000 + number)
        key = PageKey(ledger.set_document(job, info), options_key(OPTIONS))
        for page in range(pages):
            result = page_result(path, page)
            ledger.commit_page(key, result, PageCost(1.0))
            if page % 10 == 0:
                line = msgspec.structs.replace(result.lines[0], text=f"{path} {page} {EDITED}")
                result = msgspec.structs.replace(result, lines=(line, *result.lines[1:]))
                ledger.versions.add(key, page, result, "Change", on=ledger.versions.current(key, page).number)  # type: ignore[union-attr]
            texts[path, page] = text_of(result)
        ledger.set_state(job, JobState.DONE)
    ledger.close()
    return texts


def text_of(result: PageResult) -> str:
    """All of its lines."""
    return "\n".join(line.text for line in result.lines)


def invented(texts: Texts, found: Texts) -> Texts:
    """What is shown and was never there. A page whose correction was lost shows what was recognised.

    Where a document's name was lost, its pages are to be those of some document.
    """
    unnamed = {(page, text) for (_, page), text in texts.items()}
    unnamed |= {(page, text_of(page_result(path, page))) for path, page in texts}
    wrong: Texts = {}
    for (path, page), text in found.items():
        right = {texts[path, page], text_of(page_result(path, page))} if (path, page) in texts else set()
        if text not in right and not (LOST_NAME in path and (page, text) in unnamed):
            wrong[path, page] = text
    return wrong


def shown(ledger: Ledger) -> Texts:
    """What a ledger shows; pages that it says it cannot read are left out."""
    found: Texts = {}
    for job in ledger.jobs():
        if job.document is None or job.info is None:
            continue
        key = PageKey(job.document, options_key(job.options))
        try:
            for page, result, _ in ledger.results(key, list(range(job.info.pages))):
                if result is not None:
                    found[job.path, page] = text_of(result)
        except DesktopOcrError as error:
            if error.code is not ErrorCode.LEDGER:
                raise
    return found


def mark(file: Path) -> Path:
    """Say that it was found to be damaged, as a run does that comes across it."""
    marked = file.with_name(f"{file.name}-check")
    marked.touch()
    return marked


def flip_bytes(file: Path, chance: random.Random, count: int) -> None:
    """Change bytes anywhere."""
    data = bytearray(file.read_bytes())
    for _ in range(count):
        data[chance.randrange(len(data))] ^= chance.randrange(1, 256)
    file.write_bytes(data)


def spoil_pages(file: Path, chance: random.Random, count: int) -> None:
    """Overwrite pages of the file, as a disk does that goes bad: with noise, with zeros, or with another page."""
    data = bytearray(file.read_bytes())
    pages = len(data) // 4096
    for _ in range(count):
        at = chance.randrange(pages) * 4096
        other = chance.randrange(pages) * 4096
        filler = (chance.randbytes(4096), bytes(4096), bytes(data[other : other + 4096]))
        data[at : at + 4096] = chance.choice(filler)
    file.write_bytes(data)


def page_of_row(file: Path, table: str) -> int:
    """Where in the file the root of a table or index is, in bytes."""
    with sqlite3.connect(file) as db:
        root = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
    db.close()
    return (int(root) - 1) * 4096
