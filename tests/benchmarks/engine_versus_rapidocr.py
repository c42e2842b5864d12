"""The engine host against RapidOCR with its defaults: the same weights, the same bitmaps, page by page in turn.

usage: python -m tests.benchmarks.engine_versus_rapidocr [CORPUS] [--pages N]

Ours is the real host process over its pipe, with orientation and layout, which RapidOCR does not do; "text alone"
is the host's own time for finding and reading lines. Both get a first page that is not counted, which loads models.
Error rates are over the pages that have a truth, as CORPUS/score.py counts them; the order of lines counts in cer.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType

from rapidfuzz.distance import Levenshtein

from desktop_ocr.models.store import ModelStore
from desktop_ocr.schema.document_messages import Bitmap
from tests.conftest import CORPUS
from tests.real.engine_client import EngineClient, render

LINN = ("linn", "skew", "jbig2")
LINN_PAGE = "linn.txt"
UNTRUE_TYPES = (".txt", ".tex", ".html")


def pages(corpus: Path) -> list[tuple[Path, Path | None]]:
    """Receipts, scans and pages of the extra folder: the picture or PDF, and its truth where there is one."""
    found: list[tuple[Path, Path | None]] = []
    for file in sorted((corpus / "scans").iterdir()):
        if file.suffix in UNTRUE_TYPES or "rotated" in file.name:
            continue  # RapidOCR does not turn pages: it would not be a comparison
        truth = file.with_name(file.name + ".txt")
        if file.stem in LINN:
            truth = file.with_name(LINN_PAGE)
        found.append((file, truth if truth.exists() else None))
    for folder in ("receipts", "extra/text_pages"):
        for file in sorted((corpus / folder).iterdir()):
            if file.suffix not in UNTRUE_TYPES and "rot" not in file.stem:
                truth = file.with_suffix(".txt")
                found.append((file, truth if truth.exists() else None))
    return found


def serve_rapidocr() -> None:
    """The peer's process: a bitmap as JSON per line in, its lines' texts as JSON out."""
    import numpy as np
    from rapidocr import RapidOCR

    out = sys.stdout
    sys.stdout = sys.stderr
    engine = RapidOCR()
    for line in sys.stdin:
        path, width, height = json.loads(line)
        image = np.fromfile(path, np.uint8).reshape(height, width, 3)[:, :, ::-1].copy()
        texts = [str(text) for text in (engine(image).txts or ())]
        out.write(json.dumps(texts) + "\n")
        out.flush()


class RapidOcrPeer:
    """RapidOCR in a process of its own."""

    def __init__(self) -> None:
        """Start it."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.engine_versus_rapidocr", "--serve"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def read(self, bitmap: Bitmap) -> list[str]:
        """A page's lines."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([bitmap.path, bitmap.width, bitmap.height]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def memory_mb(self) -> float:
        """Its largest resident memory so far, in MB (10^6 bytes)."""
        status = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return next(int(row.split()[1]) * 1024 / 1e6 for row in status if row.startswith("VmHWM"))

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


class Tally:
    """Time and errors of one of the two."""

    def __init__(self) -> None:
        """Nothing counted yet."""
        self.seconds = 0.0
        self.errors = self.characters = self.hits = self.wanted = self.got = 0

    def count(self, score: ModuleType, truth: str, text: str) -> None:
        """Add a page's text to the figures."""
        self.errors += Levenshtein.distance(truth, text)
        self.characters += len(truth)
        hits, wanted, got = score.words_f1(truth, text)
        self.hits, self.wanted, self.got = self.hits + hits, self.wanted + wanted, self.got + got

    @property
    def cer(self) -> float:
        """Characters wrong, of those in the truth."""
        return self.errors / max(1, self.characters)

    @property
    def words_f1(self) -> float:
        """F1 of the bags of words."""
        return 2 * self.hits / max(1, self.wanted + self.got)


def compare(corpus: Path, limit: int) -> None:
    """Run both and print the table."""
    spec = importlib.util.spec_from_file_location("score", corpus / "score.py")
    assert spec is not None
    assert spec.loader is not None
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)

    ours, theirs, text_seconds, done = Tally(), Tally(), 0.0, 0
    kinds: dict[str, tuple[Tally, Tally]] = {}
    with tempfile.TemporaryDirectory() as folder, EngineClient() as host:
        host.configure(ModelStore(Path(folder) / "models"))
        peer = RapidOcrPeer()
        chosen = pages(corpus)
        if limit:
            chosen = chosen[:: max(1, len(chosen) // limit)][:limit]
        for number, (file, truth_file) in enumerate([chosen[0], *chosen]):
            bitmap = render(file, Path(folder))
            began = time.perf_counter()
            result = host.recognise(bitmap)
            middle = time.perf_counter()
            texts = peer.read(bitmap)
            ended = time.perf_counter()
            Path(bitmap.path).unlink()
            if number == 0:
                continue
            done += 1
            ours.seconds += middle - began
            theirs.seconds += ended - middle
            text_seconds += sum(step.seconds for step in result.steps if step.step == "text")
            if truth_file is not None:
                receipt = file.parent.name == "receipts"
                truth = score.norm(truth_file.read_text("utf8", "replace"))
                pair = kinds.setdefault(file.parent.name, (Tally(), Tally()))
                for tallies, lines in (
                    ((ours, pair[0]), [line.text for line in result.lines]),
                    ((theirs, pair[1]), texts),
                ):
                    text = score.norm(" ".join(lines))
                    for tally in tallies:
                        tally.count(score, *((truth.upper(), text.upper()) if receipt else (truth, text)))
        print(f"{done} pages, {len(chosen)} different bitmaps, in turn\n")
        print(f"{'':28}{'engine host':>14}{'RapidOCR':>14}")
        print(f"{'pages a minute':28}{done / ours.seconds * 60:14.1f}{done / theirs.seconds * 60:14.1f}")
        for kind, (mine, other) in kinds.items():
            print(f"{'cer, ' + kind:28}{mine.cer:14.4f}{other.cer:14.4f}")
            print(f"{'words_f1, ' + kind:28}{mine.words_f1:14.4f}{other.words_f1:14.4f}")
        print(f"{'cer, all':28}{ours.cer:14.4f}{theirs.cer:14.4f}")
        print(f"{'words_f1, all':28}{ours.words_f1:14.4f}{theirs.words_f1:14.4f}")
        print(f"{'peak memory, MB':28}{host.memory_mb():14.0f}{peer.memory_mb():14.0f}")
        print(f"\npages a minute, ours / theirs: {theirs.seconds / ours.seconds:.2f}")
        print(f"text alone, ours / theirs:     {theirs.seconds / max(text_seconds, 1e-9):.2f}")
        peer.close()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?", type=Path, default=CORPUS)
    parser.add_argument("--pages", type=int, default=0, help="so many pages, spread over the corpus; 0 for all")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve_rapidocr()
    else:
        compare(options.corpus, options.pages)


if __name__ == "__main__":
    main()
