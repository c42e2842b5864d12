"""`desktop-ocr models` as a user runs it, against a model host on this machine."""

from __future__ import annotations

import json
import os
import pty
import resource
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.fake_model_host import FakeModelHost, onnx_package

COMMAND = [sys.executable, "-m", "desktop_ocr", "models"]
MODEL, OTHER = "SLANeXt_wired", "UVDoc"


@pytest.fixture
def host() -> Iterator[FakeModelHost]:
    with FakeModelHost().running() as running:
        for model in (MODEL, OTHER):
            running.packages[f"{model}_onnx"] = onnx_package(model)
        yield running


class User:
    """Somebody with folders of their own, whose settings name the model host."""

    def __init__(self, home: Path, address: str) -> None:
        config = home / "config" / "desktop-ocr"
        config.mkdir(parents=True)
        (config / "settings.toml").write_text(f'[models]\nmodel_mirror = "{address}"\n')
        self.data = home / "data" / "desktop-ocr"
        names = {"XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data", "XDG_CACHE_HOME": "cache"}
        proxies = {"http_proxy", "https_proxy", "all_proxy"}
        self.environment = {name: value for name, value in os.environ.items() if name.lower() not in proxies}
        self.environment |= {name: str(home / folder) for name, folder in names.items()} | {"HOME": str(home)}

    def run(self, *words: str, before: Sequence[str] = (), **more: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*before, *COMMAND, *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
            **more,
        )

    def start(self, *words: str, **more: Any) -> subprocess.Popen[str]:
        return subprocess.Popen([*COMMAND, *words], env=self.environment, text=True, **more)

    def listed(self, model: str) -> dict[str, Any]:
        return next(one for one in json.loads(self.run("--json").stdout) if one["id"] == model)


@pytest.fixture
def user(tmp_path: Path, host: FakeModelHost) -> User:
    return User(tmp_path, host.address)


def test_a_model_from_the_list_to_its_end(user: User, host: FakeModelHost) -> None:
    done = user.run("install", MODEL)
    assert done.returncode == 1
    assert "about 351 MB, Apache-2.0" in done.stderr
    assert "agree with --yes" in done.stderr
    assert host.asked == []

    done = user.run("install", MODEL, OTHER, "--yes")
    assert done.returncode == 0, done.stderr
    assert f"{MODEL}: installed, 0.3 MB" in done.stderr
    assert user.listed(MODEL)["state"] == "installed"
    assert user.listed("table_recognition_v2")["state"] == "available"
    asked = len(host.asked)
    assert "installed" in user.run("install", MODEL, "--yes").stdout
    assert len(host.asked) == asked

    assert user.run("verify", MODEL, OTHER).stdout == f"{MODEL}: fine\n{OTHER}: fine\n"
    weights = user.data / "models" / MODEL / "inference.onnx"
    weights.write_bytes(b"x" * weights.stat().st_size)
    done = user.run("verify", MODEL)
    assert done.returncode == 1
    assert f"The model {MODEL} is damaged." in done.stderr

    assert user.run("remove", MODEL).stdout == f"{MODEL}: removed\n"
    assert user.listed(MODEL)["state"] == "available"
    assert user.run("remove", MODEL).returncode == 1
    done = user.run("remove", "PP-OCRv6_small_det")
    assert done.returncode == 2
    assert "came with the program" in done.stderr


def test_names_that_are_none(user: User, host: FakeModelHost) -> None:
    done = user.run("install", "UVDok", "--yes")
    assert done.returncode == 2
    assert "Did you mean UVDoc" in done.stderr
    assert host.asked == []


def test_a_full_profile_says_what_it_leaves_out(user: User) -> None:
    done = user.run("install", "full")
    assert done.returncode == 1
    assert "PP-DocLayout_plus-L" in done.stderr
    if "PP-FormulaNet_plus-L is left out" in done.stderr:  # without paddlepaddle
        assert "paddlepaddle" in done.stderr


def test_ctrl_c_keeps_what_has_come(user: User, host: FakeModelHost) -> None:
    host.stall = threading.Event()
    process = user.start("install", MODEL, "--yes", stderr=subprocess.PIPE)
    assert host.stalled.wait(30)
    part = user.data / "models" / f".part-{MODEL}" / "inference.onnx.part"
    while not part.exists() or part.stat().st_size < 100_000:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert not host.stall.is_set()
    assert process.returncode == 130
    assert "It can go on later." in said
    there = part.stat().st_size
    assert user.listed(MODEL)["state"] == "broken-off"
    host.stall.set()
    host.stall = None
    assert user.run("install", MODEL, "--yes").returncode == 0
    assert host.files_asked[-1][1]["Range"] == f"bytes={there}-"
    assert user.run("verify", MODEL).returncode == 0


def test_a_disk_that_takes_no_more(user: User) -> None:
    def little() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    done = user.run("install", MODEL, "--yes", preexec_fn=little)
    assert done.returncode == 1
    assert "The disk does not take a file so large." in done.stderr
    assert "Traceback" not in done.stderr
    assert user.listed(MODEL)["state"] == "broken-off"
    assert user.run("install", MODEL, "--yes").returncode == 0


def test_two_programs_at_once(user: User, host: FakeModelHost) -> None:
    programs = [user.start("install", MODEL, "--yes", stderr=subprocess.DEVNULL) for _ in range(3)]
    assert [program.wait(60) for program in programs] == [0, 0, 0]
    assert sum("inference.onnx" in path for path, _ in host.files_asked) == 1
    assert user.run("verify", MODEL).returncode == 0


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("\n", 1)])
def test_on_a_terminal_it_asks(user: User, host: FakeModelHost, answer: str, code: int) -> None:
    ours, theirs = pty.openpty()
    process = user.start("install", MODEL, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = ""
    try:
        while process.poll() is None or select.select([ours], [], [], 0)[0]:
            if not select.select([ours], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not data:
                break
            seen += data.decode(errors="replace")
            if answer and "[y/N]" in seen:
                os.write(ours, answer.encode())
                answer = ""
        assert process.wait(30) == code
    finally:
        process.kill()
        os.close(ours)
    assert "Apache-2.0" in seen
    assert bool(host.asked) is (code == 0)
    assert ("installed" in seen.split("[y/N]")[1]) is (code == 0)


def test_models_from_another_machine_without_a_network(user: User, tmp_path: Path) -> None:
    if subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this system does not let its users make namespaces")
    stick = tmp_path / "stick"
    for model in (MODEL, OTHER):
        (stick / model).mkdir(parents=True)
        for name, data in onnx_package(model).items():
            (stick / model / name).write_bytes(data)
    done = user.run("import", str(stick), before=("unshare", "-rn"))
    assert done.stdout == f"{MODEL}: imported\n{OTHER}: imported\n"
    assert user.run("verify", MODEL, before=("unshare", "-rn")).returncode == 0
    listed = user.run("list", before=("unshare", "-rn"))
    assert listed.returncode == 0
    assert MODEL in listed.stdout
    done = user.run("install", "PP-DocBlockLayout", "--yes", before=("unshare", "-rn"))
    assert done.returncode == 1
    assert "is there a network?" in done.stderr


def test_listing_asks_nobody(user: User) -> None:
    """Whatever the program does to reach somebody is an event that Python tells."""
    program = (
        "import sys; asked = [];"
        "sys.addaudithook(lambda event, _: asked.append(event) if event in"
        " ('socket.connect', 'socket.getaddrinfo', 'socket.gethostbyname', 'urllib.Request') else None);"
        "from desktop_ocr.__main__ import main;"
        "codes = [main(['models']), main(['models', 'list', '--json']), main(['models', 'file'])];"
        "sys.stderr.write(repr((codes, asked)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=user.environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr == "([0, 0, 0], [])"


def test_the_models_file_is_made_and_looked_at(user: User, tmp_path: Path) -> None:
    done = user.run("file")
    file = Path(done.stdout.strip())
    assert file == tmp_path / "config" / "desktop-ocr" / "models.toml"
    file.write_text('[unwarp]\nmodel = "UVDok"\n')
    done = user.run("file")
    assert done.returncode == 1
    assert "there is no model UVDok" in done.stderr
