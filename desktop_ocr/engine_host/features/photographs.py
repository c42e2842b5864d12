"""Whether a page was photographed: paper that is nowhere of one brightness, darker towards its edges, and noise.

Scanners and programs make paper of one colour, and lamps in scanners light all of it. Measured on 152 pages of scans,
receipts, born-digital documents and photographs: all six photographs were told, and nothing else was taken for one.
"""

from __future__ import annotations

import cv2
import numpy as np

from desktop_ocr.engine_host.bitmap import Image, shrink

_SIDE = 512
_GRID = 16
_ONE_SHADE = 0.22
"""Share of a page's pixels that have one shade, give or take two of 256. Photographs had up to 0.19; scans of receipts
on black 0.25 and more, other pages from 0.26 to 1."""
_EVENLY_LIT = 0.92
"""How dark the dark parts of the paper are beside the bright ones. Photographs had 0.68 to 0.91, scans mostly 0.94 and
more."""
_NOISE = 0.5
"""Usual difference between a pixel and those around it, of 256. Photographs had 0.8 and more; a slide whose colour
fades 0.3."""
_PAPER = 0.6
"""Share of the brightest paper's brightness below which a part of the picture is no paper."""
_PAPER_AT = 90
"""Percentile of a part's pixels that is paper: the others may be ink."""


def is_photograph(image: Image) -> bool:
    """Whether a page seems to have been photographed, and not scanned or drawn by a program; 10 to 20 ms."""
    if min(image.shape[:2]) < _GRID:
        return False
    grey = cv2.cvtColor(np.ascontiguousarray(shrink(image, _SIDE)), cv2.COLOR_RGB2GRAY)
    if min(grey.shape) < _GRID:
        return False
    shades = np.convolve(np.bincount(grey.ravel(), minlength=256), np.ones(5), "same")
    if shades.max() > _ONE_SHADE * grey.size:
        return False
    exact = grey.astype(np.float32)
    if float(np.median(np.abs(exact - cv2.blur(exact, (3, 3))))) < _NOISE:
        return False
    parts = [column for row in np.array_split(grey, _GRID) for column in np.array_split(row, _GRID, axis=1)]
    bright = np.array([np.percentile(part, _PAPER_AT) for part in parts])
    paper = bright[bright > _PAPER * np.percentile(bright, 95)]
    dark, light = np.percentile(paper, (10, 90))
    return bool(dark <= _EVENLY_LIT * light)
