"""A page's picture: reading it from its file, and turning it."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from desktop_ocr.schema.document_messages import Bitmap
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

Image = npt.NDArray[np.uint8]
"""Height x width x 3, RGB."""

MAX_PIXELS = 200_000_000
_CHANNELS = 3
_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


def load_bitmap(bitmap: Bitmap) -> Image:
    """Map a page's bitmap into memory, read-only: its pages leave memory again where they are not needed.

    Raises:
        DesktopOcrError: NOT_FOUND where the file is gone, DAMAGED where it is not as long as it should be,
            TOO_LARGE over 200 million pixels, PROTOCOL where the resolution is not a positive number.
    """
    if not (math.isfinite(bitmap.dpi) and 1 <= bitmap.dpi <= 1e5):
        raise DesktopOcrError(ErrorCode.PROTOCOL, "The page's picture has no sensible resolution.")
    if bitmap.width * bitmap.height > MAX_PIXELS:
        raise DesktopOcrError(
            ErrorCode.TOO_LARGE,
            f"The page's picture has {bitmap.width} x {bitmap.height} pixels, which is too many.",
            "Choose a lower resolution.",
        )
    wanted = bitmap.width * bitmap.height * _CHANNELS
    try:
        size = Path(bitmap.path).stat().st_size
    except FileNotFoundError as error:
        raise DesktopOcrError(
            ErrorCode.NOT_FOUND, "The page's picture is not there any more.", "Try the page again."
        ) from error
    if size != wanted:
        raise DesktopOcrError(
            ErrorCode.DAMAGED,
            f"The page's picture has {size} bytes instead of {wanted}.",
            "Try the page again; the disk may be full.",
        )
    return np.memmap(bitmap.path, np.uint8, "r", shape=(bitmap.height, bitmap.width, _CHANNELS))


def turn(image: Image, rotation: int) -> Image:
    """The picture turned clockwise by 0, 90, 180 or 270 degrees; a copy unless it is 0."""
    if rotation == 0:
        return image
    return np.asarray(cv2.rotate(image, _TURNS[rotation]), dtype=np.uint8)


def shrink(image: Image, longest: int) -> Image:
    """The picture with its longest side at most `longest` pixels, averaged; the picture itself if it is."""
    height, width = image.shape[:2]
    ratio = longest / max(height, width)
    if ratio >= 1:
        return image
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
