"""Files that several processes write at once, and what one that ends leaves of its own."""

from __future__ import annotations

import json
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


LAY_OUT = """
import sys
from pathlib import Path
from desktop_ocr.models.store import ModelStore
models = ModelStore(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.read()
models.ensure("PP-OCRv6_small_det")
"""

WRITE = """
import sys
from pathlib import Path
from desktop_ocr.memory.footprints import Footprints
footprints = Footprints(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.read()
for number in range(200):
    footprints.record("page", sys.argv[2], "cpu", 4, number)
    footprints.save()
"""


def at_once(program: str, *words: list[str]) -> list[subprocess.Popen[bytes]]:
    """Start the program once for each list of words, and let all begin when the last one is ready.

    Not by multiprocessing, which keeps a process of its own that other tests would take for one of theirs.
    """
    begun = [
        subprocess.Popen([sys.executable, "-c", program, *own], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for own in words
    ]
    for process in begun:
        assert process.stdout is not None
        with process.stdout:
            assert process.stdout.readline() == b"ready\n"
    for process in begun:
        assert process.stdin is not None
        process.stdin.close()
    return begun


def test_processes_may_lay_out_at_once(tmp_path: Path) -> None:
    if store._find(CATALOG[1]) is None:
        pytest.skip("rapidocr is not installed")
    workers = at_once(LAY_OUT, *[[str(tmp_path / "m")]] * 3)
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    assert [file.name for file in (tmp_path / "m").iterdir()] == ["PP-OCRv6_small_det"]
    ModelStore(tmp_path / "m").verify("PP-OCRv6_small_det")


def test_two_programs_that_write_do_not_damage_what_was_measured(tmp_path: Path) -> None:
    file = tmp_path / "state" / "footprints.json"
    writers = at_once(WRITE, *[[str(file), name] for name in ("a", "b")])
    while any(writer.poll() is None for writer in writers):
        time.sleep(0.001)
        if file.exists():
            assert json.loads(file.read_bytes())["version"] == VERSION
    assert [writer.returncode for writer in writers] == [0, 0]
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
