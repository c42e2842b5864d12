"""With what a page is recognised: device, size, features; and how that becomes less where it does not fit."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from desktop_ocr.schema.engine_messages import TextRoles
from desktop_ocr.schema.errors import ErrorCode
from desktop_ocr.schema.features import NONE, STAGES, Feature, FeatureMode, Features
from desktop_ocr.schema.jobs import JobOptions, TextModel
from desktop_ocr.schema.results import DEGRADED, PageNote
from desktop_ocr.schema.roles import ModelRole, variant
from desktop_ocr.schema.settings import FallbackStep

CPU = "cpu"
OWN_TEXT = TextRoles()
_STRIDE = 32
"""The detector's sides are multiples of it, in pixels."""

STAGE_ROLES: dict[Feature, tuple[ModelRole, ...]] = {
    Feature.TABLES: (ModelRole.TABLE_PIPELINE, ModelRole.TABLE_STRUCTURE),
    Feature.PICTURES: (),
    Feature.SEALS: (ModelRole.SEAL_DETECTION, ModelRole.TEXT_RECOGNITION),
    Feature.FORMULAS: (ModelRole.FORMULA,),
    Feature.CHARTS: (ModelRole.CHART,),
}
"""What a feature needs beside the page's text and the first look at its picture."""

LARGE = frozenset({ModelRole.TABLE_PIPELINE, ModelRole.FORMULA, ModelRole.CHART, ModelRole.SEAL_DETECTION})
"""Models that are never loaded beside those for text in one request: they have a stage of their own."""

DISPENSABLE = (Feature.CHARTS, Feature.FORMULAS, Feature.SEALS, Feature.TABLES)
"""What is given up for want of memory, in this order, before headings and page orientation are. Pictures go with
tables: one model sees both."""

REASONS = {
    ErrorCode.OUT_OF_MEMORY: "there was not enough memory for more",
    ErrorCode.GPU_LOST: "the graphics card could not be used",
    ErrorCode.MEMORY_SHORT: "memory was short",
}


@dataclass(frozen=True)
class PagePlan:
    """How a page, or one stage of it, is to be done.

    Attributes:
        device: "cpu", "gpu:0", ...
        side: longest side in pixels of the picture the text detector sees; 0 for a page whose text is read.
        features: what is looked for.
        layout: look for blocks; without, none of `STAGES` is looked for.
        pixels: of its bitmap; 0 for a page whose text is read.
        inline: of `STAGES`, those that are done with the text.
        structure: by PP-StructureV3 as a whole.
        text: the models for text.
        stage: this feature alone, of a page whose text is known.
        unwarped: of a stage: the page was flattened, and is again.
    """

    device: str
    side: int
    features: Features
    layout: bool
    pixels: int = 0
    inline: tuple[Feature, ...] = ()
    structure: bool = False
    text: TextRoles = OWN_TEXT
    stage: Feature | None = None
    unwarped: bool = False

    @property
    def roles(self) -> tuple[str, ...]:
        """Of the models that it may need, in the order in which they are used."""
        if self.stage is not None:
            own = {ModelRole.TEXT_RECOGNITION: self.text.recognition}
            needed = (own.get(role, role) for role in STAGE_ROLES[self.stage])
            return (*([ModelRole.UNWARP] if self.unwarped else []), *needed)
        if self.structure:
            return (ModelRole.STRUCTURE,)
        wants = self.features.wants
        looks = self.layout and any(map(wants, STAGES))
        wanted: dict[str, bool] = {
            ModelRole.UNWARP: wants(Feature.UNWARP),
            ModelRole.PAGE_ORIENTATION: wants(Feature.ORIENTATION),
            self.text.detection: True,
            self.text.recognition: True,
            self.text.second: bool(self.text.second),
            ModelRole.REGIONS: looks,
        }
        seeing = [role for role, needed in wanted.items() if needed and self.pixels]
        stages = [role for feature in self.inline for role in STAGE_ROLES[feature] if role not in LARGE]
        return tuple(dict.fromkeys((*seeing, *([ModelRole.LAYOUT, *stages] if self.layout else []))))

    @property
    def certain(self) -> tuple[str, ...]:
        """Of those, the ones that it needs whatever is on the page. The others wait for a sign that they are needed."""
        if self.stage is Feature.TABLES:
            return ()  # most tables show their cells by rulings and words
        if self.stage is not None or self.structure:
            return self.roles
        only_on = {
            ModelRole.UNWARP: (Feature.UNWARP,),
            ModelRole.PAGE_ORIENTATION: (Feature.ORIENTATION,),
            ModelRole.REGIONS: STAGES,
        }
        always: set[str] = {self.text.detection, self.text.recognition, ModelRole.LAYOUT}
        on = FeatureMode.ON
        always |= {role for role, of in only_on.items() if any(self.features.mode(one) is on for one in of)}
        return tuple(role for role in self.roles if role in always)


def wanted_plan(options: JobOptions, device: str, side: int, pixels: int, installed: Collection[str]) -> PagePlan:
    """What the user asked for.

    Args:
        options: of the document.
        device: where.
        side: of the detector's picture.
        pixels: of the page; 0 for one whose text is read.
        installed: roles for which there is a model.
    """
    return PagePlan(
        device,
        side=side if pixels else 0,
        features=options.features,
        layout=options.layout,
        pixels=pixels,
        inline=tuple(one for one in STAGES if options.features.wants(one) and not _large(one, installed))
        if pixels
        else (),
        structure=options.structure and bool(pixels) and ModelRole.STRUCTURE in installed,
        text=text_roles(options, installed),
    )


def text_roles(options: JobOptions, installed: Collection[str]) -> TextRoles:
    """The models that read a document's text: those of its language or of the size wanted, where they are installed.

    The role itself has the largest that is installed. With routing a smaller one reads first.
    """
    routing = options.routing and not options.language
    wanted_size = TextModel.SMALL if routing and options.text_model is TextModel.AUTO else options.text_model
    size = "" if wanted_size is TextModel.AUTO else wanted_size.value

    def first(role: ModelRole, *names: str) -> str:
        wanted = [variant(role, name) for name in names if name]
        return next((one for one in wanted if one in installed), role.value)

    recognition = first(ModelRole.TEXT_RECOGNITION, options.language, size)
    second = ""
    if routing and ModelRole.SECOND_RECOGNITION in installed:  # the user's models file says so
        second = ModelRole.SECOND_RECOGNITION.value
    elif routing and recognition != ModelRole.TEXT_RECOGNITION:
        second = ModelRole.TEXT_RECOGNITION.value
    return TextRoles(first(ModelRole.TEXT_DETECTION, size), recognition, second)


def stage_plan(
    feature: Feature,
    device: str,
    pixels: int,
    *,
    unwarped: bool,
    text: TextRoles = OWN_TEXT,
) -> PagePlan:
    """One stage of a page of so many pixels."""
    return PagePlan(device, 0, NONE, layout=True, pixels=pixels, stage=feature, unwarped=unwarped, text=text)


def in_use(roles: Iterable[str], installed: Collection[str]) -> tuple[str, ...]:
    """The roles without the one for tables that the other takes the place of: a pipeline that is installed does."""
    pipeline = ModelRole.TABLE_PIPELINE in installed
    replaced = ModelRole.TABLE_STRUCTURE if pipeline else ModelRole.TABLE_PIPELINE
    return tuple(role for role in roles if role != replaced)


def stages_apart(options: JobOptions, installed: Collection[str]) -> bool:
    """Whether pages with these options may get stages of their own, however much memory there is."""
    if not options.layout or (options.structure and ModelRole.STRUCTURE in installed):
        return False
    return any(options.features.wants(feature) and _large(feature, installed) for feature in STAGES)


def _large(feature: Feature, installed: Collection[str]) -> bool:
    return any(role in LARGE and role in installed for role in STAGE_ROLES[feature])


def apart(plan: PagePlan) -> PagePlan:
    """The plan with no models of stages beside those for text."""
    return dataclasses.replace(plan, inline=tuple(one for one in plan.inline if not STAGE_ROLES[one]))


@dataclass
class PressurePolicy:
    """What the pressure ladder has taken away from all pages for now.

    Attributes:
        apart: models of stages are not held beside others.
        left_out: what is not looked for.
        fewer_features: pages are done without layout and orientation, and whatever builds on layout.
        smaller_side: the detector's picture is made half as large.
        cpu_only: no GPU is used.
    """

    apart: bool = False
    left_out: frozenset[Feature] = frozenset()
    fewer_features: bool = False
    smaller_side: bool = False
    cpu_only: bool = False

    def allows(self, feature: Feature) -> bool:
        """Whether a stage is done."""
        return feature not in self.left_out and not self.fewer_features

    def apply(self, plan: PagePlan, smallest_side: int) -> PagePlan:
        """The plan with what is left."""
        if self.apart:
            plan = apart(plan)
        if self.left_out and plan.stage is None:
            plan = _without(dataclasses.replace(plan, structure=False), self.left_out)
        if self.fewer_features and plan.stage is None:
            plan = _without(dataclasses.replace(plan, layout=False, structure=False), (Feature.ORIENTATION,))
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
    # One model after the other costs time and nothing else.
    if not gpu_lost and apart(plan).roles != plan.roles:
        return apart(plan)
    for step in steps:
        if step is FallbackStep.CPU and plan.device != CPU:
            return dataclasses.replace(wanted, device=CPU)
        if gpu_lost:
            continue
        if step is FallbackStep.SMALLER_SIDE and plan.side > smallest_side:
            return dataclasses.replace(plan, side=_halved(plan.side, smallest_side))
        if step is FallbackStep.FEWER_FEATURES and (less := _fewer_features(plan)) is not None:
            return less
    return None


def _fewer_features(plan: PagePlan) -> PagePlan | None:
    """The plan with the next thing given up that makes a difference to what is loaded."""
    if plan.stage is not None:
        return None
    if plan.structure:
        return dataclasses.replace(plan, structure=False)
    without = plan
    for feature in DISPENSABLE:
        without = _without(without, (feature,))
        if without.roles != plan.roles:
            return without
    # Layout is the larger of the two, and text is worth more upright.
    if plan.layout:
        return dataclasses.replace(plan, layout=False)
    if ModelRole.PAGE_ORIENTATION in plan.roles:
        return _without(plan, (Feature.ORIENTATION,))
    return None


def _without(plan: PagePlan, features: Iterable[Feature]) -> PagePlan:
    gone = set(features)
    if Feature.TABLES in gone:
        gone.add(Feature.PICTURES)
    inline = tuple(one for one in plan.inline if one not in gone)
    return dataclasses.replace(plan, features=plan.features.without(*gone), inline=inline)


def degraded_note(used: PagePlan, wanted: PagePlan, reasons: Iterable[ErrorCode]) -> PageNote | None:
    """What the user is told of a page that was done with less; None where it was not."""
    less = []
    if used.side < wanted.side:
        less.append(f"text was looked for at {used.side} instead of {wanted.side} pixels")
    if wanted.structure and not used.structure:
        less.append("it was done without PP-StructureV3")
    if gone := _not_looked_for(used, wanted):
        less.append(f"{gone} were not looked for")
    if wanted.features.wants(Feature.ORIENTATION) and wanted.pixels and not used.features.wants(Feature.ORIENTATION):
        less.append("the page was not turned upright")
    if used.device != wanted.device:
        less.append("it was done without the graphics card")
    if not less:
        return None
    text = f"{'; '.join(less)}, because {because(reasons)}."
    return PageNote(DEGRADED, text[0].upper() + text[1:])


def because(reasons: Iterable[ErrorCode]) -> str:
    """Why something was done with less, in words."""
    known = dict.fromkeys(REASONS[code] for code in reasons if code in REASONS)
    return " and ".join(known) or REASONS[ErrorCode.MEMORY_SHORT]


def _not_looked_for(used: PagePlan, wanted: PagePlan) -> str:
    gone = []
    if wanted.layout:
        kept = used.features if used.layout else NONE
        gone = [one.value for one in STAGES if wanted.features.wants(one) and not kept.wants(one)]
        if not used.layout:
            gone = ["headings", "columns", *(gone or ["tables"])]
    return ", ".join(gone[:-1]) + f" and {gone[-1]}" if len(gone) > 1 else "".join(gone)


def _halved(side: int, smallest: int) -> int:
    return max(min(side, smallest), side // 2 // _STRIDE * _STRIDE)
