"""Drives a real engine host over its pipe, and makes page bitmaps, for tests and benchmarks."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from desktop_ocr.models.models_file import ModelsFile
from desktop_ocr.models.selection import choose_models
from desktop_ocr.models.store import ModelStore
from desktop_ocr.schema import frames
from desktop_ocr.schema.document_messages import Bitmap
from desktop_ocr.schema.engine_messages import Configure, EngineOptions, Recognise, Recognised
from desktop_ocr.schema.features import FAST, STAGES, Feature
from desktop_ocr.schema.messages import Failed, Quit, Reply, ReplyBody, Request, RequestBody
from desktop_ocr.schema.results import PageResult


class EngineClient:
    """An engine host of its own, answering one request at a time."""

    def __init__(
        self,
        command: Sequence[str] = (),
        environment: dict[str, str] | None = None,
        log: Path | None = None,
        program: Sequence[str] = ("-m", "desktop_ocr.engine_host"),
    ) -> None:
        """Start it and wait for its handshake.

        Args:
            command: what runs it, before the interpreter.
            environment: beside this process' own.
            log: file for what it writes to stderr; None for this process' stderr.
            program: what the interpreter is to run.
        """
        with contextlib.ExitStack() as files:
            self._process = subprocess.Popen(
                [*command, sys.executable, *program],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=files.enter_context(log.open("wb")) if log else None,
                env={**os.environ, **(environment or {}), "DESKTOP_OCR_PARENT": str(os.getpid())},
            )
        self._number = 0
        self.hello = self._receive().body

    def __enter__(self) -> EngineClient:
        """Nothing more to do."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the host."""
        self.close()

    def close(self) -> None:
        """End the host, and wait for its end."""
        if self._process.poll() is None:
            self.ask(Quit())
        self.wait()

    def wait(self) -> int:
        """Its exit code, once it has ended by itself; killed after a minute."""
        try:
            return self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        finally:
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    with contextlib.suppress(BrokenPipeError):
                        pipe.close()

    @property
    def pid(self) -> int:
        """Of the host."""
        return self._process.pid

    def ask(self, body: RequestBody) -> ReplyBody:
        """The reply to a request."""
        self._number += 1
        assert self._process.stdin is not None
        self._process.stdin.write(frames.pack(Request(self._number, body)))
        self._process.stdin.flush()
        reply = self._receive()
        assert reply.number == self._number
        return reply.body

    def configure(self, store: ModelStore, **options: object) -> None:
        """Configure it with the store's default models."""
        folders = tuple(store.lay_out(folder) for folder in choose_models(store, ModelsFile()).models.values())
        reply = self.ask(Configure(EngineOptions(models=folders, **options)))  # type: ignore[arg-type]
        assert not isinstance(reply, Failed), reply

    def recognise(self, bitmap: Bitmap, *, orientation: bool = True) -> PageResult:
        """A page's result."""
        features = FAST if orientation else FAST.without(Feature.ORIENTATION)
        reply = self.ask(Recognise(0, bitmap, features, STAGES))
        assert isinstance(reply, Recognised), reply
        return reply.result

    def memory_mb(self, key: str = "VmHWM") -> float:
        """The host's largest resident memory so far, in MB (10^6 bytes); Linux only."""
        for row in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if row.startswith(key + ":"):
                return int(row.split()[1]) * 1024 / 1e6
        raise AssertionError(key)

    def _receive(self) -> Reply:
        assert self._process.stdout is not None
        header = self._process.stdout.read(frames.HEADER.size)
        assert header, "the host ended"
        return frames.unpack_reply(self._process.stdout.read(frames.payload_length(header)))


def render(file: Path, folder: Path, page: int = 0, dpi: int = 200) -> Bitmap:
    """A page's bitmap in a file, as the document host makes it: PDF pages at `dpi`, pictures as they are."""
    import pymupdf

    if file.suffix.lower() == ".pdf":
        with pymupdf.open(file) as document:
            pixmap = document[page].get_pixmap(dpi=dpi, alpha=False, colorspace=pymupdf.csRGB)
        resolution = float(dpi)
    else:
        pixmap = pymupdf.Pixmap(str(file))
        resolution = float(pixmap.xres) if pixmap.xres > 72 else 150.0
        if pixmap.alpha:
            pixmap = pymupdf.Pixmap(pixmap, 0)
        if pixmap.colorspace is None or pixmap.n != 3:
            pixmap = pymupdf.Pixmap(pymupdf.csRGB, pixmap)
    target = folder / f"{file.parent.name}-{file.name}-{page}-{dpi}.rgb"
    target.write_bytes(pixmap.samples)
    return Bitmap(str(target), pixmap.width, pixmap.height, resolution)
