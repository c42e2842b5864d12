"""Requests: where they may be led to, what is told of them, how they are broken off."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from desktop_ocr.models.breaker import Breaker
from desktop_ocr.models.web import Web, WebError, _Redirects
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode


class Server:
    """Answers each request by a function of its handler."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: Any = None
        self.release = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                server.answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._http.server_port}"

    def close(self) -> None:
        self.release.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.close()


def redirect_to(url: str) -> Any:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", url)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def read(web: Web, url: str) -> bytes:
    with web.get(url) as answer:
        return b"".join(answer.pieces(1000))


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/x", "data:,x", "/elsewhere"])
def test_redirects_stay_in_the_web(server: Server, url: str) -> None:
    server.answer = redirect_to(url)
    with pytest.raises(WebError):
        read(Web(Breaker()), server.address)
    assert len(server.asked) <= 9  # in a circle


def test_redirects_never_leave_https() -> None:
    from urllib.error import URLError
    from urllib.request import Request

    handler = _Redirects()
    request = Request("https://example.org/a", headers={"Range": "bytes=5-"})
    with pytest.raises(URLError):
        handler.redirect_request(request, None, 302, "", {}, "http://example.org/a")  # type: ignore[arg-type]
    led = handler.redirect_request(request, None, 302, "", {}, "https://cdn.example.org/a")  # type: ignore[arg-type]
    assert led is not None
    assert led.headers["Range"] == "bytes=5-"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "nonsense", "ftp://example.org"])
def test_addresses_are_those_of_the_web(url: str) -> None:
    with pytest.raises(WebError):
        read(Web(Breaker()), url)


@pytest.mark.parametrize(("status", "again"), [(404, False), (403, False), (408, True), (429, True), (500, True)])
def test_what_may_go_well_later(server: Server, status: int, again: bool) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Retry-After", "7")
        handler.end_headers()

    server.answer = answer
    with pytest.raises(WebError) as caught:
        read(Web(Breaker()), server.address)
    assert (caught.value.status, caught.value.again, caught.value.wait) == (status, again, 7.0)


def test_a_length_that_cannot_be(server: Server) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "9" * 5000)
        handler.end_headers()
        handler.wfile.write(b"x")

    server.answer = answer
    with pytest.raises(WebError, match="not what was expected"):
        read(Web(Breaker()), server.address)


def test_a_body_that_is_too_long_or_too_short(server: Server) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", handler.path[1:])
        handler.end_headers()
        handler.wfile.write(b"x" * 2000)

    server.answer = answer
    with pytest.raises(WebError, match="larger"):
        read(Web(Breaker()), server.address + "/2000")

    def short(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "900")
        handler.end_headers()
        handler.wfile.write(b"x" * 100)

    server.answer = short
    with pytest.raises(WebError) as caught:
        read(Web(Breaker()), server.address)
    assert caught.value.again


@pytest.mark.parametrize("before", ["nothing", "half"])
def test_a_request_that_waits_is_broken_off(server: Server, before: str) -> None:
    waiting = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if before == "half":
            handler.send_response(200)
            handler.send_header("Content-Length", "900")
            handler.end_headers()
            handler.wfile.write(b"x" * 100)
            handler.wfile.flush()
        waiting.set()
        server.release.wait(30)

    server.answer = answer
    breaker, errors = Breaker(), []

    def ask() -> None:
        try:
            read(Web(breaker), server.address)
        except DesktopOcrError as error:
            errors.append(error.code)

    thread = threading.Thread(target=ask)
    thread.start()
    assert waiting.wait(60)
    breaker.pull()
    thread.join(10)
    assert not thread.is_alive()
    assert not server.release.is_set()
    assert errors == [ErrorCode.CANCELLED]
    with pytest.raises(DesktopOcrError):
        read(Web(breaker), server.address)  # nothing is begun any more
    assert len(server.asked) == 1


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000])
def test_an_answer_that_is_no_json(server: Server, body: bytes) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(body)

    server.answer = answer
    with pytest.raises(WebError):
        Web(Breaker()).json(server.address)


def test_a_host_that_talks_nonsense(server: Server) -> None:
    server.answer = lambda handler: handler.wfile.write(b"\x00\x01nonsense\r\n\r\n")
    with pytest.raises(WebError) as caught:
        read(Web(Breaker()), server.address)
    assert caught.value.again
