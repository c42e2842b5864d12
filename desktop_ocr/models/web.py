"""HTTP for downloads, on the standard library: the window's process does without a larger one.

Plain GET requests; redirects stay within http and https, and never leave https; a request that waits for the other end
can be broken off at any moment.
"""

from __future__ import annotations

import contextlib
import errno
import http.client
import json
import logging
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from email.message import Message
from importlib.metadata import version
from typing import IO, Any
from urllib.parse import urlsplit

from desktop_ocr.models.breaker import Breaker

log = logging.getLogger(__name__)

TIMEOUT = 20.0
"""Seconds for a connection, and for the next bytes of an answer."""
ANSWER_BYTES = 32_000_000
"""Of a list of files at most."""
_REDIRECTS = 8
_MOST_DIGITS = 15
"""Of a body's length: Python refuses to read numbers of some thousand."""
_SCHEMES = ("http", "https")
_NOT_THERE = (errno.ECONNREFUSED, errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL)
"""Trying again a moment later would only keep the user waiting."""


class WebError(Exception):
    """A request that gave no answer that can be used.

    Attributes:
        status: of the answer, or 0 where there was none.
        again: it may go well a moment later.
        wait: seconds that the other end asked for before that, or 0.
    """

    def __init__(self, words: str, *, status: int = 0, again: bool = False, wait: float = 0.0) -> None:
        super().__init__(words)
        self.status = status
        self.again = again
        self.wait = wait


def sentence(error: WebError) -> str:
    """What an error says, as the end of a sentence with its stop."""
    words = str(error)
    return words if words.endswith("?") else f"{words}."


class Web:
    """Makes requests, one at a time."""

    def __init__(self, breaker: Breaker, *, proxy: str = "", timeout: float = TIMEOUT) -> None:
        """Ask nothing yet.

        Args:
            breaker: breaks requests off.
            proxy: address; "" for the system's own.
            timeout: in seconds.
        """
        self._breaker = breaker
        self._timeout = timeout
        self._opener = urllib.request.OpenerDirector()
        proxies = dict.fromkeys(_SCHEMES, proxy) if proxy else None
        handlers: tuple[urllib.request.BaseHandler, ...] = (
            urllib.request.ProxyHandler(proxies),
            _Http(breaker),
            _Https(breaker),
            _Redirects(),
            urllib.request.HTTPErrorProcessor(),
            urllib.request.HTTPDefaultErrorHandler(),
        )
        for handler in handlers:
            self._opener.add_handler(handler)
        # A file's bytes as they are: checksums and ranges are of those.
        self._headers = {"User-Agent": f"desktop-ocr/{version('desktop-ocr')}", "Accept-Encoding": "identity"}

    @contextlib.contextmanager
    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Iterator[Answer]:
        """Ask for an address; the answer's body is read as it comes.

        Raises:
            WebError: there is none, or one that is not 200 or 206.
            DesktopOcrError: CANCELLED.
        """
        self._breaker.check()
        if urlsplit(url).scheme not in _SCHEMES:
            raise WebError("the address is none of the web")
        request = urllib.request.Request(url, headers={**self._headers, **(headers or {})})  # noqa: S310 - checked
        try:
            with self._telling(url):
                reply = self._opener.open(request, timeout=self._timeout)
            with reply:
                yield Answer(reply, self._telling, self._breaker)
        finally:
            self._breaker.let_go()

    def json(self, url: str) -> Any:
        """A JSON document.

        Raises:
            WebError: as `get`; and where it is none, or too large.
        """
        with self.get(url) as answer:
            return self.parsed(answer)

    def parsed(self, answer: Answer) -> Any:
        """An answer's body as JSON; see `json`."""
        data = b"".join(answer.pieces(ANSWER_BYTES))
        try:
            return json.loads(data)
        except (ValueError, RecursionError) as error:
            raise WebError("the answer is not what was expected") from error

    @contextlib.contextmanager
    def _telling(self, url: str) -> Iterator[None]:
        """Errors of the libraries, in our words."""
        host = urlsplit(url).hostname or url
        try:
            yield
        except urllib.error.HTTPError as error:
            with error:
                status = error.code
                wait = _seconds(error.headers.get("Retry-After"))
            self._breaker.check()
            again = status in (408, 425, 429) or status >= 500
            raise WebError(f"{host} answered {status}", status=status, again=again, wait=wait) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._breaker.check()  # the socket was shut
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            if isinstance(reason, ssl.SSLCertVerificationError):
                raise WebError(f"the certificate of {host} is not to be trusted") from error
            log.debug("%s: %s", host, type(reason).__name__)
            if isinstance(reason, TimeoutError):
                raise WebError(f"{host} did not answer in time", again=True) from error
            if isinstance(reason, socket.gaierror):
                raise WebError(f"{host} was not found; is there a network?", again=False) from error
            if isinstance(reason, OSError) and reason.errno in _NOT_THERE:
                raise WebError(f"{host} cannot be reached; is there a network?") from error
            raise WebError(f"the connection to {host} broke off", again=True) from error


class Answer:
    """The answer to a request."""

    def __init__(
        self, reply: http.client.HTTPResponse, telling: Callable[[str], AbstractContextManager[None]], breaker: Breaker
    ) -> None:
        """Wrap what urllib gives."""
        self._reply = reply
        self._telling = telling
        self._breaker = breaker
        self.url: str = reply.url
        self.status: int = reply.status
        self.headers: Message = reply.headers

    @property
    def length(self) -> int | None:
        """Bytes of the body, where the other end says so.

        Raises:
            WebError: it says what cannot be.
        """
        text = self.headers.get("Content-Length", "")
        if not (text.isascii() and text.isdigit()):
            return None
        if len(text) > _MOST_DIGITS:
            raise WebError("the answer is not what was expected")
        return int(text)

    def pieces(self, most: int) -> Iterator[bytes]:
        """The body.

        Raises:
            WebError: it is longer than `most` bytes, or ends early.
            DesktopOcrError: CANCELLED.
        """
        announced, total = self.length, 0
        with self._telling(self.url):
            while data := self._reply.read1(1 << 18):
                total += len(data)
                if total > most:
                    raise WebError("the answer is larger than it should be")
                yield data
        self._breaker.check()  # a socket that was shut looks like one that ends early
        if announced is not None and total < announced:
            raise WebError("the connection broke off", again=True)


class _Http(urllib.request.HTTPHandler):
    def __init__(self, breaker: Breaker) -> None:
        super().__init__()
        self._breaker = breaker

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        breaker = self._breaker

        class Connection(http.client.HTTPConnection):
            def connect(self) -> None:
                super().connect()
                breaker.hold(self.sock)

        return self.do_open(Connection, req)


class _Https(urllib.request.AbstractHTTPHandler):
    def __init__(self, breaker: Breaker) -> None:
        super().__init__()
        self._breaker = breaker
        self._trusted: ssl.SSLContext | None = None

    def https_request(self, req: urllib.request.Request) -> urllib.request.Request:
        return self.do_request_(req)

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        breaker = self._breaker
        if self._trusted is None:  # reading all authorities takes a while
            self._trusted = ssl.create_default_context()

        class Connection(http.client.HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                breaker.hold(self.sock)

        return self.do_open(Connection, req, context=self._trusted)


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = _REDIRECTS

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        scheme = urlsplit(newurl).scheme
        if scheme not in _SCHEMES or (req.type == "https" and scheme != "https"):
            raise urllib.error.URLError("a redirect leaves https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _seconds(text: str | None) -> float:
    return min(60.0, float(text)) if text and text.isascii() and text.isdigit() else 0.0
