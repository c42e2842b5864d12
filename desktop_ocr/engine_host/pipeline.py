"""One page, from its bitmap or its text layer to its result."""

from __future__ import annotations

from desktop_ocr.engine_host.bitmap import load_bitmap, turn
from desktop_ocr.engine_host.blocks import arrange
from desktop_ocr.engine_host.models import LAYOUT, PAGE_ORIENTATION, TEXT_DETECTION, TEXT_RECOGNITION, Models
from desktop_ocr.engine_host.steps import Steps
from desktop_ocr.schema.messages import Bitmap, TextLayer
from desktop_ocr.schema.results import PageNote, PageResult, PageSource

LAYER_DPI = 72.0


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
        lines, blocks = arrange(models.layout(), lines, width, height, bitmap.dpi)
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
        notes=tuple(notes),
        models=tuple(name for name in used if name),
    )


def arrange_page(models: Models, page: int, layer: TextLayer) -> PageResult:
    """Find the blocks of a page whose text is known.

    Args:
        models: of the host; only its layout is loaded.
        page: its number in the document.
        layer: its text.
    """
    steps = Steps()
    with steps.measure("layout"):
        lines, blocks = arrange(
            models.layout(),
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
        models=tuple(name for name in (models.name(LAYOUT),) if name),
    )
