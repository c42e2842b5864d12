"""Answers the parent's requests. Models are loaded when the first page needs them, and dropped by `Unload`."""

from __future__ import annotations

import gc

from desktop_ocr.engine_host import environment
from desktop_ocr.engine_host.models import Models
from desktop_ocr.engine_host.pipeline import arrange_page, recognise_page
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.messages import (
    Arrange,
    Configure,
    Done,
    EngineOptions,
    Ping,
    Recognise,
    Recognised,
    ReplyBody,
    RequestBody,
    Unload,
)


class EngineHandler:
    """The state of an engine host: its options and the models that are loaded."""

    def __init__(self) -> None:
        """Load nothing."""
        self._models = Models(EngineOptions(models=()))

    def handle(self, body: RequestBody) -> ReplyBody:
        """Answer one request.

        Raises:
            DesktopOcrError: it cannot be done; the host is well.
        """
        match body:
            case Configure(options=options):
                self._drop()
                self._models = Models(options)
            case Recognise():
                try:
                    return Recognised(recognise_page(self._models, body.page, body.bitmap, body.orientation))
                finally:
                    environment.trim()
            case Arrange():
                try:
                    return Recognised(arrange_page(self._models, body.page, body.layer))
                finally:
                    environment.trim()
            case Unload():
                self._drop()
            case Ping():
                pass
            case _:
                raise DesktopOcrError(
                    ErrorCode.PROTOCOL, f"An engine host does not know the request {type(body).__name__}."
                )
        return Done()

    def _drop(self) -> None:
        self._models.drop()
        gc.collect()
        environment.trim()
