"""One page's way from the user's file to a result, in one go or in stages."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple

import msgspec

from desktop_ocr.core.ahead import LoadingAhead
from desktop_ocr.core.engine_work import Effort, EngineWork
from desktop_ocr.core.job import Job, file_stamp
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.machinery import Machinery
from desktop_ocr.core.opening import file_changed
from desktop_ocr.core.plans import PagePlan, degraded_note, stage_plan, text_roles, wanted_plan
from desktop_ocr.core.runtime import RuntimeFolder
from desktop_ocr.models.pool import Priority
from desktop_ocr.models.selection import missing_text
from desktop_ocr.schema.document_messages import PreparedPage, PreparePage
from desktop_ocr.schema.engine_messages import Arrange, Recognise, Refine
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.features import STAGES, Feature, Features
from desktop_ocr.schema.jobs import TextLayerMode
from desktop_ocr.schema.results import LEFT_OUT, Box, PageNote, PageResult, StepCost

log = logging.getLogger(__name__)


class _PictureGoneError(DesktopOcrError):
    """A page's bitmap was deleted on the way: engine hosts see no other files."""


class PagePart(NamedTuple):
    """What is recognised of a page; see `PreparePage`.

    Attributes:
        rotation: degrees clockwise to turn the page as displayed.
        region: of the turned page, in parts of its sides; None for all of it.
    """

    rotation: int = 0
    region: Box | None = None


WHOLE = PagePart()


class PageProcessor:
    """Prepares a page in the document host and has it done in an engine host."""

    def __init__(self, live: LiveSettings, machinery: Machinery, folder: RuntimeFolder, ahead: LoadingAhead) -> None:
        """Use the hosts of `machinery`; bitmaps go through `folder`; `ahead` loads models meanwhile."""
        self._live = live
        self._machinery = machinery
        self._engine = EngineWork(live, machinery)
        self._folder = folder
        self._ahead = ahead

    async def process(
        self, job: Job, page: int, priority: Callable[[], Priority], effort: Effort, part: PagePart = WHOLE
    ) -> PageResult:
        """A page's result, with what is still to be looked for as its `pending`.

        What fails is tried again as `EngineWork.do` says, and as often where preparing it fails.

        Args:
            job: the page's.
            page: its number in the document.
            priority: asked when the page comes to the engine hosts' queue.
            effort: filled in as we go.
            part: what is recognised of it; the result is in the pixels of that alone.

        Raises:
            DesktopOcrError: why there is no result; FILE_CHANGED where the file is no longer the one that was opened.
        """

        async def recognised() -> PageResult:
            self._ahead.begin(job)
            async with self._prepared(job, page, job.options.text_layer, effort, part) as prepared:
                job.recognises = prepared.layer is None
                return await self._recognise(job, page, prepared, priority, effort)

        return await self._with_picture(page, recognised)

    async def refine(
        self,
        job: Job,
        result: PageResult,
        feature: Feature,
        priority: Callable[[], Priority],
        effort: Effort,
        part: PagePart = WHOLE,
    ) -> PageResult:
        """A page's result with one more feature done; arguments and errors as of `process`."""

        async def refined() -> PageResult:
            async with self._prepared(job, result.page, TextLayerMode.ALWAYS_OCR, effort, part) as prepared:
                return await self._refine(job, result, feature, prepared, priority, effort)

        return await self._with_picture(result.page, refined)

    async def _with_picture(self, page: int, work: Callable[[], Awaitable[PageResult]]) -> PageResult:
        for _ in range(self._live.now.attempts - 1):
            try:
                return await work()
            except _PictureGoneError:
                log.warning("page %d: its bitmap was deleted on the way, trying again", page + 1)
        return await work()

    @contextlib.asynccontextmanager
    async def _prepared(
        self, job: Job, page: int, text_layer: TextLayerMode, effort: Effort, part: PagePart
    ) -> AsyncIterator[PreparedPage]:
        """The page out of its file; its bitmap is deleted in the end."""
        options, path = job.options, job.path
        interruptions = self._machinery.interruptions
        bitmap_file = self._folder.new_file(".rgb")
        request = PreparePage(
            job.source, page, options.dpi, options.max_pixels, text_layer, str(bitmap_file), part.rotation, part.region
        )
        prepared: PreparedPage | None = None
        try:
            prepared = await self._prepare(request, effort)
            # The document host opens a file that has changed anew: its page is not of the content that is recorded.
            stamp = await asyncio.to_thread(file_stamp, path)
            if job.path != path or (stamp is not None and stamp != job.stamp):
                raise file_changed()
            await self._ahead.over()
            if self._machinery.interruptions != interruptions:
                # A slow disk kept the page while all hosts were ended: it must not start new ones.
                raise DesktopOcrError(ErrorCode.FREED, "This was stopped to give memory back.")
            yield prepared
        except DesktopOcrError as error:
            if error.code is ErrorCode.NOT_FOUND and prepared is not None:
                raise _PictureGoneError(error.code, error.info.message, error.info.advice) from error
            raise
        finally:
            await asyncio.to_thread(bitmap_file.unlink, missing_ok=True)
            log.debug("page %d: its bitmap is gone", page + 1)

    async def _prepare(self, request: PreparePage, effort: Effort) -> PreparedPage:
        deaths = 0
        while True:
            try:
                seconds = self._live.now.prepare_seconds
                return await self._machinery.reader.ask(request, PreparedPage, seconds)
            except DesktopOcrError as error:
                deaths += 1
                if not error.retryable or deaths >= self._live.now.attempts:
                    raise
                effort.attempts += 1
                effort.deaths += 1
                log.warning("preparing page %d failed (%s), trying again", request.page + 1, error.code)
                if error.code is ErrorCode.OUT_OF_MEMORY:
                    await self._replace_reader()

    async def _replace_reader(self) -> None:
        """End a document host that has told of a lack of memory: a fresh one has what other documents have taken."""
        reader = self._machinery.reader
        generation = reader.generation
        if reader.pid is not None:
            await reader.release(lambda: reader.generation == generation)

    async def _recognise(
        self, job: Job, page: int, prepared: PreparedPage, priority: Callable[[], Priority], effort: Effort
    ) -> PageResult:
        machinery = self._machinery
        wanted = wanted_plan(
            job.options, machinery.device, self._live.now.detection_side, _pixels(prepared), machinery.ids
        )
        result, plan = await self._engine.do(
            page, wanted, lambda fitting: _request(page, prepared, fitting), priority, effort
        )
        result = msgspec.structs.replace(result, pending=_in_order(result.pending, plan.features))
        steps = (StepCost("prepare", prepared.seconds, 0.0), *result.steps)
        lacking = missing_text(job.options, machinery.ids) if prepared.bitmap is not None else ""
        notes = (*result.notes, PageNote(LEFT_OUT, lacking)) if lacking else result.notes
        result = msgspec.structs.replace(result, steps=steps, notes=notes)
        return _annotated(result, degraded_note(plan, wanted, effort.reasons), effort.deaths)

    async def _refine(
        self,
        job: Job,
        result: PageResult,
        feature: Feature,
        prepared: PreparedPage,
        priority: Callable[[], Priority],
        effort: Effort,
    ) -> PageResult:
        bitmap, features = prepared.bitmap, job.options.features
        if bitmap is None:
            raise DesktopOcrError(ErrorCode.PROTOCOL, "The document process gave no picture.")
        text = text_roles(job.options, self._machinery.ids)
        wanted = stage_plan(feature, self._machinery.device, _pixels(prepared), unwarped=result.unwarped, text=text)
        done, plan = await self._engine.do(
            result.page, wanted, lambda _: Refine(result, feature, bitmap, features, text), priority, effort
        )
        # A host is not to be trusted with how much work there is.
        left = tuple(one for one in result.pending if one is not feature)
        steps = (*done.steps, StepCost("prepare", prepared.seconds, 0.0))
        done = msgspec.structs.replace(done, pending=left, steps=steps)
        return _annotated(done, degraded_note(plan, wanted, effort.reasons), effort.deaths)


def _pixels(prepared: PreparedPage) -> int:
    return prepared.bitmap.width * prepared.bitmap.height if prepared.bitmap is not None else 0


def _request(page: int, prepared: PreparedPage, plan: PagePlan) -> Recognise | Arrange:
    if prepared.layer is not None:
        return Arrange(page, prepared.layer, plan.features, plan.layout)
    assert prepared.bitmap is not None  # noqa: S101 - checked by `hosts.answers`
    return Recognise(
        page,
        prepared.bitmap,
        plan.features,
        plan.inline,
        layout=plan.layout,
        structure=plan.structure,
        text=plan.text,
        detection_side=plan.side,
    )


def _in_order(pending: tuple[Feature, ...], features: Features) -> tuple[Feature, ...]:
    """What may be pending: hosts parse hostile files, and are not to make work that nobody wants."""
    return tuple(feature for feature in STAGES if feature in pending and features.wants(feature))


def _annotated(result: PageResult, less: PageNote | None, deaths: int) -> PageResult:
    notes = list(result.notes)
    if deaths:
        times = "once" if deaths == 1 else f"{deaths} times"
        text = f"A process ended while it worked on this page ({times}); it was done again."
        notes.append(PageNote("attempts", text))
    if less is not None:
        notes.append(less)
    return msgspec.structs.replace(result, notes=tuple(dict.fromkeys(notes)))
