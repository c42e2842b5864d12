"""The whole program: a real window on the real core, with real hosts and models."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QUrl

from desktop_ocr.gui.configuration import Configuration
from desktop_ocr.gui.running import core_session
from desktop_ocr.schema.events import HostEnded, HostStarted
from desktop_ocr.schema.features import Feature, FeatureMode
from desktop_ocr.schema.jobs import JobState
from desktop_ocr.schema.memory import HostRole
from desktop_ocr.schema.settings import Settings
from tests.gui.conftest import Desk, until
from tests.gui.helpers import drag, shown_text

pytestmark = [pytest.mark.models, pytest.mark.process]

PAGE_SECONDS = 120.0  # a page takes five seconds on an idle machine
PROGRAM = "import sys; from desktop_ocr.__main__ import main; sys.exit(main())"
# Closes the window as a user would, when the engine host runs, and agrees to quit.
DRIVER = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMessageBox
from desktop_ocr.core.paths import user_paths
from desktop_ocr.gui import app, running
from desktop_ocr.schema.settings import Settings

class Driven(running.Running):
    async def live(self):
        timer = QTimer(self.window)
        timer.timeout.connect(self.look)
        timer.start(50)
        await super().live()

    def look(self):
        boxes = [box for box in self.window.findChildren(QMessageBox) if box.isVisible()]
        if boxes:
            next(button for button in boxes[0].buttons() if button.text() == "&Quit").click()
        elif self.window.memory.host_count == 2 and self.window.isVisible() and not self.window._closing:
            self.window.close()

running.Running = Driven
sys.exit(app.run_window([Path(name) for name in sys.argv[1:]], user_paths(), Settings()))
"""
# The end of the desktop's session, as Qt tells it: it asks to save, and then sends the Quit event.
LOG_OUT = DRIVER.replace(
    "self.window.close()",
    "self.window.findChild(LogOut).expect_end(); QCoreApplication.sendEvent(QCoreApplication.instance(), END)",
).replace(
    "class Driven",
    "from PySide6.QtCore import QCoreApplication, QEvent\n"
    "from desktop_ocr.gui.log_out import LogOut\n"
    "END = QEvent(QEvent.Type.Quit)\n"
    "class Driven",
)


def test_scan_is_dropped_read_exported_and_the_memory_given_back(desk: Desk, documents: Path, tmp_path: Path) -> None:
    hosts: list[HostStarted | HostEnded] = []

    async def story() -> None:
        window = await desk.open(core_session(desk.paths, Configuration(desk.paths.config, Settings())))
        window._worker.events.connect(
            lambda batch: hosts.extend(event for event in batch if isinstance(event, HostStarted | HostEnded))
        )
        taken, _how = drag(window, QUrl.fromLocalFile(str(documents / "letter.jpg")))
        assert taken

        def engines() -> list[int]:
            return [event.pid for event in hosts if isinstance(event, HostStarted) and event.role is HostRole.ENGINE]

        await until(engines, PAGE_SECONDS)
        assert psutil.pid_exists(engines()[0])
        await until(lambda: window.model.views()[0].state is JobState.DONE, PAGE_SECONDS)
        await until(lambda: "quarter leather" in shown_text(window))
        pane = window.workspace.document.pane
        await until(lambda: pane.picture.has_picture, 60)
        await until(lambda: window.memory.sample is not None and window.memory.sample.ram_hosts > 0)

        dialog = window.workspace.exporting.ask(window.workspace.queue.jobs())
        for name, box in dialog.formats.items():
            box.setChecked(name in ("txt", "pdf"))
        dialog.folder.setText(str(tmp_path / "out"))
        dialog.go.click()
        await until(lambda: any("Exported 2 files" in text for text in window.bars.texts()), 60)
        text = (tmp_path / "out" / "letter.txt").read_text(encoding="utf-8")
        assert "Josephine Marlow" in text
        assert (tmp_path / "out" / "letter.pdf").read_bytes().startswith(b"%PDF")

        window.jobs.free.trigger()
        await until(lambda: window.memory.host_count == 0, 30)
        started = {event.pid for event in hosts if isinstance(event, HostStarted)}
        assert {event.pid for event in hosts if isinstance(event, HostEnded)} == started
        assert not any(psutil.pid_exists(pid) for pid in started)
        await until(lambda: any(text.startswith("Freed ") for text in window.bars.texts()))

    desk.run(story())


def test_locked_document_is_opened_with_its_password(desk: Desk, documents: Path) -> None:
    async def story() -> None:
        window = await desk.open(core_session(desk.paths, Configuration(desk.paths.config, Settings())))
        window.commands.add([documents / "encrypted.pdf"])
        card = window.workspace.document.password
        await until(card.isVisible, 60)
        card.field.setText("not this one")
        card.open.click()
        await until(lambda: card.wrong.text(), 60)
        assert window.model.views()[0].state is JobState.NEEDS_PASSWORD

    desk.run(story())


@contextmanager
def program(*words: str, code: str = PROGRAM, before: tuple[str, ...] = ()) -> Iterator[subprocess.Popen[str]]:
    """The program in a process of its own, `before` it what it is run by; killed, should it still be there."""
    process = subprocess.Popen(
        [*before, sys.executable, "-X", "faulthandler", "-c", code, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def wait_for(condition: Callable[[], object], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def assert_clean_end(process: subprocess.Popen[str], children: list[psutil.Process], home: Path) -> None:
    """Exit code 0, no child, no complaint."""
    out, err = process.communicate(timeout=60)
    complaints = [line for line in err.splitlines() if not line.startswith("This plugin does not support")]
    assert (process.returncode, out, complaints) == (0, "", [])
    _gone, alive = psutil.wait_procs(children, timeout=30)
    assert not alive
    log = home / "data" / "desktop-ocr" / "logs" / "window.log"
    errors = [line for line in log.read_text(encoding="utf-8").splitlines() if " ERROR " in line or "Traceback" in line]
    assert not errors


def wait_for_hosts(process: subprocess.Popen[str], count: int) -> list[psutil.Process]:
    """The program's children, when there are so many."""
    parent = psutil.Process(process.pid)
    wait_for(lambda: len(parent.children()) >= count or process.poll() is not None, 60, "no hosts came")
    return list(parent.children(recursive=True))


def test_the_window_reads_a_page_without_any_network(documents: Path, user_home: Path) -> None:
    if subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this system does not let its users make namespaces")
    ledger = user_home / "data" / "desktop-ocr" / "ledger.sqlite3"

    def finished() -> bool:
        if not ledger.exists():
            return False
        with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as db:
            tables = db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'pages'").fetchone()
            return bool(tables[0] and db.execute("SELECT count(*) FROM pages WHERE state = 'done'").fetchone()[0])

    with program(str(documents / "receipt.jpg"), before=("unshare", "-rn")) as process:
        wait_for(lambda: finished() or process.poll() is not None, PAGE_SECONDS, "no page was finished")
        children = list(psutil.Process(process.pid).children(recursive=True))
        process.send_signal(signal.SIGTERM)
        assert_clean_end(process, children, user_home)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_while_work_runs_ends_everything_cleanly(
    documents: Path, user_home: Path, number: signal.Signals
) -> None:
    with program(str(documents / "report_three_pages.pdf")) as process:
        children = wait_for_hosts(process, 2)
        time.sleep(2.0)  # past the start of the hosts, which the next test is about; nothing to be seen from outside
        process.send_signal(number)
        assert_clean_end(process, children, user_home)


def test_signal_while_a_host_starts_ends_everything_at_once(documents: Path, user_home: Path) -> None:
    with program(str(documents / "report_three_pages.pdf")) as process:
        children = wait_for_hosts(process, 2)
        process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        assert_clean_end(process, children, user_home)
        assert time.monotonic() - started < 15  # and not only when it has been waited for in vain


def test_signal_to_an_idle_window_ends_the_program(user_home: Path) -> None:
    log = user_home / "data" / "desktop-ocr" / "logs" / "window.log"
    with program() as process:
        wait_for(lambda: log.exists() or process.poll() is not None, 60, "the window's loop does not run")
        process.send_signal(signal.SIGTERM)
        assert_clean_end(process, [], user_home)


def test_closing_the_window_while_work_runs_ends_everything_cleanly(documents: Path, user_home: Path) -> None:
    with program(str(documents / "report_three_pages.pdf"), code=DRIVER) as process:
        children = wait_for_hosts(process, 2)
        assert_clean_end(process, children, user_home)


def test_log_out_while_work_runs_ends_everything_and_asks_nothing(documents: Path, user_home: Path) -> None:
    with program(str(documents / "report_three_pages.pdf"), code=LOG_OUT) as process:
        children = wait_for_hosts(process, 2)
        _gone, alive = psutil.wait_procs(children, timeout=60)
        assert not alive
        assert_clean_end(process, children, user_home)


def test_models_features_and_other_options_on_the_real_core(desk: Desk, documents: Path) -> None:
    async def story() -> None:
        window = await desk.open(core_session(desk.paths, Configuration(desk.paths.config, Settings())))
        window.jobs.models.trigger()
        dialog = window.models.dialog
        assert dialog is not None
        await until(lambda: "SLANet_plus" in dialog.list.shown)
        assert {"PP-FormulaNet_plus-S", "PP-StructureV3", "UVDoc"} <= set(dialog.list.shown)
        await until(lambda: "are free" in dialog.disk.text())
        dialog.list.choose(["SLANet_plus"])
        dialog.details.verify.click()
        await until(lambda: any("is complete and unchanged" in text for text in dialog.bars.texts()), 30)
        dialog.full.click()
        await until(lambda: window.models.consent is not None)
        assert window.models.consent is not None
        assert window.models.consent.plan.models
        window.models.consent.reject()
        dialog.close()
        window.commands.add([documents / "letter.jpg"])
        await until(lambda: [view.state for view in window.model.views()] == [JobState.DONE], PAGE_SECONDS)
        await until(window.jobs.other_options.isEnabled)
        window.jobs.other_options.trigger()
        await until(lambda: window.recognition.dialog is not None)
        assert window.recognition.dialog is not None
        window.recognition.dialog.form.modes[Feature.UNWARP][FeatureMode.ON].click()
        window.recognition.dialog.go.click()
        await until(lambda: window.model.views()[0].pages_done == 0)
        await until(lambda: [view.state for view in window.model.views()] == [JobState.DONE], PAGE_SECONDS)
        notes = window.workspace.document.pane.result.notes
        await until(lambda: notes.left_out.isVisible(), what="a note that no model for flattening is installed")
        assert notes.get.isVisible()
        notes.get.click()
        await until(lambda: [model.id for model in dialog.list.models_chosen()] == ["UVDoc"])

    desk.run(story())
