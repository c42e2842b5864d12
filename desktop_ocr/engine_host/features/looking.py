"""The cheap first look at a page's picture: what is worth loading a model for."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from desktop_ocr.engine_host.bitmap import Image
from desktop_ocr.engine_host.failures import classify
from desktop_ocr.engine_host.features.interfaces import Region
from desktop_ocr.engine_host.features.photographs import is_photograph
from desktop_ocr.engine_host.models import Models
from desktop_ocr.schema.features import STAGES, FeatureMode, Features
from desktop_ocr.schema.results import LEFT_OUT, Line, PageNote
from desktop_ocr.schema.roles import ModelRole

log = logging.getLogger(__name__)


def worth_it(models: Models, image: Image, lines: Sequence[Line], features: Features) -> bool:
    """Whether a page's picture is to be looked at by the model for regions.

    Always for features that are ON. For those that are AUTO, where there is more on the page than its lines.
    """
    del image, lines
    modes = [features.mode(feature) for feature in STAGES]
    return models.has(ModelRole.REGIONS) and any(mode is not FeatureMode.OFF for mode in modes)


def regions(models: Models, image: Image) -> tuple[list[Region], list[PageNote]]:
    """What the model for regions sees; none where it fails, with a note: text is worth having without."""
    try:
        return models.regions().find(image), []
    except Exception as error:
        if classify(error, models.options.device, "this page") is not None:
            raise
        log.warning("regions failed: %s", type(error).__name__)
        return [], [PageNote(LEFT_OUT, "Tables and pictures were not looked for in the page's picture: that failed.")]


def seems_bent(image: Image) -> bool:
    """Whether a page was photographed, and not scanned or rendered."""
    return is_photograph(image)
