"""Models on the disk in words: their states, sizes, and how a download goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from desktop_ocr.gui.words import memory_words, time_words, tr
from desktop_ocr.schema.model_store import InstallPlan, StoredModel, StoreState
from desktop_ocr.schema.roles import ModelRole

_TEXT = (
    ModelRole.TEXT_DETECTION,
    ModelRole.TEXT_RECOGNITION,
    ModelRole.SECOND_RECOGNITION,
    ModelRole.LINE_ORIENTATION,
)
_LAYOUT = (ModelRole.LAYOUT, ModelRole.REGIONS, ModelRole.PAGE_BLOCKS)
_TURNING = (ModelRole.PAGE_ORIENTATION, ModelRole.UNWARP)
_TABLES = (
    ModelRole.TABLE_STRUCTURE,
    ModelRole.TABLE_PIPELINE,
    ModelRole.TABLE_CLASSIFICATION,
    ModelRole.WIRED_STRUCTURE,
    ModelRole.WIRELESS_STRUCTURE,
    ModelRole.WIRED_CELLS,
    ModelRole.WIRELESS_CELLS,
)


def groups() -> tuple[tuple[str, tuple[ModelRole, ...]], ...]:
    """The headings of the list of models, each with the roles below it; what fits none comes under the last."""
    return (
        (tr("Text"), _TEXT),
        (tr("Layout and order of reading"), _LAYOUT),
        (tr("Turning and flattening pages"), _TURNING),
        (tr("Tables"), _TABLES),
        (tr("Formulas"), (ModelRole.FORMULA,)),
        (tr("Charts"), (ModelRole.CHART,)),
        (tr("Seals"), (ModelRole.SEAL_DETECTION,)),
        (tr("Whole pages"), (ModelRole.STRUCTURE,)),
        (tr("Others"), ()),
    )


def group_of(model: StoredModel) -> int:
    """The heading under which a model stands, counted from 0."""
    everything = groups()
    role = model.role.partition(":")[0]  # what follows is a variant of it: a language, say
    return next((n for n, (_title, roles) in enumerate(everything) if role in roles), len(everything) - 1)


def size_words(size: float) -> str:
    """Bytes as people read them: "7.8 MB", "1.4 GB"."""
    if size <= 0:
        return "–"
    if size < 1e6:
        return tr("{n} kB").format(n=max(1, round(size / 1e3)))
    if size < 1e9:
        return f"{size / 1e6:.1f} MB" if size < 1e8 else f"{size / 1e6:.0f} MB"
    return f"{size / 1e9:.1f} GB"


def share_of(model: StoredModel) -> float:
    """How much of a model is there, between 0 and 1."""
    return min(1.0, model.done / model.size) if model.size else 0.0


def share_words(model: StoredModel) -> str:
    """How far something that is under way is."""
    if model.state is StoreState.WAITING:
        return tr("waits its turn")
    if model.state is StoreState.CHECKING:
        return tr("is being checked")
    return tr("downloading, {share} %").format(share=int(share_of(model) * 100))


def state_words(model: StoredModel) -> str:
    """A model's state in a few words."""
    return {
        StoreState.INSTALLED: tr("Came with the program") if model.bundled else tr("Installed"),
        StoreState.AVAILABLE: tr("Not installed"),
        StoreState.WAITING: tr("Waiting"),
        StoreState.DOWNLOADING: tr("{share} %").format(share=int(share_of(model) * 100)),
        StoreState.CHECKING: tr("Checking…"),
        StoreState.BROKEN_OFF: tr("Broken off at {share} %").format(share=int(share_of(model) * 100)),
        StoreState.UNAVAILABLE: tr("Cannot be used here"),
    }[model.state]


def memory_cell(model: StoredModel) -> str:
    """What a model takes in memory."""
    return memory_words(model.memory_mb) if model.memory_mb else "–"


def download_words(model: StoredModel, speed: float) -> str:
    """How a download goes: "12.3 of 131 MB, 2.1 MB a second, about 50 s left"."""
    if model.state is StoreState.WAITING:
        return tr("It waits until another download is done.")
    if model.state is StoreState.CHECKING:
        return tr("Its files are compared with what their source promises.")
    words = tr("{done} of {size}").format(
        done=size_words(model.done) if model.done else "0", size=size_words(model.size)
    )
    if speed <= 0:
        return words
    left = time_words(max(0.0, model.size - model.done) / speed)
    return tr("{words}, {speed} a second, {left}").format(words=words, speed=size_words(speed), left=left)


def models_words(count: int) -> str:
    """ "1 model", "3 models"."""
    return tr("1 model") if count == 1 else tr("%n models", count)


def heading_words(title: str, models: Sequence[StoredModel]) -> str:
    """A heading with what is there of it: "Formulas, 1 of 3 installed"."""
    there = sum(model.state is StoreState.INSTALLED for model in models)
    return tr("{title}   {there} of {all} installed").format(title=title, there=there, all=len(models))


def disk_words(models: Iterable[StoredModel], plan: InstallPlan | None) -> str:
    """What the models take on the disk, and what is free there."""
    taken = sum(model.done for model in models if not (model.bundled or model.parts))
    words = tr("Downloads take {taken}.").format(taken=size_words(taken)) if taken else tr("Nothing downloaded yet.")
    if plan is None:
        return words
    return f"{words} " + tr("{free} are free.").format(free=size_words(plan.free))


def licences(models: Iterable[StoredModel]) -> str:
    """All licences, each once."""
    return ", ".join(dict.fromkeys(model.licence for model in models if model.licence)) or tr("not stated")
