"""What every test shares.

Fixtures for all rooms (a room's own fixtures stand in its own conftest):

- `documents`: the folder tests/real/documents, the project's own scans with their truth beside them.
- `corpus`: the folder of documents that are not ours to pass on. It is looked for in DESKTOP_OCR_CORPUS, then
  beside the checkout; where it is absent the test is skipped. A test marked `corpus` is skipped the same way.
- `user_home` (every test has it, asked for or not): a fresh HOME with its own XDG folders and TMPDIR, on a short
  path, so that sockets fit. Only XDG_CACHE_HOME, where model folders are laid out, is shared by the whole session.

Skipping: where CI is "true", a skipped test that tests/allowed_skips.txt does not name fails the session.
"""

from __future__ import annotations

import fnmatch
import gc
import os
import shutil
import signal
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
CORPUS = Path(os.environ.get("DESKTOP_OCR_CORPUS") or TESTS.parents[1] / "shared" / "corpus")
CORPUS_ABSENT = "the corpus is absent (DESKTOP_OCR_CORPUS)"

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def pytest_configure() -> None:
    """A shell that runs the tests in its background has them ignore Ctrl-C, which the programs they start inherit."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.disable()  # until the tests are collected, which makes much and throws little away


def pytest_collection_finish() -> None:
    """What the libraries and the tests themselves are made of is not looked through again, whoever collects garbage."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def documents() -> Path:
    """The project's own scans; its README.md says what each is to break."""
    return TESTS / "real" / "documents"


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of foreign documents; the test is skipped where it is absent."""
    if not CORPUS.is_dir():
        pytest.skip(CORPUS_ABSENT)
    return CORPUS


@pytest.fixture(scope="session", autouse=True)
def _session_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The user's folders for fixtures that live longer than a test, and the cache that all tests share."""
    tmp_path_factory.getbasetemp()  # settles where `tmp_path` is before TMPDIR moves with every test
    home = tempfile.TemporaryDirectory(prefix="do-", ignore_cleanup_errors=True)
    with home as folder, pytest.MonkeyPatch.context() as patch:
        _move_in(Path(folder), patch, cache=Path(folder) / "cache")
        yield Path(folder)


@pytest.fixture(scope="session")
def _untouched_homes() -> list[Path]:
    """Homes that tests left as they found them, which most do: the next ones move in, and no folder is made."""
    return []


@pytest.fixture(autouse=True)
def user_home(_session_home: Path, _untouched_homes: list[Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of the test's own, empty but for the shared cache; gone after the test."""
    home = _untouched_homes.pop() if _untouched_homes else Path(tempfile.mkdtemp(prefix="t-", dir=_session_home))
    _move_in(home, monkeypatch, cache=_session_home / "cache")
    yield home
    if _is_untouched(home):
        _untouched_homes.append(home)
    else:
        shutil.rmtree(home, ignore_errors=True)


def _is_untouched(home: Path) -> bool:
    """Whether nothing is in it but the empty folders that it came with."""
    try:
        folders = list(home.iterdir())
        modes = {folder.lstat().st_mode for folder in (home, *folders)}
        own = {folder.name for folder in folders} == {"data", "config", "run", "tmp"}
        return own and modes == {stat.S_IFDIR | 0o700} and not any(any(folder.iterdir()) for folder in folders)
    except OSError:
        return False


def _move_in(home: Path, patch: pytest.MonkeyPatch, *, cache: Path) -> None:
    folders = {
        "HOME": home,
        "XDG_DATA_HOME": home / "data",
        "XDG_CONFIG_HOME": home / "config",
        "XDG_RUNTIME_DIR": home / "run",
        "XDG_CACHE_HOME": cache,
        "TMPDIR": home / "tmp",
    }
    for name, folder in folders.items():
        folder.mkdir(mode=0o700, exist_ok=True)
        patch.setenv(name, str(folder))
    patch.setattr(tempfile, "tempdir", str(folders["TMPDIR"]))


# Skips -------------------------------------------------------------------------------------------------------------

_skips: list[tuple[str, str]] = []


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what is marked `corpus` where there is none."""
    if item.get_closest_marker("corpus") and not CORPUS.is_dir():
        pytest.skip(CORPUS_ABSENT)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note a skipped test."""
    if report.skipped and not hasattr(report, "wasxfail"):
        _skips.append((report.nodeid, _reason(report)))


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Note a skipped module."""
    if report.skipped:
        _skips.append((report.nodeid, _reason(report)))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail the session for skips that are not allowed."""
    if exitstatus == pytest.ExitCode.OK and _refused_skips():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the skips that are not allowed."""
    if refused := _refused_skips():
        terminalreporter.section("skips that tests/allowed_skips.txt does not name", red=True)
        for nodeid, reason in refused:
            terminalreporter.line(f"{nodeid}: {reason}", red=True)


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


def _refused_skips() -> list[tuple[str, str]]:
    if os.environ.get("CI", "").lower() != "true":
        return []
    allowed = [line for line in (TESTS / "allowed_skips.txt").read_text(encoding="utf-8").splitlines() if line]
    if not CORPUS.is_dir():
        allowed.append(f"*: {CORPUS_ABSENT}")
    patterns = [line for line in allowed if not line.startswith("#")]
    return [
        (nodeid, reason)
        for nodeid, reason in _skips
        if not any(_matches(f"{nodeid}: {reason}", pattern) for pattern in patterns)
    ]


def _matches(text: str, pattern: str) -> bool:
    # In a node id brackets are a parameter, in fnmatch a set of characters.
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))
