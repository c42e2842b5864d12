"""Accuracy on the corpus, beside RapidOCR with the same weights and pymupdf4llm 2.0 with RapidOCR.

    python -m tests.benchmarks.corpus_score CORPUS [--folders receipts,scans,rules] [--peers RapidOCR,pymupdf4llm]
        [--before CHECKOUT] [--work DIR]

CORPUS holds `score.py` and folders of documents. Each document goes through `desktop-ocr convert` with its
defaults, and through the peers as `peers.py` says; `score.py` measures all of them, and `eval_text.py` the pages of
`extra/text_pages`. Ours reads text layers that are sound, as a user gets it. With --before, the program of another
checkout is measured as well. Without --work the output is deleted.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.benchmarks.peers import PEERS

EXTRA = "extra/text_pages"
REPOSITORY = Path(__file__).parents[2]


def documents(corpus: Path, folder: str) -> list[Path]:
    """The documents of a corpus folder."""
    return [f for f in sorted((corpus / folder).iterdir()) if f.suffix.lower() not in (".txt", ".jsonl", ".csv")]


def run_ours(corpus: Path, folders: list[str], work: Path, checkout: Path) -> float:
    """Convert by the program of a checkout and lay the files out as score.py wants them; returns the seconds taken."""
    started = time.monotonic()
    for folder in folders:
        made, laid = work / "made" / folder, work / folder
        command = [sys.executable, "-P", "-m", "desktop_ocr", "convert", str(corpus / folder), "--json"]
        command += ["--out", str(made), "--format", "txt,md", "--private", "--overwrite"]
        environment = {**os.environ, "PYTHONPATH": str(checkout)}
        out = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment)
        laid.mkdir(parents=True, exist_ok=True)
        for report in json.loads(out.stdout)["files"]:
            for problem in [*report["errors"], *report["failed"].values()]:
                print(f"{Path(report['file']).name}: {problem}", file=sys.stderr)
            for output in map(Path, report["outputs"]):
                shutil.copy(output, laid / (Path(report["file"]).name + output.suffix))
    return time.monotonic() - started


def run_peer(program: str, corpus: Path, folders: list[str], work: Path) -> float:
    """The same documents through another recogniser; returns the seconds taken."""
    jobs = []
    for folder in folders:
        (work / folder).mkdir(parents=True, exist_ok=True)
        ending = ".md" if folder == "rules" else ".txt"
        jobs += [(str(file), str(work / folder / (file.name + ending))) for file in documents(corpus, folder)]
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", program], input=json.dumps(jobs), text=True, check=True, stdout=sys.stderr)
    return time.monotonic() - started


def score(corpus: Path, work: Path, folders: list[str]) -> dict[str, str]:
    """What score.py and eval_text.py say of a folder of output, as columns of a table."""
    command = [sys.executable, str(corpus / "score.py"), str(corpus), str(work)]
    said: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    columns: dict[str, str] = {}
    for folder in ("receipts", "scans"):
        if folder in folders:
            columns[f"{folder} words_f1"] = f"{said[folder]['words_f1']:.4f}"
            columns[f"{folder} cer"] = f"{said[folder]['cer']:.4f}"
    if "rules" in folders:
        met = {kind: tuple(map(int, shares.split("/"))) for kind, shares in said["rules"].items()}
        plain = [shares for kind, shares in met.items() if kind != "math"]
        columns["rules but math"] = f"{sum(a for a, _ in plain)}/{sum(b for _, b in plain)}"
        columns |= {f"rules {kind}": shares for kind, shares in said["rules"].items()}
    if EXTRA in folders:
        judge = _module(corpus / "eval_text.py")
        scores = []
        for file in documents(corpus, EXTRA):
            made = work / EXTRA / f"{file.name}.txt"
            truth = file.with_suffix(".txt").read_text(encoding="utf-8")
            scores.append(judge.score_text(made.read_text(encoding="utf-8") if made.exists() else "", truth))
        columns["pages words_f1"] = f"{sum(one['bow_f1'] for one in scores) / len(scores):.4f}"
        columns["pages cer"] = f"{sum(min(1.0, one['cer_fold']) for one in scores) / len(scores):.4f}"
    return columns


def _module(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def print_table(rows: dict[str, dict[str, str]]) -> None:
    """One column a run, one row a figure."""
    names = list(rows)
    figures = list(dict.fromkeys(figure for row in rows.values() for figure in row))
    print(f"{'':18}" + "".join(f"{name:>16}" for name in names))
    for figure in figures:
        print(f"{figure:18}" + "".join(f"{rows[name].get(figure, '-'):>16}" for name in names))


def main() -> None:
    """Run all of them, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--folders", default=f"receipts,scans,rules,{EXTRA}")
    parser.add_argument("--peers", default=",".join(PEERS), help="empty for none")
    parser.add_argument("--before", type=Path, help="another checkout of the program")
    parser.add_argument("--work", type=Path)
    arguments = parser.parse_args()
    folders = arguments.folders.split(",")
    with contextlib.ExitStack() as stack:
        work = arguments.work or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="corpus-score-")))
        seconds: dict[str, float] = {}
        if arguments.before:
            seconds["before"] = run_ours(arguments.corpus, folders, work / "before", arguments.before.resolve())
        seconds["Desktop OCR"] = run_ours(arguments.corpus, folders, work / "Desktop OCR", REPOSITORY)
        for name in filter(None, arguments.peers.split(",")):
            seconds[name] = run_peer(PEERS[name], arguments.corpus, folders, work / name)
        print_table(
            {
                name: {**score(arguments.corpus, work / name, folders), "seconds": f"{taken:.0f}"}
                for name, taken in seconds.items()
            }
        )


if __name__ == "__main__":
    main()
