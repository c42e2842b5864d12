"""What installing models by name would mean: what is to be downloaded, and whether there is room for it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from desktop_ocr.models.catalog import CATALOG, PROFILES, entry, expanded
from desktop_ocr.models.disk import check_room, free_bytes
from desktop_ocr.models.downloaded import DownloadedModels
from desktop_ocr.models.engines import no_engine
from desktop_ocr.models.installer import Installer
from desktop_ocr.models.listing import listed_one
from desktop_ocr.models.store import ModelStore
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.model_store import InstallPlan, StoreState


def plan_install(store: ModelStore, installer: Installer, names: Sequence[str]) -> InstallPlan:
    """What would be downloaded for these names; nothing is begun.

    Of pipelines and profiles, models that nothing here could run are left out; the plan names them.

    Args:
        store: where models are.
        installer: would download them.
        names: of models, pipelines and profiles.

    Raises:
        DesktopOcrError: USAGE for a name that is not known; MODEL_MISSING for a model that nothing here could run.
    """
    ids = expanded(names)
    if isinstance(ids, str):
        raise unknown(ids)
    wanted, left_out = [], []
    for model in (listed_one(store, model_id) for model_id in ids):
        if model is None or model.state is StoreState.INSTALLED:
            continue
        if model.state is StoreState.UNAVAILABLE:
            known = entry(model.id)
            if model.id in names and known is not None:
                if not known.formats:
                    raise DesktopOcrError(ErrorCode.MODEL_MISSING, f"{model.id} cannot be downloaded.", model.reason)
                raise no_engine(known)
            left_out.append(model)
        else:
            wanted.append(model)
    folder = _downloaded(store).folder
    return InstallPlan(tuple(wanted), installer.host, str(folder), free_bytes(folder), tuple(left_out))


def check_plan(plan: InstallPlan, store: ModelStore) -> None:
    """Raise DesktopOcrError (DISK_FULL) where there is no room for what a plan would download."""
    if plan.models:
        check_room(_downloaded(store).folder, plan.missing)


def unknown(name: str) -> DesktopOcrError:
    """There is no model of that name; perhaps one that is nearly called so."""
    names = {one.lower(): one for one in (*PROFILES, *(model.id for model in CATALOG))}
    near = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.5)
    advice = f"Did you mean {' or '.join(names[one] for one in near)}?" if near else "See: desktop-ocr models"
    return DesktopOcrError(ErrorCode.USAGE, f"There is no model of the name {name}.", advice)


def check_known(name: str) -> None:
    """Raise DesktopOcrError (USAGE) for a name that is no model with files of its own."""
    model = entry(name)
    if model is None:
        raise unknown(name)
    if model.parts:
        ids = dict.fromkeys(part.wanted for part in model.parts)
        raise DesktopOcrError(
            ErrorCode.USAGE,
            f"{name} is made of several models, and has no files of its own.",
            f"Name them: {' '.join(ids)}",
        )


def remove_model(store: ModelStore, name: str) -> None:
    """Delete a downloaded model's files, and what a broken-off download has left.

    Raises:
        DesktopOcrError: USAGE for one that came with the program or is not known; MODEL_MISSING where there is
            nothing; NO_PERMISSION.
    """
    check_known(name)
    if not _downloaded(store).remove(name):
        if store.bundled(name):
            raise DesktopOcrError(ErrorCode.USAGE, f"{name} came with the program, and cannot be removed.")
        raise DesktopOcrError(ErrorCode.MODEL_MISSING, f"The model {name} is not installed.")


def _downloaded(store: ModelStore) -> DownloadedModels:
    if store.downloaded is None:
        raise DesktopOcrError(ErrorCode.INTERNAL, "There is no folder for downloaded models.")
    return store.downloaded
