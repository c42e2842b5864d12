"""One page's way from the user's file to a result."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from desktop_ocr.core.admission import A4_PIXELS
from desktop_ocr.core.ahead import LoadingAhead
from desktop_ocr.core.job import Job, file_stamp
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.machinery import Machinery
from desktop_ocr.core.plans import PagePlan, degraded_note, lighter, wanted_plan
from desktop_ocr.core.runtime import RuntimeFolder
from desktop_ocr.models.manager import ModelConfig
from desktop_ocr.models.pool import Priority
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.features import STAGES, Feature, Features
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.messages import Arrange, Bitmap, PreparedPage, PreparePage, Recognise, Recognised
from desktop_ocr.schema.results import PageNote, PageResult, StepCost, check_page_result

log = logging.getLogger(__name__)

MEMORY_CODES = (ErrorCode.OUT_OF_MEMORY, ErrorCode.GPU_LOST)


class _PictureGoneError(DesktopOcrError):
    """A page's bitmap was deleted on the way: engine hosts see no other files."""


@dataclass
class Effort:
    """What a page has cost so far, whatever becomes of it.

    Attributes:
        attempts: to prepare and to recognise it.
        deaths: of those, how many ended with their host: it died, hung, or talked nonsense.
        predicted_mb, peak_mb: RAM that the engine host was to take, and took at its peak.
        reasons: why it was done with less than was wanted.
    """

    attempts: int = 0
    deaths: int = 0
    predicted_mb: float = 0.0
    peak_mb: float = 0.0
    reasons: list[ErrorCode] = field(default_factory=list)


class PageProcessor:
    """Prepares a page in the document host and recognises it in an engine host."""

    def __init__(self, live: LiveSettings, machinery: Machinery, folder: RuntimeFolder, ahead: LoadingAhead) -> None:
        """Use the hosts of `machinery`; bitmaps go through `folder`; `ahead` loads models meanwhile."""
        self._live = live
        self._machinery = machinery
        self._folder = folder
        self._ahead = ahead

    async def process(self, job: Job, page: int, priority: Callable[[], Priority], effort: Effort) -> PageResult:
        """A page's result.

        A step whose host dies or hangs is tried again in a new host, `Settings.attempts` times in all. A page that
        does not fit into memory is tried again with less, see `plans.lighter`.

        Args:
            job: the page's.
            page: its number in the document.
            priority: asked when the page comes to the engine hosts' queue.
            effort: filled in as we go.

        Raises:
            DesktopOcrError: why there is no result; FILE_CHANGED where the file is no longer the one that was opened.
        """
        for _ in range(self._live.now.attempts - 1):
            try:
                return await self._prepared_and_recognised(job, page, priority, effort)
            except _PictureGoneError:
                log.warning("page %d: its bitmap was deleted on the way, trying again", page + 1)
        return await self._prepared_and_recognised(job, page, priority, effort)

    async def _prepared_and_recognised(
        self, job: Job, page: int, priority: Callable[[], Priority], effort: Effort
    ) -> PageResult:
        options = job.options
        interruptions = self._machinery.interruptions
        bitmap_file = self._folder.new_file(".rgb")
        request = PreparePage(
            job.source, page, options.dpi, options.max_pixels, options.text_layer, bitmap_path=str(bitmap_file)
        )
        prepared: PreparedPage | None = None
        self._ahead.begin(job)
        try:
            prepared = await self._prepare(request, effort)
            job.recognises = prepared.layer is None
            # The document host opens a file that has changed anew: its page is not of the content that is recorded.
            stamp = await asyncio.to_thread(file_stamp, job.path)
            if stamp is not None and stamp != job.stamp:
                raise DesktopOcrError(ErrorCode.FILE_CHANGED, "The file has changed while its pages were read.")
            await self._ahead.over()
            if self._machinery.interruptions != interruptions:
                # A slow disk kept the page while all hosts were ended: it must not start new ones.
                raise DesktopOcrError(ErrorCode.FREED, "This was stopped to give memory back.")
            return await self._recognise(page, prepared, str(bitmap_file), options, priority, effort)
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
        self,
        page: int,
        prepared: PreparedPage,
        path: str,
        options: JobOptions,
        priority: Callable[[], Priority],
        effort: Effort,
    ) -> PageResult:
        _check_prepared(prepared, path, options.max_pixels)
        pixels = prepared.bitmap.width * prepared.bitmap.height if prepared.bitmap is not None else 0
        wanted = wanted_plan(options, self._machinery.device, self._live.now.detection_side, pixels)
        plan = self._machinery.policy.apply(wanted, self._live.now.smallest_side)
        deaths = 0
        while True:
            effort.attempts += 1
            try:
                result, plan = await self._attempt(page, prepared, plan, wanted, options.features, priority(), effort)
                return _annotated(result, prepared, degraded_note(plan, wanted, effort.reasons), effort.deaths)
            except DesktopOcrError as error:
                if error.code in MEMORY_CODES:
                    less = self._less(plan, wanted, error.code)
                    if less is None:
                        raise self._with_advice(error) from error
                    effort.reasons.append(error.code)
                    plan = less
                elif error.retryable:
                    deaths += 1
                    effort.deaths += 1
                    if deaths >= self._live.now.attempts:
                        raise
                else:
                    raise
                log.warning(
                    "page %d failed (%s), trying again on %s at %d", page + 1, error.code, plan.device, plan.side
                )

    def _less(self, plan: PagePlan, wanted: PagePlan, code: ErrorCode) -> PagePlan | None:
        settings = self._live.now
        lost = code is ErrorCode.GPU_LOST
        if lost:
            self._machinery.lose_gpu(plan.device)
        return lighter(plan, wanted, settings.fallback, settings.smallest_side, gpu_lost=lost)

    def _with_advice(self, error: DesktopOcrError) -> DesktopOcrError:
        """Closing other programs does not help against a limit of one's own."""
        if not self._live.now.service_hard_limit_mb:
            return error
        advice = "Raise 'service_hard_limit_mb' in the settings, or lower 'detection_side' or 'dpi'."
        return DesktopOcrError(error.code, error.info.message, advice)

    async def _attempt(
        self,
        page: int,
        prepared: PreparedPage,
        plan: PagePlan,
        wanted: PagePlan,
        features: Features,
        priority: Priority,
        effort: Effort,
    ) -> tuple[PageResult, PagePlan]:
        machinery = self._machinery
        # A change of settings may put others in their place meanwhile: a service goes with its own.
        admission, manager = machinery.admission, machinery.manager
        async with machinery.services.acquire(plan.device, priority) as service:
            async with admission.admitted(plan, wanted, service) as (fitting, predicted):
                effort.predicted_mb = max(effort.predicted_mb, predicted.ram_mb)
                async with manager.use(admission.models(fitting), ModelConfig(service)):
                    request = _request(page, prepared, fitting, features)
                    reply = await service.ask(request, Recognised, self._deadline(fitting))
            result = _checked(reply.result, page)
            effort.peak_mb = max(effort.peak_mb, _finite(reply.memory.peak_mb))
            machinery.page_done(service, fitting, reply.memory)
        return result, fitting

    def _deadline(self, plan: PagePlan) -> float:
        return self._live.now.page_seconds * max(1.0, plan.pixels / A4_PIXELS)


def _request(page: int, prepared: PreparedPage, plan: PagePlan, features: Features) -> Recognise | Arrange:
    if not plan.orientation:
        features = features.without(Feature.ORIENTATION)
    if prepared.layer is not None:
        return Arrange(page, prepared.layer, features, plan.layout)
    assert prepared.bitmap is not None  # noqa: S101 - checked by `_check_prepared`
    return Recognise(page, prepared.bitmap, features, STAGES, layout=plan.layout, detection_side=plan.side)


def _checked(result: PageResult, page: int) -> PageResult:
    try:
        check_page_result(result)
    except ValueError as error:
        log.warning("page %d: refused a result: %s", page + 1, error)
        raise DesktopOcrError(ErrorCode.PROTOCOL, "The engine process gave a result that cannot be.") from error
    if result.page != page:
        raise DesktopOcrError(ErrorCode.PROTOCOL, "The engine process gave another page's result.")
    return result


def _check_prepared(prepared: PreparedPage, path: str, max_pixels: int) -> None:
    """Refuse what the document host must not have said: it parses hostile files."""
    if not math.isfinite(prepared.seconds):
        raise DesktopOcrError(ErrorCode.PROTOCOL, "The document process gave a time that cannot be.")
    if prepared.layer is not None:
        return
    bitmap = prepared.bitmap
    if bitmap is None:
        raise DesktopOcrError(ErrorCode.PROTOCOL, "The document process gave neither picture nor text.")
    _check_bitmap(bitmap, path, max_pixels)


def _check_bitmap(bitmap: Bitmap, path: str, max_pixels: int) -> None:
    if bitmap.path != path or not math.isfinite(bitmap.dpi) or not 1 <= bitmap.dpi <= 10_000:
        raise DesktopOcrError(ErrorCode.PROTOCOL, "The document process gave a picture that cannot be.")
    if bitmap.width * bitmap.height > max_pixels * 1.05:
        raise DesktopOcrError(ErrorCode.PROTOCOL, "The document process gave a picture over the limit.")


def _finite(figure: float) -> float:
    """A figure that a host gave, or 0: it is for information only."""
    return figure if math.isfinite(figure) and 0 <= figure < 1e9 else 0.0


def _annotated(result: PageResult, prepared: PreparedPage, less: PageNote | None, deaths: int) -> PageResult:
    steps = (StepCost("prepare", prepared.seconds, 0.0), *result.steps)
    notes = result.notes
    if deaths:
        times = "once" if deaths == 1 else f"{deaths} times"
        text = f"A process ended while it worked on this page ({times}); it was done again."
        notes = (*notes, PageNote("attempts", text))
    if less is not None:
        notes = (*notes, less)
    return msgspec.structs.replace(result, steps=steps, notes=notes)
