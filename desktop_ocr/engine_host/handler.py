"""Answers the parent's requests. Models are loaded when they are first needed, and dropped when the parent says so."""

from __future__ import annotations

import gc
import logging
import traceback

from desktop_ocr.engine_host import environment
from desktop_ocr.engine_host.failures import classify, first_line
from desktop_ocr.engine_host.measuring import MemoryMeter
from desktop_ocr.engine_host.models import Models
from desktop_ocr.engine_host.pipeline import arrange_page, recognise_page, refine_page
from desktop_ocr.engine_host.warm_up import warm_up
from desktop_ocr.schema.engine_messages import (
    Arrange,
    Configure,
    EngineOptions,
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
from desktop_ocr.schema.features import Features
from desktop_ocr.schema.messages import Done, Ping, ReplyBody, RequestBody
from desktop_ocr.schema.results import PageResult

log = logging.getLogger(__name__)

_USELESS_AFTERWARDS = frozenset({ErrorCode.OUT_OF_MEMORY, ErrorCode.GPU_LOST})


class EngineHandler:
    """The state of an engine host: its options and the models that are loaded."""

    def __init__(self) -> None:
        """Load nothing."""
        self._models = Models(EngineOptions(models=()))
        self._limit = environment.DataLimit()

    def handle(self, body: RequestBody) -> ReplyBody:
        """Answer one request.

        Raises:
            DesktopOcrError: it cannot be done; the host is well. After OUT_OF_MEMORY and GPU_LOST it holds no
                models any more.
        """
        try:
            return self._answer(body)
        except Exception as error:
            failure = self._told(error, body)
            if failure is None:
                raise
            log.warning("%s: %s", type(body).__name__, first_line(error))
            # Its frames hold the page's pictures.
            traceback.clear_frames(error.__traceback__)
        self._drop()
        raise failure

    def _answer(self, body: RequestBody) -> ReplyBody:
        if isinstance(body, Configure):
            # The limit first: under the old one there may be no memory left for anything at all.
            self._limit.set(body.options.memory_limit_mb)
            self._drop()
            self._models = Models(body.options)
            return Done()
        meter = MemoryMeter(self._models.options.device)
        match body:
            case Recognise() | Arrange() | Refine():
                self._models.take_fresh()
                try:
                    result = self._page(body)
                finally:
                    environment.trim()
                return Recognised(result, meter.read(), self._models.take_fresh())
            case LoadModel(role=role, features=features):
                return self._load(role, features, meter)
            case UnloadModels(roles=roles):
                self._models.unload(roles)
                self._give_back()
                return meter.read()
            case WarmUp():
                warm_up(self._models)
                self._give_back()
                return meter.read()
            case MeasureMemory():
                return meter.read()
            case Unload():
                self._drop()
            case Ping():
                pass
            case _:
                raise DesktopOcrError(
                    ErrorCode.PROTOCOL, f"An engine host does not know the request {type(body).__name__}."
                )
        return Done()

    def _page(self, body: Recognise | Arrange | Refine) -> PageResult:
        if not isinstance(body, Arrange):
            self._models.text_roles = body.text
        match body:
            case Recognise():
                return recognise_page(self._models, body)
            case Arrange():
                return arrange_page(self._models, body)
            case Refine():
                return refine_page(self._models, body)

    def _load(self, role: str, features: Features, meter: MemoryMeter) -> ModelLoaded:
        if role in self._models.loaded:
            return ModelLoaded(0.0, 0.0, meter.read())
        self._models.load(role, features)
        loaded = self._models.take_fresh()[-1]
        return ModelLoaded(loaded.seconds, loaded.added_mb, meter.read())

    def _told(self, error: Exception, body: RequestBody) -> DesktopOcrError | None:
        """The error as the parent is told it, where the models are better dropped after it."""
        if isinstance(error, DesktopOcrError):
            return error if error.code in _USELESS_AFTERWARDS else None
        subject = "the model" if isinstance(body, (LoadModel, WarmUp)) else "this page"
        return classify(error, self._models.options.device, subject)

    def _drop(self) -> None:
        self._models.drop()
        self._give_back()

    def _give_back(self) -> None:
        gc.collect()
        environment.trim()
