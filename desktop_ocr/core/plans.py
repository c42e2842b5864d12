"""With what a page is recognised: device, size, features; and how that becomes less where it does not fit."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from desktop_ocr.schema.errors import ErrorCode
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.results import DEGRADED, PageNote
from desktop_ocr.schema.roles import ModelRole
from desktop_ocr.schema.settings import FallbackStep

CPU = "cpu"
_STRIDE = 32
"""The detector's sides are multiples of it, in pixels."""

REASONS = {
    ErrorCode.OUT_OF_MEMORY: "there was not enough memory for more",
    ErrorCode.GPU_LOST: "the graphics card could not be used",
    ErrorCode.MEMORY_SHORT: "memory was short",
}


@dataclass(frozen=True)
class PagePlan:
    """How a page is to be done.

    Attributes:
        device: "cpu", "gpu:0", ...
        side: longest side in pixels of the picture the text detector sees; 0 for a page whose text is read.
        orientation: turn it upright.
        layout: look for blocks.
        pixels: of its bitmap; 0 for a page whose text is read.
    """

    device: str
    side: int
    orientation: bool
    layout: bool
    pixels: int = 0

    @property
    def roles(self) -> tuple[ModelRole, ...]:
        """Of the models it needs, in the order in which they are used."""
        wanted = {
            ModelRole.PAGE_ORIENTATION: self.orientation,
            ModelRole.TEXT_DETECTION: bool(self.pixels),
            ModelRole.TEXT_RECOGNITION: bool(self.pixels),
            ModelRole.LAYOUT: self.layout,
        }
        return tuple(role for role, needed in wanted.items() if needed)


def wanted_plan(options: JobOptions, device: str, side: int, pixels: int) -> PagePlan:
    """What the user asked for, for a page of so many pixels; 0 for one whose text is read."""
    return PagePlan(
        device,
        side=side if pixels else 0,
        orientation=options.features.wants(Feature.ORIENTATION) and bool(pixels),
        layout=options.layout,
        pixels=pixels,
    )


@dataclass
class PressurePolicy:
    """What the pressure ladder has taken away from all pages for now.

    Attributes:
        fewer_features: pages are done without layout and orientation.
        smaller_side: the detector's picture is made half as large.
        cpu_only: no GPU is used.
    """

    fewer_features: bool = False
    smaller_side: bool = False
    cpu_only: bool = False

    def apply(self, plan: PagePlan, smallest_side: int) -> PagePlan:
        """The plan with what is left."""
        if self.fewer_features:
            plan = dataclasses.replace(plan, layout=False, orientation=False)
        if self.smaller_side and plan.side:
            plan = dataclasses.replace(plan, side=_halved(plan.side, smallest_side))
        return dataclasses.replace(plan, device=CPU) if self.cpu_only else plan


def lighter(
    plan: PagePlan, wanted: PagePlan, steps: Sequence[FallbackStep], smallest_side: int, *, gpu_lost: bool = False
) -> PagePlan | None:
    """The next plan that takes less.

    Args:
        plan: what did not fit.
        wanted: what the user asked for: a page that comes to the CPU starts from it again.
        steps: what may be done, in order.
        smallest_side: in pixels.
        gpu_lost: the GPU is gone: nothing but the CPU helps.

    Returns:
        None where nothing is left to try.
    """
    for step in steps:
        if step is FallbackStep.CPU and plan.device != CPU:
            return dataclasses.replace(wanted, device=CPU)
        if gpu_lost:
            continue
        if step is FallbackStep.SMALLER_SIDE and plan.side > smallest_side:
            return dataclasses.replace(plan, side=_halved(plan.side, smallest_side))
        # Layout is the larger of the two, and text is worth more upright.
        if step is FallbackStep.FEWER_FEATURES and plan.layout:
            return dataclasses.replace(plan, layout=False)
        if step is FallbackStep.FEWER_FEATURES and plan.orientation:
            return dataclasses.replace(plan, orientation=False)
    return None


def degraded_note(used: PagePlan, wanted: PagePlan, reasons: Iterable[ErrorCode]) -> PageNote | None:
    """What the user is told of a page that was done with less; None where it was not."""
    less = []
    if used.side < wanted.side:
        less.append(f"text was looked for at {used.side} instead of {wanted.side} pixels")
    if wanted.layout and not used.layout:
        less.append("headings, tables and columns were not looked for")
    if wanted.orientation and not used.orientation:
        less.append("the page was not turned upright")
    if used.device != wanted.device:
        less.append("it was done without the graphics card")
    if not less:
        return None
    why = " and ".join(dict.fromkeys(REASONS[code] for code in reasons if code in REASONS))
    text = f"{'; '.join(less)}, because {why or REASONS[ErrorCode.MEMORY_SHORT]}."
    return PageNote(DEGRADED, text[0].upper() + text[1:])


def _halved(side: int, smallest: int) -> int:
    return max(min(side, smallest), side // 2 // _STRIDE * _STRIDE)
