"""`desktop-ocr convert` as a user runs it: real documents, real models, real files, real kills."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

pytestmark = [pytest.mark.models, pytest.mark.process]

PAGES = 8
COMMAND = [sys.executable, "-m", "desktop_ocr", "convert"]


def convert(*words: str | Path, timeout: float = 400) -> subprocess.CompletedProcess[str]:
    """Run `desktop-ocr convert` to its end."""
    return subprocess.run([*COMMAND, *map(str, words)], capture_output=True, text=True, timeout=timeout)


def finished_pages(home: Path) -> int:
    """Pages that the ledger has, read as any other program would."""
    file = home / "data" / "desktop-ocr" / "ledger.sqlite3"
    if not file.exists():
        return 0
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as db:
        try:
            return int(db.execute("SELECT count(*) FROM pages WHERE state = 'done'").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


@pytest.fixture(scope="module")
def long_scan(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scan of short pages, each with its number: the project's receipt, put together in another process."""
    target = tmp_path_factory.mktemp("long") / "eight pages.pdf"
    program = (
        "import sys, pymupdf\n"
        "out = pymupdf.open()\n"
        "picture = open(sys.argv[1], 'rb').read()\n"
        "for number in range(int(sys.argv[3])):\n"
        "    page = out.new_page(width=250, height=500)\n"
        "    page.insert_image(pymupdf.Rect(0, 30, 250, 500), stream=picture)\n"
        "    stamp = pymupdf.open()\n"
        "    stamp.new_page(width=250, height=30).insert_text((20, 20), f'Sheet number {number + 1}', fontsize=14)\n"
        "    page.insert_image(pymupdf.Rect(0, 0, 250, 30), pixmap=stamp[0].get_pixmap(dpi=200))\n"
        "out.save(sys.argv[2])\n"
    )
    subprocess.run(
        [sys.executable, "-c", program, documents / "receipt.jpg", target, str(PAGES)], check=True, timeout=60
    )
    return target


@pytest.mark.timeout(900)
def test_a_killed_run_called_again_gives_the_same_files_and_repeats_no_page(
    long_scan: Path, tmp_path: Path, user_home: Path
) -> None:
    undisturbed = tmp_path / "undisturbed"
    assert convert(long_scan, "--out", undisturbed, "--format", "md,txt,pdf", "--private").returncode == 0
    assert finished_pages(user_home) == 0

    disturbed = tmp_path / "disturbed"
    words = [str(long_scan), "--out", str(disturbed), "--format", "md,txt,pdf"]
    with subprocess.Popen([*COMMAND, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 400
        while finished_pages(user_home) < 3:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        children = psutil.Process(process.pid).children(recursive=True)
        os.kill(process.pid, signal.SIGKILL)
    gone, alive = psutil.wait_procs(children, timeout=60)
    assert alive == []
    assert gone
    assert not disturbed.exists() or not list(disturbed.iterdir())
    before = finished_pages(user_home)
    assert 3 <= before < PAGES
    stamps = _stamps(user_home)

    assert convert(*words).returncode == 0
    assert finished_pages(user_home) == PAGES
    assert stamps.items() <= _stamps(user_home).items(), "a finished page was recognised again"
    assert _hashes(disturbed) == _hashes(undisturbed)
    runtime = list(Path(os.environ["TMPDIR"]).glob("desktop-ocr-*/*"))
    assert runtime == [], "bitmaps of the killed run were left"


def _hashes(folder: Path) -> dict[str, str]:
    """The files of a folder; as hashes, because pytest would print the difference of two PDFs line by line."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


def _stamps(home: Path) -> dict[int, float]:
    """When each page was finished."""
    with sqlite3.connect(home / "data" / "desktop-ocr" / "ledger.sqlite3") as db:
        return dict(db.execute("SELECT page, finished FROM pages WHERE state = 'done'").fetchall())


def test_an_engine_host_killed_in_mid_page_costs_a_retry_and_nothing_else(
    long_scan: Path, tmp_path: Path, user_home: Path
) -> None:
    words = [str(long_scan), "--out", str(tmp_path / "out"), "--pages", "1-4"]
    with subprocess.Popen([*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 120
        while finished_pages(user_home) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        # A moment after a page was finished the next one is in work, and a page takes many such moments.
        time.sleep(0.1)
        engines = [
            child for child in psutil.Process(process.pid).children() if "desktop_ocr.engine_host" in child.cmdline()
        ]
        assert len(engines) == 1
        engines[0].kill()
        _, stderr = process.communicate(timeout=200)
    assert process.returncode == 0, stderr
    with sqlite3.connect(user_home / "data" / "desktop-ocr" / "ledger.sqlite3") as db:
        attempts = [row[0] for row in db.execute("SELECT attempts FROM pages WHERE state = 'done' ORDER BY page")]
    assert len(attempts) == 4
    assert sorted(attempts) == [1, 1, 1, 2]
    text = (tmp_path / "out" / "eight pages.txt").read_text(encoding="utf-8")
    assert [f"number {page}" in text for page in range(1, 5)] == [True] * 4


def test_ctrl_c_ends_at_once_and_the_next_call_goes_on(long_scan: Path, tmp_path: Path, user_home: Path) -> None:
    words = [str(long_scan), "--out", str(tmp_path / "out"), "--pages", "1-4"]
    with subprocess.Popen([*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 120
        while finished_pages(user_home) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        children = psutil.Process(process.pid).children(recursive=True)
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
    assert time.monotonic() - started < 20
    assert process.returncode == 128 + signal.SIGINT
    assert "goes on from here" in stderr
    assert "Traceback" not in stderr
    assert psutil.wait_procs(children, timeout=60)[1] == []
    again = convert(*words)
    assert again.returncode == 0, again.stderr
    assert finished_pages(user_home) == 4


def test_a_report_as_json_names_what_failed(documents: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing more")
    empty = tmp_path / "empty.png"
    empty.touch()
    born = documents / "born_digital.pdf"
    out = convert(broken, empty, born, "--out", tmp_path / "out", "--format", "txt,json", "--json")
    assert out.returncode == 1
    reports = {Path(report["file"]).name: report for report in json.loads(out.stdout)["files"]}
    assert reports["broken.pdf"]["errors"]
    assert reports["empty.png"]["errors"]
    assert reports[born.name]["errors"] == []
    assert sorted(Path(f).suffix for f in reports[born.name]["outputs"]) == [".json", ".txt"]


def test_nothing_touches_the_network(documents: Path, tmp_path: Path) -> None:
    if subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this system does not let its users make namespaces")
    scan = documents / "receipt.jpg"
    command = ["unshare", "-rn", *COMMAND, str(scan), "--out", str(tmp_path / "out"), "--format", "txt,md,json,pdf"]
    out = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert out.returncode == 0, out.stderr
    assert len(list((tmp_path / "out").iterdir())) == 4
