"""A host that misbehaves on demand: a fake engine and document host in a real process, over the real pipe.

Run as `python -m tests.fakes.fake_host ROLE SCRIPT`: SCRIPT is a JSON file that says what to do on which page,
and counts in a folder how often each page was tried (a host that was killed cannot count in memory):

    {"pages": {"3": "die"}, "counts": "/folder", "document_pages": 5, "delay": 0.0}

What a page can do: "die" (SIGKILL), "abort" (SIGABRT), "hang", "garbage" (bytes that are no frame), "nan" (a
result with NaN), "chatter" (prints to descriptor 1 first), "fail" (a clean error), "die-once", "hang-once",
"memory" (MemoryError), "orphan" (SIGKILL, and a child of its own that holds its pipe goes on), "export-hang" (its
export hangs, with a file begun).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from desktop_ocr.host_child.serve import Handler, serve
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.messages import (
    PART_PREFIX,
    PART_SUFFIX,
    Arrange,
    Bitmap,
    DocumentInfo,
    Exported,
    ExportPage,
    FinishExport,
    Inspect,
    PreparedPage,
    PreparePage,
    Recognise,
    Recognised,
    ReplyBody,
    RequestBody,
    StartExport,
)
from desktop_ocr.schema.messages import Done as DoneReply
from desktop_ocr.schema.results import Block, BlockKind, Line, PageResult, PageSource

WIDTH, HEIGHT = 40, 60


def fake_result(page: int) -> PageResult:
    """A small page that says which one it is."""
    polygon = (1.0, 1.0, 30.0, 1.0, 30.0, 9.0, 1.0, 9.0)
    line = Line(f"page {page + 1}", polygon, 0.9)
    block = Block(BlockKind.TEXT, (1.0, 1.0, 30.0, 9.0), (0,))
    return PageResult(page, WIDTH, HEIGHT, 100.0, 0, PageSource.RECOGNISED, (line,), (block,))


def make(role: str, script: dict[str, object]) -> Callable[[], Handler]:
    """The handler's maker for `serve`."""
    pages: dict[str, str] = script.get("pages", {})  # type: ignore[assignment]
    counts = Path(str(script["counts"]))

    part = Path()

    def misbehave(page: int) -> None:
        what = pages.get(str(page), "")
        seen = counts / f"{role}-{page}"
        seen.write_text((seen.read_text() if seen.exists() else "") + "x")
        if what.endswith("-once"):
            what = what.removesuffix("-once") if len(seen.read_text()) == 1 else ""
        if what == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        elif what == "orphan":
            subprocess.Popen(["sleep", "60"])
            os.kill(os.getpid(), signal.SIGKILL)
        elif what == "abort":
            os.abort()
        elif what == "hang":
            time.sleep(3600)
        elif what == "garbage":
            for descriptor in range(3, 10):
                try:
                    os.write(descriptor, b"\x00\x00\x00\x02hi")
                except OSError:
                    continue
        elif what == "chatter":
            os.write(1, b"a library's chatter\n" * 100)
        elif what == "fail":
            raise DesktopOcrError(ErrorCode.DAMAGED, "This page is damaged.")
        elif what == "memory":
            raise MemoryError

    def handler(body: RequestBody) -> ReplyBody:
        time.sleep(float(str(script.get("delay", 0))))
        if isinstance(body, Inspect):
            data = Path(body.source.path).read_bytes()
            import hashlib

            return DocumentInfo("PDF", int(str(script["document_pages"])), hashlib.sha256(data).hexdigest(), len(data))
        if isinstance(body, PreparePage):
            if not Path(body.source.path).exists():
                raise DesktopOcrError(ErrorCode.NOT_FOUND, "The file is not there.")
            Path(body.bitmap_path).write_bytes(bytes(WIDTH * HEIGHT * 3))
            return PreparedPage(Bitmap(body.bitmap_path, WIDTH, HEIGHT, 100.0), None, "fake", 0.0)
        if isinstance(body, (Recognise, Arrange)):
            misbehave(body.page)
            result = fake_result(body.page)
            if pages.get(str(body.page)) == "nan":
                line = Line("x", (float("nan"),) * 8, 0.5)  # type: ignore[arg-type]
                result = PageResult(body.page, WIDTH, HEIGHT, 100.0, 0, PageSource.RECOGNISED, (line,), result.blocks)
            return Recognised(result)
        if isinstance(body, StartExport):
            nonlocal part
            part = Path(body.target).parent / f"{PART_PREFIX}{os.getpid()}-x{PART_SUFFIX}"
            part.touch()
        if isinstance(body, ExportPage) and pages.get(str(body.page)) == "export-hang":
            time.sleep(3600)
        if isinstance(body, FinishExport):
            part.unlink()
            return Exported(str(part), 0, False)
        return DoneReply()

    return lambda: handler


if __name__ == "__main__":
    sys.exit(serve(sys.argv[1], make(sys.argv[1], json.loads(Path(sys.argv[2]).read_text()))))
