"""What exports cost, and whether others find in them what was recognised.

    python -m tests.benchmarks.exports FOLDER [--pages 100]

FOLDER holds stored pages: PDFs and pictures, and beside them what `desktop-ocr convert --format json` made of them. A
document of so many pages is put together from their pages, again and again, and exported in every format, without
recognising anything. Seconds are the processor's, of this process, and of the clock, each the least of some tries;
ratios are of one run.

The searchable PDF is compared with three things that PyMuPDF does with the same document:
- opening and saving it, which moves bytes and writes no word;
- inserting its pages into a new document, saved with everything packed and nothing twice;
- writing the same words itself, invisibly, each as wide as it was recognised: another program at the same work.
"""

from __future__ import annotations

import argparse
import hashlib
import html
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path

import msgspec
import pymupdf

from desktop_ocr.document_host.handler import DocumentHandler
from desktop_ocr.schema.document_messages import Exported, ExportPage, FinishExport, Source, StartExport
from desktop_ocr.schema.exports import FORMATS, ExportOptions
from desktop_ocr.schema.results import Box, PageResult, PageSource, polygon_box

TRIES = 7
_WORD = re.compile(r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>')
_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class _Page(msgspec.Struct):
    page: int
    result: PageResult | None


class _File(msgspec.Struct):
    file: str
    pages: list[_Page]


def stored_pages(folder: Path) -> Iterator[tuple[Path, PageResult]]:
    """The recognised pages of a folder, and the documents that they are of."""
    for stored in sorted(folder.glob("*.json")):
        told = msgspec.json.decode(stored.read_bytes(), type=_File)
        for page in told.pages:
            if page.result is not None and page.result.source is PageSource.RECOGNISED:
                yield folder / told.file, page.result


def long_document(folder: Path, target: Path, pages: int) -> list[PageResult]:
    """Put a document together from pages with results, and return the results as those of its pages."""
    found = list(stored_pages(folder))
    if not found:
        raise SystemExit(f"There are no recognised pages in {folder}.")
    results = []
    with pymupdf.open() as made:
        for number, (path, result) in enumerate(islice(cycle(found), pages)):
            with pymupdf.open(path) as opened:
                document = opened if opened.is_pdf else pymupdf.open("pdf", opened.convert_to_pdf())
                made.insert_pdf(document, from_page=result.page, to_page=result.page)
            # The page is the upright bitmap at its resolution; another scale of the page is another resolution.
            shown = made[number].rect
            upright = result.width if result.rotation in (0, 180) else result.height
            results.append(msgspec.structs.replace(result, page=number, dpi=upright / (shown.width / 72)))
        made.save(target, deflate=True)
    return results


def export(kind: str, source: Path, results: list[PageResult], target: Path, options: ExportOptions) -> Exported:
    """Export pages as the program does, but in this process."""
    handler = DocumentHandler()
    try:
        handler(StartExport(1, kind, Source(str(source)), str(target), True, len(results), options, len(results)))
        for result in results:
            handler(ExportPage(1, result.page, result))
        reply = handler(FinishExport(1))
    finally:
        handler.close()
    assert isinstance(reply, Exported)
    return reply


def seconds(what: Callable[[], object], target: Path, tries: int = TRIES) -> tuple[float, float]:
    """The least of some tries, as the machine has other work: of the processor, and of the clock.

    The file that is written is deleted before each of them.
    """
    taken = []
    for _ in range(tries):
        target.unlink(missing_ok=True)
        clock, processor = time.perf_counter(), time.process_time()
        what()
        taken.append((time.process_time() - processor, time.perf_counter() - clock))
    return min(one for one, _ in taken), min(other for _, other in taken)


def plain_copy(source: Path, target: Path) -> None:
    """PyMuPDF's own copy."""
    with pymupdf.open(source) as document:
        document.save(target)


def pages_inserted(source: Path, target: Path) -> None:
    """PyMuPDF's copy of the pages into a new document."""
    with pymupdf.open(source) as document, pymupdf.open() as made:
        made.insert_pdf(document)
        made.save(target, deflate=True, garbage=3)


def words_inserted(source: Path, results: list[PageResult], target: Path) -> None:
    """The same words written invisibly by PyMuPDF, upright and each as wide as its box, and appended to a copy.

    It does less than the export: words do not follow lines that are slanted or on their side, hidden text that was
    there stays, there are no bookmarks, and nothing makes sure that the file is on the disk. A `TextWriter` is its way
    to write many words: `Page.insert_text` takes hundreds of times as long, as each word becomes a stream.
    """
    shutil.copyfile(source, target)
    font = pymupdf.Font("helv")
    with pymupdf.open(target) as document:
        for page, result in zip(document, results, strict=True):
            writer, scale = pymupdf.TextWriter(page.rect), 72 / result.dpi
            for word in (word for block in result.blocks for at in block.lines for word in result.lines[at].words):
                x0, _, x1, y1 = (value * scale for value in polygon_box(word.polygon))
                size = (x1 - x0) / max(font.text_length(word.text, fontsize=1), 0.01)
                writer.append((x0, y1), word.text, font=font, fontsize=max(size, 0.1))
            writer.write_text(page, render_mode=3)
        document.saveIncr()


def image_digests(path: Path) -> list[str]:
    """A digest of the bytes of each picture, as they are in the file."""
    with pymupdf.open(path) as document:
        return sorted(
            hashlib.sha256(document.xref_stream_raw(xref)).hexdigest()
            for xref in {image[0] for page in document for image in page.get_images()}
        )


def overlap(a: Box, b: Box) -> float:
    """Intersection over union."""
    shared = max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return shared / (sum(areas) - shared) if shared else 0.0


def word_overlaps(path: Path, results: list[PageResult]) -> tuple[list[float], float]:
    """How well words lie on those recognised, as pdftotext finds them; and the share that is found at all.

    On pages that lie on their side pdftotext exchanges x and y of words: there only the words count.
    """
    told = subprocess.run(["pdftotext", "-bbox", str(path), "-"], capture_output=True, text=True, check=True).stdout
    shares, wanted, seen = [], 0, 0
    for page, result in zip(told.split("<page ")[1:], results, strict=True):
        found: dict[str, list[Box]] = {}
        for left, top, right, bottom, text in _WORD.findall(page):
            found.setdefault(html.unescape(text), []).append((float(left), float(top), float(right), float(bottom)))
        scale = 72 / result.dpi
        for word in (word for one in result.lines for word in one.words if word.text.strip()):
            wanted += 1
            seen += word.text in found
            if word.text in found and result.rotation == 0:
                x0, y0, x1, y1 = (value * scale for value in polygon_box(word.polygon))
                shares.append(max(overlap((x0, y0, x1, y1), box) for box in found[word.text]))
    return shares, seen / max(1, wanted)


def text_equal(path: Path, results: list[PageResult]) -> float:
    """The share of pages whose text, as pdftotext reads it in the file's order, is that of the result."""
    command = ["pdftotext", "-raw", str(path), "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\f")
    same = 0
    for text, result in zip(told, results, strict=False):
        expected = "".join(result.lines[at].text for block in result.blocks for at in block.lines)
        same += "".join(_MARKS.sub("", text).split()) == "".join(expected.split())
    return same / len(results)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int, default=100)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        source = out / "long.pdf"
        results = long_document(chosen.folder, source, chosen.pages)
        words = sum(len(line.words) for result in results for line in result.lines)
        print(f"{len(results)} pages, {words} words, {source.stat().st_size / 1e6:.1f} MB\n")
        print("| format | processor, s | clock, s | MB |\n|---|---|---|---|")
        copy = out / "copy.pdf"
        others: dict[str, tuple[float, float]] = {}
        for name, write, tries in (
            ("opened and saved", lambda: plain_copy(source, copy), TRIES),
            ("pages inserted", lambda: pages_inserted(source, copy), TRIES),
            ("same words written", lambda: words_inserted(source, results, copy), 2),
        ):
            others[name] = processor, clock = seconds(write, copy, tries)
            print(f"| PyMuPDF: {name} | {processor:.3f} | {clock:.3f} | {copy.stat().st_size / 1e6:.1f} |")
        taken = {}
        for info in FORMATS:
            made = out / f"out{info.suffix}"
            if info.name == "csv" and not any(block.table for result in results for block in result.blocks):
                continue
            options = ExportOptions()
            tries = TRIES if info.name == "pdf" else 3
            taken[info.name] = seconds(lambda: export(info.name, source, results, made, options), made, tries)  # noqa: B023
            size = made.stat().st_size / 1e6 if made.exists() else 0.0
            print(f"| {info.name} | {taken[info.name][0]:.3f} | {taken[info.name][1]:.3f} | {size:.1f} |")
        pdf = out / "out.pdf"
        print()
        for name, seconds_taken in others.items():
            processor, clock = (ours / theirs for ours, theirs in zip(taken["pdf"], seconds_taken, strict=True))
            print(f"searchable PDF / PyMuPDF, {name}: processor {processor:.2f}, clock {clock:.2f}")
        print(f"pictures' bytes unchanged: {image_digests(source) == image_digests(pdf)}")
        if shutil.which("pdftotext"):
            shares, found = word_overlaps(pdf, results)
            print(f"words found by pdftotext: {found:.1%}, mean IoU {statistics.mean(shares):.3f}")
            print(f"pages whose text is the result's, by pdftotext: {text_equal(pdf, results):.0%}")
        if shutil.which("qpdf"):
            checked = subprocess.run(["qpdf", "--check", str(pdf)], capture_output=True, check=False).returncode
            print(f"qpdf --check: {'nothing wrong' if checked == 0 else 'errors'}")


if __name__ == "__main__":
    main()
