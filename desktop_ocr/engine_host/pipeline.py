"""One page, from its bitmap or its text layer to its result."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from desktop_ocr.engine_host.blocks import Finder, arrange
from desktop_ocr.engine_host.geometry import Found
from desktop_ocr.engine_host.models import LAYOUT, PAGE_ORIENTATION, TEXT_DETECTION, TEXT_RECOGNITION, Models
from desktop_ocr.engine_host.steps import Steps
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.messages import Bitmap, TextLayer
from desktop_ocr.schema.results import Box, Line, PageNote, PageResult, PageSource

log = logging.getLogger(__name__)

LAYER_DPI = 72.0
_LARGEST = 1e6


def recognise_page(models: Models, page: int, bitmap: Bitmap, orientation: bool) -> PageResult:
    """Recognise a page's bitmap.

    Args:
        models: of the host.
        page: its number in the document.
        bitmap: its picture.
        orientation: whether it is to be turned upright.

    Raises:
        DesktopOcrError: the bitmap cannot be read, or a model is missing.
    """
    # cv2 and numpy: a host that only arranges text layers does without.
    from desktop_ocr.engine_host.bitmap import load_bitmap, turn

    steps = Steps()
    notes: list[PageNote] = []
    used = [models.name(TEXT_DETECTION), models.name(TEXT_RECOGNITION), models.name(LAYOUT)]
    with steps.measure("load"):
        image = load_bitmap(bitmap)
    rotation, quads = 0, None
    if orientation and models.has(PAGE_ORIENTATION):
        with steps.measure("orientation"):
            rotation, quads = models.orientation().find(image, models.text())
        if rotation:
            image, quads = turn(image, rotation), None
        used.insert(0, models.name(PAGE_ORIENTATION))
    elif orientation:
        notes.append(PageNote("orientation-missing", "The page was not turned: its model is not installed."))
    height, width = image.shape[:2]
    with steps.measure("text"):
        lines = models.text().read(image, quads)
    with steps.measure("layout"):
        finder = _Careful(models.layout())
        lines, blocks = arrange(finder, lines, width, height, bitmap.dpi)
    return PageResult(
        page=page,
        width=float(width),
        height=float(height),
        dpi=float(bitmap.dpi),
        rotation=rotation,
        source=PageSource.RECOGNISED,
        lines=tuple(lines),
        blocks=tuple(blocks),
        steps=steps.costs,
        notes=(*notes, *finder.notes),
        models=tuple(name for name in used if name),
    )


def arrange_page(models: Models, page: int, layer: TextLayer) -> PageResult:
    """Find the blocks of a page whose text is known.

    Args:
        models: of the host; only its layout is loaded.
        page: its number in the document.
        layer: its text.

    Raises:
        DesktopOcrError: PROTOCOL where the page's size is not a positive number.
    """
    if not (0 < layer.width < _LARGEST and 0 < layer.height < _LARGEST):
        raise DesktopOcrError(ErrorCode.PROTOCOL, "The page has no sensible size.")
    steps = Steps()
    with steps.measure("layout"):
        finder = _Careful(models.layout())
        lines, blocks = arrange(
            finder,
            list(layer.lines),
            layer.width,
            layer.height,
            LAYER_DPI,
            pictures=layer.pictures,
            rulings=layer.rulings,
        )
    return PageResult(
        page=page,
        width=layer.width,
        height=layer.height,
        dpi=LAYER_DPI,
        rotation=0,
        source=PageSource.TEXT_LAYER,
        lines=tuple(lines),
        blocks=tuple(blocks),
        steps=steps.costs,
        notes=tuple(finder.notes),
        models=tuple(name for name in (models.name(LAYOUT),) if name),
    )


class _Careful:
    """The layout model, without which a page's text is still worth having."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self.notes: list[PageNote] = []

    def find(
        self,
        lines: Sequence[Line],
        width: float,
        height: float,
        dpi: float,
        *,
        skew: float,
        pictures: Sequence[Box],
        rulings: Sequence[Box],
    ) -> Sequence[Found]:
        """The model's blocks, or none, and a note, where it fails."""
        try:
            return self._finder.find(lines, width, height, dpi, skew=skew, pictures=pictures, rulings=rulings)
        except Exception as error:  # noqa: BLE001 - a library's failure on one page; told in the page's notes
            log.warning("layout failed: %s", type(error).__name__)
            self.notes.append(
                PageNote("layout-failed", "The page's layout was not recognised; its text is in reading order.")
            )
            return ()
