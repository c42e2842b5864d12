"""The document host as the process it is: frames on a pipe, and an end that leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from desktop_ocr.schema import frames
from desktop_ocr.schema.document_messages import DocumentInfo, Inspect, Source, StartExport
from desktop_ocr.schema.errors import ErrorCode
from desktop_ocr.schema.messages import Done, Failed, Hello, Ping, Quit, Reply, Request, RequestBody
from tests.fakes.small_pdfs import small_pdf

pytestmark = pytest.mark.process


@pytest.fixture
def document(tmp_path: Path) -> Source:
    """A PDF of two pages of text."""
    path = tmp_path / "text.pdf"
    path.write_bytes(small_pdf("hello", pages=2))
    return Source(str(path))


def ask(process: subprocess.Popen[bytes], number: int, body: RequestBody) -> object:
    assert process.stdin
    process.stdin.write(frames.pack(Request(number, body)))
    process.stdin.flush()
    return receive(process, number)


def receive(process: subprocess.Popen[bytes], number: int) -> object:
    assert process.stdout
    length = frames.payload_length(process.stdout.read(frames.HEADER.size))
    reply = frames.unpack_reply(process.stdout.read(length))
    assert isinstance(reply, Reply)
    assert reply.number == number
    return reply.body


def test_a_whole_life(document: Source, tmp_path: Path):
    command = [sys.executable, "-m", "desktop_ocr.document_host"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        hello = receive(process, 0)
        assert isinstance(hello, Hello)
        assert (hello.role, hello.pid) == ("document", process.pid)
        assert ask(process, 1, Ping()) == Done()
        info = ask(process, 2, Inspect(document))
        assert isinstance(info, DocumentInfo)
        assert info.pages == 2
        failed = ask(process, 3, Inspect(Source(str(tmp_path / "no.pdf"))))
        assert isinstance(failed, Failed)
        assert failed.error.code is ErrorCode.NOT_FOUND
        assert ask(process, 4, StartExport(1, "txt", document, str(tmp_path / "a.txt"), False, 2)) == Done()
        assert list(tmp_path.glob(".desktop-ocr-*"))
        assert ask(process, 5, Quit()) == Done()
        assert process.wait(60) == 0
        assert process.stderr
        assert process.stderr.read() == b""
    assert not list(tmp_path.glob(".desktop-ocr-*"))


def test_nothing_is_reported_or_written_at_home(document: Source, user_home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(user_home / "cache of its own"))
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    command = [sys.executable, "-m", "desktop_ocr.document_host"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        receive(process, 0)
        assert isinstance(ask(process, 1, Inspect(document)), DocumentInfo)
        assert ask(process, 2, Quit()) == Done()
    assert [path for path in user_home.rglob("*") if path.is_file()] == []
