"""A page, or a stage of one, in an engine host: tried again where that may help, with less where it does not fit."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from desktop_ocr.core.admission import A4_PIXELS
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.machinery import Machinery
from desktop_ocr.core.plans import PagePlan, lighter
from desktop_ocr.models.manager import ModelConfig
from desktop_ocr.models.pool import Priority
from desktop_ocr.schema.engine_messages import Arrange, Recognise, Recognised, Refine
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.results import PageResult

log = logging.getLogger(__name__)

MEMORY_CODES = (ErrorCode.OUT_OF_MEMORY, ErrorCode.GPU_LOST)


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


class EngineWork:
    """Has pages done in engine hosts."""

    def __init__(self, live: LiveSettings, machinery: Machinery) -> None:
        """Use the hosts of `machinery`."""
        self._live = live
        self._machinery = machinery

    async def do(
        self,
        page: int,
        wanted: PagePlan,
        request: Callable[[PagePlan], Recognise | Arrange | Refine],
        priority: Callable[[], Priority],
        effort: Effort,
    ) -> tuple[PageResult, PagePlan]:
        """A result, and the plan by which it came.

        A host that dies or hangs costs another attempt in a new one, `Settings.attempts` times in all. What does not
        fit into memory is tried again with less, see `plans.lighter`.

        Args:
            page: its number in the document.
            wanted: what the user asked for.
            request: of a plan.
            priority: asked when the page comes to the engine hosts' queue.
            effort: filled in as we go.

        Raises:
            DesktopOcrError: why there is no result.
        """
        plan = self._machinery.policy.apply(wanted, self._live.now.smallest_side)
        deaths = 0
        while True:
            effort.attempts += 1
            try:
                return await self._attempt(plan, wanted, request, priority(), effort)
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
                        raise self._with_advice(error) from error
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
        """Closing other programs does not help against a limit of one's own.

        Neither does trying again, if the host crashed at it: native libraries do not always ask whether they got
        the memory that they wanted.
        """
        if not self._live.now.service_hard_limit_mb or error.code not in {*MEMORY_CODES, ErrorCode.HOST_DIED}:
            return error
        advice = "Raise 'service_hard_limit_mb' in the settings, or lower 'detection_side' or 'dpi'."
        return DesktopOcrError(error.code, error.info.message, advice)

    async def _attempt(
        self,
        plan: PagePlan,
        wanted: PagePlan,
        request: Callable[[PagePlan], Recognise | Arrange | Refine],
        priority: Priority,
        effort: Effort,
    ) -> tuple[PageResult, PagePlan]:
        machinery = self._machinery
        # A change of settings may put others in their place meanwhile: a service goes with its own.
        admission, manager = machinery.admission, machinery.manager
        async with machinery.services.acquire(plan.device, priority) as service:
            async with admission.admitted(plan, wanted, service) as (fitting, predicted):
                effort.predicted_mb = max(effort.predicted_mb, predicted.ram_mb)
                async with manager.use(admission.certain(fitting), ModelConfig(service, fitting.features)):
                    reply = await service.ask(request(fitting), Recognised, self._deadline(fitting))
            result = reply.result
            effort.peak_mb = max(effort.peak_mb, reply.memory.peak_mb)
            machinery.page_done(service, fitting, reply.memory)
        return result, fitting

    def _deadline(self, plan: PagePlan) -> float:
        return self._live.now.page_seconds * max(1.0, plan.pixels / A4_PIXELS)
