"""Pictures of any kind of pixel become plain RGB, 8 bits each, on a ground that shows what they hold."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

# Bytes that Pillow needs for a pixel (it keeps RGB in four bytes).
BYTES_PER_PIXEL = {"1": 1, "L": 1, "P": 1, "LA": 4, "La": 4, "PA": 4, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}
OTHER_BYTES_PER_PIXEL = 4

SEEN_AGAINST_WHITE = 192  # luminance below which a pixel stands out from white paper
SHARE_TO_BE_SEEN = 0.01  # of the opaque pixels
SAMPLE_SIDE = 512


def bytes_needed(width: int, height: int, mode: str) -> int:
    """Memory for a decoded picture."""
    return width * height * BYTES_PER_PIXEL.get(mode, OTHER_BYTES_PER_PIXEL)


def to_rgb(image: Image.Image) -> Image.Image:
    """The picture as RGB. Transparent parts get the ground that `ground_for` chooses."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode in ("I;16", "I;16L", "I;16B", "I;16N", "I", "F"):
        return _stretched(image).convert("RGB")
    if image.mode in ("CMYK", "LAB"):
        return _colour_managed(image)
    if image.mode in ("RGBA", "LA", "La", "PA", "RGBa") or "transparency" in image.info:
        return _flattened(image.convert("RGBA"))
    return image.convert("RGB")


def ground_for(image: Image.Image) -> tuple[int, int, int]:
    """White, or black where nothing of the RGBA picture would be seen on white (white text on nothing).

    Of the pixels, weighted with their opacity, fewer than 1 in 100 are darker than luminance 192: then black.
    """
    small = image.copy()
    # Nearest: averaging would mix the colour of transparent pixels in.
    small.thumbnail((SAMPLE_SIDE, SAMPLE_SIDE), Image.Resampling.NEAREST)
    values = np.asarray(small, dtype=np.float32)
    weight = values[..., 3]
    total = float(weight.sum())
    if total <= 0 or float(weight.min()) >= 255:
        return 255, 255, 255
    luminance = values[..., 0] * 0.299 + values[..., 1] * 0.587 + values[..., 2] * 0.114
    seen = float(weight[luminance < SEEN_AGAINST_WHITE].sum())
    return (255, 255, 255) if seen >= SHARE_TO_BE_SEEN * total else (0, 0, 0)


def _flattened(image: Image.Image) -> Image.Image:
    ground = Image.new("RGB", image.size, ground_for(image))
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _stretched(image: Image.Image) -> Image.Image:
    """16 or more bits a pixel to 8: black stays 0, the brightest pixel becomes white.

    Many scanners and cameras fill 10 or 12 of the 16 bits only; plain shifting would leave those almost black.
    """
    values = np.asarray(image).astype(np.float32)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = min(0.0, float(values.min())), float(values.max())
    if high <= low:
        return Image.new("L", image.size, 0 if high <= 0 else 255)
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
