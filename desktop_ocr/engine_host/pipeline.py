"""One page, from its bitmap or its text layer to its result."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Sequence

from desktop_ocr.engine_host.blocks import Finder, arrange
from desktop_ocr.engine_host.failures import classify
from desktop_ocr.engine_host.geometry import Found
from desktop_ocr.engine_host.models import LAYOUT, PAGE_ORIENTATION, TEXT_DETECTION, TEXT_RECOGNITION, Models
from desktop_ocr.engine_host.steps import Steps
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.messages import Arrange, Recognise
from desktop_ocr.schema.results import Box, Line, PageNote, PageResult, PageSource

log = logging.getLogger(__name__)

LAYER_DPI = 72.0
_LARGEST = 1e6


def recognise_page(models: Models, request: Recognise) -> PageResult:
    """Recognise a page's bitmap.

    Args:
        models: of the host; those of features that are off are not touched.
        request: the page and what is wanted.

    Raises:
        DesktopOcrError: the bitmap cannot be read, or a model is missing.
    """
    # cv2 and numpy: a host that only arranges text layers does without.
    from desktop_ocr.engine_host.bitmap import load_bitmap, turn

    steps = Steps()
    notes: list[PageNote] = []
    used = [models.name(TEXT_DETECTION), models.name(TEXT_RECOGNITION)]
    bitmap, side = request.bitmap, request.detection_side
    with steps.measure("load"):
        image = load_bitmap(bitmap)
    rotation, quads = 0, None
    if request.orientation and models.has(PAGE_ORIENTATION):
        with steps.measure("orientation"):
            rotation, quads = models.orientation().find(image, models.text(side))
        if rotation:
            image, quads = turn(image, rotation), None
        used.insert(0, models.name(PAGE_ORIENTATION))
    elif request.orientation:
        notes.append(PageNote("orientation-missing", "The page was not turned: its model is not installed."))
    height, width = image.shape[:2]
    with steps.measure("text"):
        lines = models.text(side).read(image, quads)
    with _arranging(models, steps, request.layout) as finder:
        lines, blocks = arrange(finder, lines, width, height, bitmap.dpi)
    return PageResult(
        page=request.page,
        width=float(width),
        height=float(height),
        dpi=float(bitmap.dpi),
        rotation=rotation,
        source=PageSource.RECOGNISED,
        lines=tuple(lines),
        blocks=tuple(blocks),
        steps=steps.costs,
        notes=(*notes, *finder.notes),
        models=tuple(name for name in (*used, finder.model) if name),
    )


def arrange_page(models: Models, request: Arrange) -> PageResult:
    """Find the blocks of a page whose text is known.

    Args:
        models: of the host; at most its layout is loaded.
        request: the page's text and what is wanted.

    Raises:
        DesktopOcrError: PROTOCOL where the page's size is not a positive number.
    """
    layer = request.layer
    if not (0 < layer.width < _LARGEST and 0 < layer.height < _LARGEST):
        raise DesktopOcrError(ErrorCode.PROTOCOL, "The page has no sensible size.")
    steps = Steps()
    with _arranging(models, steps, request.layout) as finder:
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
        page=request.page,
        width=layer.width,
        height=layer.height,
        dpi=LAYER_DPI,
        rotation=0,
        source=PageSource.TEXT_LAYER,
        lines=tuple(lines),
        blocks=tuple(blocks),
        steps=steps.costs,
        notes=tuple(finder.notes),
        models=(finder.model,) if finder.model else (),
    )


@contextlib.contextmanager
def _arranging(models: Models, steps: Steps, layout: bool) -> Iterator[_Careful]:
    """What finds blocks, measured as a step: the layout model, or nothing that knows any."""
    with steps.measure("layout" if layout else "order"):
        yield _Careful(models.layout(), models.options.device, models.name(LAYOUT)) if layout else _Careful()


class _Careful:
    """The layout model, without which a page's text is still worth having: where it fails, or is not wanted."""

    def __init__(self, finder: Finder | None = None, device: str = "cpu", model: str = "") -> None:
        self._finder = finder
        self._device = device
        self.model = model
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
        """The model's blocks; none where there is no model, and where it fails, with a note."""
        if self._finder is None:
            return ()
        try:
            return self._finder.find(lines, width, height, dpi, skew=skew, pictures=pictures, rulings=rulings)
        except Exception as error:
            if classify(error, self._device, "this page") is not None:
                raise  # the parent has answers to that: a smaller side, fewer features
            log.warning("layout failed: %s", type(error).__name__)
            self.notes.append(
                PageNote("layout-failed", "The page's layout was not recognised; its text is in reading order.")
            )
            return ()
