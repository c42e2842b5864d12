"""Pictures of any kind of pixel become plain RGB, 8 bits each, on a ground that shows what they hold."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

# Bytes that Pillow needs for a pixel (it keeps RGB in four bytes).
BYTES_PER_PIXEL = {"1": 1, "L": 1, "P": 1, "LA": 4, "La": 4, "PA": 4, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}
OTHER_BYTES_PER_PIXEL = 4

SEEN_AGAINST_WHITE = 192  # luminance below which a pixel stands out from white paper
SHARE_TO_BE_SEEN = 0.01  # of the opaque pixels
SAMPLE_SIDE = 512
STRIP_PIXELS = 1 << 22

_DEEP = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")


def bytes_needed(width: int, height: int, mode: str) -> int:
    """Memory for a decoded picture."""
    return width * height * BYTES_PER_PIXEL.get(mode, OTHER_BYTES_PER_PIXEL)


@dataclass(frozen=True)
class Tone:
    """What all of a picture decides about each of its pixels, so that a part of it looks as it does in the whole.

    Attributes:
        ground: RGB, behind what is transparent.
        levels: of 16 or more bits a pixel, what becomes black and what white.
    """

    ground: tuple[int, int, int] = (255, 255, 255)
    levels: tuple[float, float] = (0.0, 255.0)


def tone_of(image: Image.Image) -> Tone:
    """The tone of a decoded picture."""
    if image.mode in _DEEP:
        return Tone(levels=_levels(image))
    if _is_transparent(image):
        width, height = image.size
        shrink = min(1.0, SAMPLE_SIDE / max(width, height))
        size = max(1, round(width * shrink)), max(1, round(height * shrink))
        # Nearest: averaging would mix the colour of transparent pixels in.
        return Tone(ground=ground_for(image.resize(size, Image.Resampling.NEAREST).convert("RGBA")))
    return Tone()


def to_rgb(image: Image.Image, tone: Tone | None = None) -> Image.Image:
    """The picture as RGB. Transparent parts get the ground that `ground_for` chooses.

    `tone` is that of the picture which `image` is a part of.
    """
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode in _DEEP:
        return _stretched(image, (tone or tone_of(image)).levels).convert("RGB")
    if image.mode in ("CMYK", "LAB"):
        return _colour_managed(image)
    if _is_transparent(image):
        return _flattened(image.convert("RGBA"), (tone or tone_of(image)).ground)
    return image.convert("RGB")


def ground_for(image: Image.Image) -> tuple[int, int, int]:
    """White, or black where nothing of the RGBA picture would be seen on white (white text on nothing).

    Of the pixels, weighted with their opacity, fewer than 1 in 100 are darker than luminance 192: then black.
    """
    values = np.asarray(image, dtype=np.float32)
    weight = values[..., 3]
    total = float(weight.sum())
    if total <= 0 or float(weight.min()) >= 255:
        return 255, 255, 255
    luminance = values[..., 0] * 0.299 + values[..., 1] * 0.587 + values[..., 2] * 0.114
    seen = float(weight[luminance < SEEN_AGAINST_WHITE].sum())
    return (255, 255, 255) if seen >= SHARE_TO_BE_SEEN * total else (0, 0, 0)


def _is_transparent(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "La", "PA", "RGBa") or "transparency" in image.info


def _flattened(image: Image.Image, ground: tuple[int, int, int]) -> Image.Image:
    whole = Image.new("RGB", image.size, ground)
    whole.paste(image, mask=image.getchannel("A"))
    return whole


def _levels(image: Image.Image) -> tuple[float, float]:
    """The darkest level, at most 0, and the brightest one; a strip at a time, as levels take four bytes each."""
    low, high = 0.0, -math.inf
    rows = max(1, STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        values = _finite(image.crop((0, top, image.width, min(image.height, top + rows))))
        low, high = min(low, float(values.min())), max(high, float(values.max()))
    return low, high


def _finite(image: Image.Image) -> npt.NDArray[np.float32]:
    return np.nan_to_num(np.asarray(image).astype(np.float32), copy=False, nan=0.0, posinf=0.0, neginf=0.0)


def _stretched(image: Image.Image, levels: tuple[float, float]) -> Image.Image:
    """16 or more bits a pixel to 8: black stays 0, the brightest pixel becomes white.

    Many scanners and cameras fill 10 or 12 of the 16 bits only; plain shifting would leave those almost black.
    """
    low, high = levels
    if high <= low:
        return Image.new("L", image.size, 0 if high <= 0 else 255)
    values = _finite(image)
    values -= low
    values *= 255.0 / (high - low)
    return Image.fromarray(values.astype(np.uint8))


def _colour_managed(image: Image.Image) -> Image.Image:
    """CMYK or Lab to RGB with the picture's own ICC profile where it has a good one."""
    profile = image.info.get("icc_profile")
    if profile:
        try:
            converted = ImageCms.profileToProfile(
                image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None  # a profile for another kind of pixel, or a broken one
        if converted is not None:
            return converted
    return image.convert("RGB")
