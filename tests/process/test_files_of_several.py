"""Files that several processes write at once, and what one that ends leaves of its own."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import time
from pathlib import Path

import pytest

from desktop_ocr.memory.footprints import VERSION, Footprints
from desktop_ocr.models import store
from desktop_ocr.models.catalog import CATALOG
from desktop_ocr.models.store import ModelStore
from tests.fakes.small_pdfs import small_pdf

pytestmark = pytest.mark.process


def _lay_out(folder: str, barrier: object) -> None:
    barrier.wait()  # type: ignore[attr-defined]
    ModelStore(Path(folder)).ensure("PP-OCRv6_small_det")


def test_two_processes_may_lay_out_at_once(tmp_path: Path) -> None:
    if store._find(CATALOG[1]) is None:
        pytest.skip("rapidocr is not installed")
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(3)
    workers = [context.Process(target=_lay_out, args=(str(tmp_path / "m"), barrier)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert [file.name for file in (tmp_path / "m").iterdir()] == ["PP-OCRv6_small_det"]
    ModelStore(tmp_path / "m").verify("PP-OCRv6_small_det")


def write_many(file: Path, name: str) -> None:
    footprints = Footprints(file)
    for number in range(200):
        footprints.record("page", name, "cpu", 4, number)
        footprints.save()


def test_two_programs_that_write_do_not_damage_what_was_measured(tmp_path: Path) -> None:
    file = tmp_path / "state" / "footprints.json"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_many, args=(file, name)) for name in ("a", "b")]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        time.sleep(0.001)
        if file.exists():
            assert json.loads(file.read_bytes())["version"] == VERSION
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    final = Footprints(file)
    assert {final.lookup("page", name, "cpu", 4) is not None for name in ("a", "b")} & {True}
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_the_end_of_the_process_deletes_what_is_unfinished(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    document = tmp_path / "a.pdf"
    document.write_bytes(small_pdf("hello"))
    program = (
        "import sys; from desktop_ocr.document_host.export.running import RunningExports as R\n"
        "from desktop_ocr.schema.document_messages import StartExport, Source\n"
        "r = R(); r.start(StartExport(1, 'txt', Source(sys.argv[1]), sys.argv[2], False, 1))\n"
        "import os; assert os.listdir(os.path.dirname(sys.argv[2]))\n"
    )
    subprocess.run([sys.executable, "-c", program, str(document), str(out / "a.txt")], check=True, timeout=60)
    assert not list(out.iterdir())


READ_ONLY = """\
mount -t tmpfs none "$1" && mount -o remount,ro "$1" && exec "$2" -c '
import sys
import time
from pathlib import Path
from desktop_ocr.core.settings_file import save_settings
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.settings import Settings
try:
    save_settings(Path(sys.argv[1]) / "settings.toml", Settings())
except DesktopOcrError as error:
    print(error.code, error)
' "$1"
"""


def test_a_read_only_disk_is_told(tmp_path: Path) -> None:
    apart = ["unshare", "-rm"]
    if subprocess.run([*apart, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this system does not let its users make namespaces")
    command = [*apart, "sh", "-c", READ_ONLY, "sh", str(tmp_path), sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == (
        "no-permission The settings were not saved in settings.toml: it is write-protected. "
        f"Make {tmp_path} writable and try again.\n"
    ), done.stderr
