"""Accuracy on the corpus, beside RapidOCR with the same weights.

    python -m tests.benchmarks.corpus_score CORPUS [--folders receipts,scans,rules] [--work DIR]

CORPUS holds `score.py` and folders of documents. Each document goes through `desktop-ocr convert` with its
defaults and, page by page at 200 dpi, through RapidOCR with its defaults; `score.py` measures both. Ours reads text
layers that are sound, as a user gets it. Without --work the output is deleted.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RAPID = """
import sys, pathlib, json
import numpy as np, pymupdf
from rapidocr import RapidOCR
engine = RapidOCR()
for source, target in json.load(sys.stdin):
    texts = []
    try:
        document = pymupdf.open(source)
        for page in document:
            if document.is_pdf:
                pixmap = page.get_pixmap(dpi=200)
            else:
                pixmap = page.get_pixmap()
                if len(document) == 1:
                    pixmap = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.Pixmap(source))
            if pixmap.alpha:
                pixmap = pymupdf.Pixmap(pixmap, 0)
            rows = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.h, pixmap.stride)[:, : pixmap.w * 3]
            texts += engine(np.ascontiguousarray(rows.reshape(pixmap.h, pixmap.w, 3)[:, :, ::-1])).txts or []
    except Exception as error:
        print(source, error, file=sys.stderr)
    pathlib.Path(target).write_text("\\n".join(texts), encoding="utf-8")
"""


def documents(corpus: Path, folder: str) -> list[Path]:
    """The documents of a corpus folder."""
    return [f for f in sorted((corpus / folder).iterdir()) if f.suffix.lower() not in (".txt", ".jsonl", ".csv")]


def run_ours(corpus: Path, folders: list[str], work: Path) -> tuple[Path, float]:
    """Convert and lay the files out as score.py wants them; returns the folder and the seconds taken."""
    made, laid = work / "made", work / "ours"
    started = time.monotonic()
    for folder in folders:
        command = [sys.executable, "-m", "desktop_ocr", "convert", str(corpus / folder), "--json"]
        command += ["--out", str(made / folder), "--format", "txt,md", "--private", "--overwrite"]
        out = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        (laid / folder).mkdir(parents=True, exist_ok=True)
        for report in json.loads(out.stdout)["files"]:
            for problem in [*report["errors"], *report["failed"].values()]:
                print(f"{Path(report['file']).name}: {problem}", file=sys.stderr)
            for output in map(Path, report["outputs"]):
                shutil.copy(output, laid / folder / (Path(report["file"]).name + output.suffix))
    return laid, time.monotonic() - started


def run_rapidocr(corpus: Path, folders: list[str], work: Path) -> tuple[Path, float]:
    """The same documents through RapidOCR."""
    laid = work / "rapidocr"
    jobs = []
    for folder in folders:
        (laid / folder).mkdir(parents=True, exist_ok=True)
        for file in documents(corpus, folder):
            ending = ".md" if folder == "rules" else ".txt"
            jobs.append((str(file), str(laid / folder / (file.name + ending))))
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", RAPID], input=json.dumps(jobs), text=True, check=True, stdout=subprocess.PIPE)
    return laid, time.monotonic() - started


def main() -> None:
    """Print both scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--folders", default="receipts,scans,rules")
    parser.add_argument("--work", type=Path)
    parser.add_argument("--only-ours", action="store_true")
    arguments = parser.parse_args()
    folders = arguments.folders.split(",")
    with contextlib.ExitStack() as stack:
        work = arguments.work or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="corpus-score-")))
        runs = {"Desktop OCR": run_ours(arguments.corpus, folders, work)}
        if not arguments.only_ours:
            runs["RapidOCR"] = run_rapidocr(arguments.corpus, folders, work)
        for name, (laid, seconds) in runs.items():
            score = subprocess.run(
                [sys.executable, str(arguments.corpus / "score.py"), str(arguments.corpus), str(laid)],
                capture_output=True,
                text=True,
                check=True,
            )
            print(f"{name}: {seconds:.0f} s, all formats\n{score.stdout}")


if __name__ == "__main__":
    main()
