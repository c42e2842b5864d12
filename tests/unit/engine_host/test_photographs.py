"""Photographed pages, and those that are not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from desktop_ocr.engine_host.bitmap import Image
from desktop_ocr.engine_host.features.looking import seems_bent

WIDTH, HEIGHT = 800, 1100


def page(paper: int = 255) -> Image:
    image = np.full((HEIGHT, WIDTH, 3), paper, np.uint8)
    for row in range(12):
        cv2.putText(image, "Some words of a page that was", (60, 100 + row * 70), 0, 1.2, (20, 20, 20), 2)
    return image


def noisy(image: Image, amount: float) -> Image:
    noise = np.random.default_rng(3).normal(0, amount, image.shape[:2])[..., np.newaxis]
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def lit_from(image: Image, dark: float) -> Image:
    """Brightest at one corner, `dark` of that at the opposite one."""
    down, across = np.mgrid[0 : 1 : HEIGHT * 1j, 0 : 1 : WIDTH * 1j]
    return (image * (1 - (1 - dark) * (down + across) / 2)[..., np.newaxis]).astype(np.uint8)


def test_a_photograph() -> None:
    assert seems_bent(noisy(lit_from(page(235), 0.5), 8))


@pytest.mark.parametrize(
    "image",
    [
        page(),
        noisy(page(238), 3),
        lit_from(page(), 0.5),  # a slide whose colour fades: no noise
        np.zeros((HEIGHT, WIDTH, 3), np.uint8),
        np.full((8, 8, 3), 255, np.uint8),
        np.full((3000, 4, 3), 255, np.uint8),
    ],
)
def test_no_photographs(image: Image) -> None:
    assert not seems_bent(image)
