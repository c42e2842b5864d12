"""A host that misbehaves on demand: a fake engine and document host in a real process, over the real pipe.

Run as `python -m tests.fakes.fake_host ROLE SCRIPT`: SCRIPT is a JSON file that says what to do on which page,
and counts in a folder how often each page was tried (a host that was killed cannot count in memory):

    {"pages": {"3": "die"}, "counts": "/folder", "document_pages": 5, "delay": 0.0}

What a page can do: "die" (SIGKILL), "abort" (SIGABRT), "hang", "garbage" (bytes that are no frame), "nan" (a
result with NaN), "chatter" (prints to descriptor 1 first), "fail" (a clean error), "die-once", "hang-once",
"memory" (MemoryError), "orphan" (SIGKILL, and a child of its own that holds its pipe goes on), "export-hang" (its
export hangs, with a file begun), "picture-gone" (its bitmap was deleted).

Short memory, as a page or as a model that is loaded: "oom" (a clean OUT_OF_MEMORY), "oom-above-side:N" (while the
side asked for is 0 or over N), "oom-with-features" (while orientation or layout is on), "oom-on-gpu", "gpu-lost"
(both on GPU devices only), "bad-alloc" (what std::bad_alloc leaves on stderr, then SIGABRT). "-once" may follow.

More of the script, all optional:

    "loads": {"layout": "die"}   what loading a role does: any of the above that needs no page
    "prepares": {"3": "oom"}     what the document host does when it prepares a page: the same
    "load_delay": 0.5            seconds that loading a role takes
    "ballast": 50                MB that each loaded role really allocates
    "keeps": true                unloading gives nothing back
    "rss": 300, "grow": 2        the host says it holds 300 MB, 2 more with each page, and the ballast
    "peak": 100                  MB that a page takes for itself, as the host says
    "frameworks": {"paddle": [10, 20]}   MB allocated and reserved
    "needs": ["tables", "formulas"]   features that every page shows a sign of; or {"3": ["formulas"]} by page
    "stages": {"3:formulas": "die-once"}   what refining a page does: any of the above that a page can do
    "stage_delay": 0.1           seconds that a stage takes
    "text_layer": true           the document host finds a text layer on every page
    "exports": true              exports leave a file

A document that begins with "damaged" cannot be opened.

What was asked, and what was really loaded, is in the counts folder: see `asked`.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import psutil

from desktop_ocr.host_child.serve import Handler, serve
from desktop_ocr.schema.document_messages import (
    PART_PREFIX,
    PART_SUFFIX,
    Bitmap,
    DocumentInfo,
    Exported,
    ExportPage,
    FinishExport,
    Inspect,
    MakePicture,
    Picture,
    PreparedPage,
    PreparePage,
    StartExport,
    TextLayer,
)
from desktop_ocr.schema.engine_messages import (
    Arrange,
    Configure,
    EngineOptions,
    HostMemory,
    LoadedModel,
    LoadModel,
    MeasureMemory,
    ModelLoaded,
    Recognise,
    Recognised,
    Refine,
    Unload,
    UnloadModels,
    WarmUp,
)
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.features import STAGES, Feature, FeatureMode, Features
from desktop_ocr.schema.jobs import TextLayerMode
from desktop_ocr.schema.memory import FrameworkMemory
from desktop_ocr.schema.messages import Done as DoneReply
from desktop_ocr.schema.messages import ReplyBody, RequestBody
from desktop_ocr.schema.results import LEFT_OUT, Block, BlockKind, Line, PageNote, PageResult, PageSource, StepCost

WIDTH, HEIGHT = 40, 60
TEXT_ROLES = ("text-detection", "text-recognition")
STAGE_ROLES = {
    Feature.TABLES: ("table-pipeline", "table-structure"),
    Feature.PICTURES: ("regions",),
    Feature.SEALS: ("seal-detection",),
    Feature.FORMULAS: ("formula",),
    Feature.CHARTS: ("chart",),
}
"""By feature: the first of its roles that is configured does it."""
_LOG = "asked.log"
_NO_MEMORY = DesktopOcrError(ErrorCode.OUT_OF_MEMORY, "There was not enough memory for this page.")


def fake_result(page: int, source: PageSource = PageSource.RECOGNISED) -> PageResult:
    """A small page that says which one it is."""
    polygon = (1.0, 1.0, 30.0, 1.0, 30.0, 9.0, 1.0, 9.0)
    line = Line(f"page {page + 1}", polygon, 0.9)
    block = Block(BlockKind.TEXT, (1.0, 1.0, 30.0, 9.0), (0,))
    return PageResult(page, WIDTH, HEIGHT, 100.0, 0, source, (line,), (block,))


class Asked(NamedTuple):
    """A line of a fake host's log.

    Attributes:
        role: "engine" or "document".
        pid: of the host.
        what: name of the request, or "loaded", "unloaded" for what then really happened to a role, "stage" for a
            feature that was done with a page's text.
        detail: the role or roles, "3 side=0 orientation=on layout=True" of a page, "3 formulas" of a stage, the device
            of `Configure`, "3 0.100,0.200,0.500,0.600 turned=90" of a part of a page that is prepared or drawn.
    """

    role: str
    pid: int
    what: str
    detail: str


def asked(counts: Path) -> list[Asked]:
    """What fake hosts were asked, and what they loaded, in the order in which they began it."""
    file = counts / _LOG
    rows = [row.split(" ", 3) for row in file.read_text().splitlines()] if file.exists() else []
    return [Asked(role, int(pid), what, detail) for role, pid, what, detail in rows]


class _Script:
    """What to do, and the notes about what was done."""

    def __init__(self, role: str, content: dict[str, Any]) -> None:
        self.content = content
        self.counts = Path(content["counts"])
        self.role = role

    def number(self, name: str) -> float:
        return float(self.content.get(name, 0))

    def page(self, page: int) -> str:
        return str(self.content.get("pages", {}).get(str(page), ""))

    def load(self, role: str) -> str:
        return str(self.content.get("loads", {}).get(role, ""))

    def needs(self, page: int) -> tuple[Feature, ...]:
        needs = self.content.get("needs", ())
        return tuple(Feature(name) for name in (needs.get(str(page), ()) if isinstance(needs, dict) else needs))

    def count(self, name: str) -> int:
        """Note that something begins, and say how often it has begun."""
        seen = self.counts / f"{self.role}-{name}"
        seen.write_text((seen.read_text() if seen.exists() else "") + "x")
        return len(seen.read_text())

    def note(self, what: str, detail: str) -> None:
        """A line of the log, whole in one write: several hosts may write at a time."""
        with (self.counts / _LOG).open("ab", buffering=0) as file:
            file.write(f"{self.role} {os.getpid()} {what} {detail}\n".encode())


def _misbehave(what: str, times: int) -> None:
    """Do what needs to know nothing about the page."""
    if what.endswith("-once"):
        what = what.removesuffix("-once") if times == 1 else ""
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif what == "orphan":
        subprocess.Popen(["sleep", "60"])
        os.kill(os.getpid(), signal.SIGKILL)
    elif what == "abort":
        os.abort()
    elif what == "bad-alloc":
        os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n")
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
    elif what == "picture-gone":
        raise DesktopOcrError(ErrorCode.NOT_FOUND, "The page's picture is not there any more.", "Try the page again.")
    elif what == "memory":
        raise MemoryError
    elif what == "oom":
        raise _NO_MEMORY


class FakeEngine:
    """The engine's side. "Models" are names with ballast."""

    def __init__(self, script: _Script) -> None:
        """Hold nothing."""
        self._script = script
        self._options = EngineOptions(models=())
        self._loaded: dict[str, bytearray] = {}
        self._kept: list[bytearray] = []
        self._fresh: list[LoadedModel] = []
        self._pages = 0

    def handle(self, body: RequestBody) -> ReplyBody | None:
        """The reply; None for a request that is not an engine's. Out of memory, all models are dropped."""
        try:
            return self._answer(body)
        except (DesktopOcrError, MemoryError) as error:
            if isinstance(error, MemoryError) or error.code is ErrorCode.OUT_OF_MEMORY:
                self._unload(tuple(self._loaded))
            raise

    def _answer(self, body: RequestBody) -> ReplyBody | None:
        if isinstance(body, Configure):
            self._options = body.options
            self._unload(tuple(self._loaded))
        elif isinstance(body, LoadModel):
            return self._load(body.role)
        elif isinstance(body, Unload):
            self._unload(tuple(self._loaded))
        elif isinstance(body, UnloadModels):
            self._unload(body.roles)
            return self._memory()
        elif isinstance(body, (WarmUp, MeasureMemory)):
            return self._memory()
        elif isinstance(body, (Recognise, Arrange, Refine)):
            self._fresh.clear()
            result = self._refined(body) if isinstance(body, Refine) else self._page(body)
            return Recognised(result, self._memory(self._script.number("peak")), tuple(self._fresh))
        else:
            return None
        return DoneReply()

    def _page(self, body: Recognise | Arrange) -> PageResult:
        what, times = self._script.page(body.page), self._script.count(str(body.page))
        if isinstance(body, Recognise):
            self._load_missing(TEXT_ROLES)
            self._load_missing(("page-orientation",) if body.features.orientation is FeatureMode.ON else ())
        self._load_missing(("layout",) if body.layout else ())
        self._run_short(what, times, body)
        _misbehave(what, times)
        self._pages += 1
        result = fake_result(body.page, PageSource.TEXT_LAYER if isinstance(body, Arrange) else PageSource.RECOGNISED)
        if what == "nan":
            line = Line("x", (float("nan"),) * 8, 0.5)  # type: ignore[arg-type]
            result = PageResult(body.page, WIDTH, HEIGHT, 100.0, 0, PageSource.RECOGNISED, (line,), result.blocks)
        if body.layout:
            result = self._planned(result, body.features)
        for feature in body.inline if isinstance(body, Recognise) else ():
            if feature in result.pending:
                self._script.note("stage", f"{body.page} {feature}")
                result = self._staged(result, feature)
        return result

    def _planned(self, result: PageResult, features: Features) -> PageResult:
        """The features that a page needs as its pending ones, or a note for those that are not configured."""
        wanted = [one for one in STAGES if one in self._script.needs(result.page) and features.wants(one)]
        pending = tuple(one for one in wanted if self._role(one))
        notes = tuple(
            PageNote(LEFT_OUT, f"{one} left out: model not installed.") for one in wanted if one not in pending
        )
        return msgspec.structs.replace(result, pending=pending, notes=notes)

    def _refined(self, body: Refine) -> PageResult:
        page = body.result.page
        name = f"{page}:{body.feature}"
        what, times = str(self._script.content.get("stages", {}).get(name, "")), self._script.count(name)
        time.sleep(self._script.number("stage_delay"))
        if body.feature not in body.result.pending:
            raise DesktopOcrError(ErrorCode.PROTOCOL, "This was done on the page already.")
        if Path(body.bitmap.path).stat().st_size != WIDTH * HEIGHT * 3:
            raise DesktopOcrError(ErrorCode.NOT_FOUND, "The page's picture is not there any more.")
        self._load_missing((self._role(body.feature),))
        self._run_short(what, times, None)
        _misbehave(what, times)
        return self._staged(body.result, body.feature)

    def _staged(self, result: PageResult, feature: Feature) -> PageResult:
        role = self._role(feature)
        self._load_missing((role,))
        return msgspec.structs.replace(
            result,
            pending=tuple(other for other in result.pending if other is not feature),
            steps=(*result.steps, StepCost(str(feature), 0.0, 0.0)),
            models=tuple(dict.fromkeys((*result.models, self._configured()[role]))),
        )

    def _role(self, feature: Feature) -> str:
        return next((role for role in STAGE_ROLES[feature] if role in self._configured()), "")

    def _configured(self) -> dict[str, str]:
        return {folder.role: folder.model for folder in self._options.models}

    def _run_short(self, what: str, times: int, body: Recognise | Arrange | None) -> None:
        """Raise what short memory raises, where the request and the device are such."""
        if what.endswith("-once"):
            what = what.removesuffix("-once") if times == 1 else ""
        on_gpu = self._options.device.startswith("gpu")
        if what == "gpu-lost" and on_gpu:
            raise DesktopOcrError(ErrorCode.GPU_LOST, "The graphics card cannot be used any more.")
        if what == "oom-on-gpu" and on_gpu:
            raise _NO_MEMORY
        if what.startswith("oom-above-side:") and isinstance(body, Recognise):
            limit = int(what.partition(":")[2])
            if body.detection_side == 0 or body.detection_side > limit:
                raise _NO_MEMORY
        upright = isinstance(body, Recognise) and body.features.wants(Feature.ORIENTATION)
        if what == "oom-with-features" and body is not None and (body.layout or upright):
            raise _NO_MEMORY

    def _load(self, role: str) -> ModelLoaded:
        began, before = time.perf_counter(), self._memory().rss_mb
        self._load_missing((role,))
        memory = self._memory()
        return ModelLoaded(time.perf_counter() - began, max(0.0, memory.rss_mb - before), memory)

    def _load_missing(self, roles: tuple[str, ...]) -> None:
        for role in roles:
            if role in self._loaded:
                continue
            what, times = self._script.load(role), self._script.count(f"load-{role}")
            time.sleep(self._script.number("load_delay"))
            self._run_short(what, times, None)
            _misbehave(what, times)
            self._script.note("loaded", role)
            self._fresh.append(LoadedModel(role, 0.0, 0.0))
            # Written to, or it would not be resident.
            self._loaded[role] = bytearray(b"\x01") * int(self._script.number("ballast") * 1e6)

    def _unload(self, roles: tuple[str, ...]) -> None:
        for role in roles:
            if role in self._loaded:
                ballast = self._loaded.pop(role)
                if self._script.content.get("keeps"):
                    self._kept.append(ballast)
                self._script.note("unloaded", role)

    def _memory(self, extra: float = 0.0) -> HostMemory:
        if "rss" in self._script.content:
            ballast = sum(map(len, (*self._loaded.values(), *self._kept))) / 1e6
            rss = self._script.number("rss") + self._script.number("grow") * self._pages + ballast
        else:
            rss = psutil.Process().memory_info().rss / 1e6
        told: dict[str, tuple[float, float]] = self._script.content.get("frameworks", {})
        frameworks = tuple(FrameworkMemory(name, *figures) for name, figures in told.items())
        return HostMemory(rss, rss + extra, frameworks)


class FakeDocuments:
    """The document host's side."""

    def __init__(self, script: _Script) -> None:
        """Nothing is exported yet."""
        self._script = script
        self._part = self._target = Path()

    def handle(self, body: RequestBody) -> ReplyBody:
        """The reply."""
        if isinstance(body, Inspect):
            if not Path(body.source.path).exists():
                raise DesktopOcrError(ErrorCode.NOT_FOUND, "The file is not there.")
            data = Path(body.source.path).read_bytes()
            if data.startswith(b"damaged"):
                raise DesktopOcrError(ErrorCode.DAMAGED, "The file is damaged.")
            pages = int(self._script.content["document_pages"])
            return DocumentInfo("PDF", pages, hashlib.sha256(data).hexdigest(), len(data))
        if isinstance(body, PreparePage):
            if not Path(body.source.path).exists():
                raise DesktopOcrError(ErrorCode.NOT_FOUND, "The file is not there.")
            what = str(self._script.content.get("prepares", {}).get(str(body.page), ""))
            _misbehave(what, self._script.count(f"prepare-{body.page}"))
            if self._script.content.get("text_layer") and body.text_layer is not TextLayerMode.ALWAYS_OCR:
                layer = TextLayer(WIDTH, HEIGHT, fake_result(body.page).lines)
                return PreparedPage(None, layer, "fake", 0.0)
            Path(body.bitmap_path).write_bytes(bytes(WIDTH * HEIGHT * 3))
            return PreparedPage(Bitmap(body.bitmap_path, WIDTH, HEIGHT, 100.0), None, "fake", 0.0)
        if isinstance(body, MakePicture):
            if not Path(body.source.path).exists():
                raise DesktopOcrError(ErrorCode.NOT_FOUND, "The file is not there.")
            Path(body.picture_path).write_bytes(b"fake")
            return Picture(body.picture_path, body.max_width, body.max_height, WIDTH, HEIGHT)
        if isinstance(body, StartExport):
            self._part = Path(body.target).parent / f"{PART_PREFIX}{os.getpid()}-x{PART_SUFFIX}"
            self._part.touch()
            self._target = Path(body.target)
        if isinstance(body, ExportPage) and self._script.page(body.page) == "export-hang":
            time.sleep(3600)
        if isinstance(body, FinishExport) and self._script.content.get("exports"):
            self._part.write_text("made\n")
            self._part.replace(self._target)
            return Exported(str(self._target), self._target.stat().st_size, False)
        if isinstance(body, FinishExport):
            self._part.unlink()
            return Exported(str(self._part), 0, False)
        return DoneReply()


def _detail(body: RequestBody) -> str:
    """What the log says of a request beside its name."""
    match body:
        case Configure(options=options):
            return options.device
        case LoadModel(role=role):
            return role
        case UnloadModels(roles=roles):
            return ",".join(roles)
        case Recognise():
            orientation = body.features.orientation
            return f"{body.page} side={body.detection_side} orientation={orientation} layout={body.layout}"
        case Refine():
            return f"{body.result.page} {body.feature}"
        case Arrange():
            return f"{body.page} layout={body.layout}"
        case PreparePage() | MakePicture():
            part = "" if body.region is None else " " + ",".join(f"{value:.3f}" for value in body.region)
            return f"{body.page}{part}{f' turned={body.rotation}' if body.rotation else ''}"
        case ExportPage():
            return str(body.page)
    return ""


def make(role: str, content: dict[str, object]) -> Callable[[], Handler]:
    """The handler's maker for `serve`."""
    script = _Script(role, content)
    engine, documents = FakeEngine(script), FakeDocuments(script)
    about_memory = (LoadModel, UnloadModels, WarmUp, MeasureMemory)

    def handler(body: RequestBody) -> ReplyBody:
        script.note(type(body).__name__, _detail(body))
        if not isinstance(body, about_memory):
            time.sleep(script.number("delay"))
        return engine.handle(body) or documents.handle(body)

    return lambda: handler


if __name__ == "__main__":
    sys.exit(serve(sys.argv[1], make(sys.argv[1], json.loads(Path(sys.argv[2]).read_text()))))
