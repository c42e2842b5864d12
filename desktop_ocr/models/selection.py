"""Which model does what: the user's models file goes first, then what is installed, the best before the others."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from desktop_ocr.models.catalog import LANGUAGES, REQUIRED_ROLES, ModelEntry, entry, models_for
from desktop_ocr.models.models_file import ModelsFile, UserChoice
from desktop_ocr.models.store import ModelStore
from desktop_ocr.schema.engine_messages import ModelFolder
from desktop_ocr.schema.jobs import JobOptions, TextModel
from desktop_ocr.schema.roles import PARTS, REGIONS_BUNDLED, ModelRole, variant

TEXT_ROLES = (ModelRole.TEXT_DETECTION, ModelRole.TEXT_RECOGNITION)


class Selection(msgspec.Struct, frozen=True):
    """Models by role, and by variant of a role (`schema.roles.variant`): text models of all sizes and languages.

    Attributes:
        models: what is there to be used, pipelines with their parts; nothing of it is laid out yet
            (`ModelStore.lay_out`). Roles of parts alone are not among them. No model is there twice.
        problems: what the user's file asks for and does not get, a sentence each.
    """

    models: dict[str, ModelFolder]
    problems: tuple[str, ...] = ()

    @property
    def ids(self) -> dict[str, str]:
        """Model ids by role."""
        return {role: folder.model for role, folder in self.models.items()}


def choose_models(store: ModelStore, file: ModelsFile) -> Selection:
    """Choose a model for each role that can be filled, and the other models for text beside them.

    A role that a page can do without is left out where no model for it is installed; of the others the one that comes
    with the program is named, so that laying it out says what is missing. The models of TEXT_DETECTION and
    TEXT_RECOGNITION are the largest that are installed, unless the file says otherwise. Reads no weights; looks at
    the disk.

    Args:
        store: where models are.
        file: what the user chose.
    """
    return _Choosing(store, file).all()


def missing_text(options: JobOptions, roles: Iterable[str]) -> str:
    """What a document wants for its text and does not get, as a sentence; "" where it gets all.

    Args:
        options: of the document.
        roles: that are filled, with variants.
    """
    there = frozenset(roles)
    language = options.language
    if not language or variant(ModelRole.TEXT_RECOGNITION, language) in there:
        return ""
    if language not in LANGUAGES:
        return f"There is no pack for the language '{language}': the text was read without."
    model = next(model.id for model in models_for(ModelRole.TEXT_RECOGNITION) if model.language == language)
    return f"The pack for {LANGUAGES[language]} is not installed ({model}): the text was read without."


class ChosenModels:
    """What was chosen, made ready for hosts."""

    def __init__(self, store: ModelStore, selection: Selection) -> None:
        """Lay nothing out yet."""
        self._store = store
        self._selection = selection

    def prepare(self, role: str, model: str) -> ModelFolder:
        """The folder of a role's model, laid out. The first time, tens of megabytes are hashed.

        Raises:
            DesktopOcrError: as `ModelStore.ensure`.
        """
        folder = self._selection.models.get(role)
        return self._store.lay_out(folder or self._store.folder_of(role, model))


class _Choosing:
    def __init__(self, store: ModelStore, file: ModelsFile) -> None:
        self._store = store
        self._file = file
        self._problems = list(file.problems)
        self._models: dict[str, ModelFolder] = {}

    def all(self) -> Selection:
        roles = [role for role in ModelRole if role not in PARTS]
        # Pipelines are made of what was chosen for single roles.
        for role in sorted(roles, key=lambda role: any(model.parts for model in models_for(role))):
            folder = self._of_user(role) or self._installed(role)
            if folder is not None:
                self._models[role.value] = folder
        models = {role.value: self._models[role] for role in roles if role in self._models} | self._variants()
        return Selection(models, tuple(dict.fromkeys(self._problems)))  # parts are asked for by several pipelines

    def _variants(self) -> dict[str, ModelFolder]:
        """The other models for text, and what stands in for a better one.

        Those that fill a role already are not repeated: a host would load them twice.
        """
        taken = {folder.model for folder in self._models.values()}
        found = {}
        for role in TEXT_ROLES:
            for model in models_for(role):
                name = model.language or ("" if model.text_model is TextModel.AUTO else model.text_model.value)
                if name and model.id not in taken and self._store.installed(model.id):
                    found[variant(role, name)] = self._store.folder_of(variant(role, name), model.id)
        for model in models_for(ModelRole.REGIONS):
            if model.id not in taken and self._store.bundled(model.id):
                found[REGIONS_BUNDLED] = self._store.folder_of(REGIONS_BUNDLED, model.id)
        return found

    def _of_user(self, role: ModelRole) -> ModelFolder | None:
        choice = self._file.choices.get(role)
        if choice is None:
            return None
        if choice.folder:
            engine = choice.engine or "onnxruntime"
            return ModelFolder(
                role,
                choice.model,
                choice.folder,
                engine,
                choice.device,
                choice.precision,
                choice.side,
                remedy=f"Take [{role.value}] out of your models file, or put another model into {choice.folder}.",
            )
        model = entry(choice.model)
        folder = None
        if model is not None and model.parts:
            folder = self._pipeline(model)
        elif model is not None and self._store.installed(model.id):
            folder = self._store.folder_of(role, model.id)
        if folder is None:
            self._problems.append(
                f"{choice.model}, which your models file names for {role.value}, is not installed:"
                f" another model is used. {self._why(choice.model)}".rstrip()
            )
            return None
        if choice.engine and not folder.parts and choice.engine not in self._store.engines(choice.model):
            self._problems.append(
                f"{choice.model} is installed for {' or '.join(self._store.engines(choice.model))}, and not for"
                f" {choice.engine}, which your models file names."
            )
            choice = msgspec.structs.replace(choice, engine="")
        return _run_as(folder, choice)

    def _installed(self, role: ModelRole) -> ModelFolder | None:
        if role is ModelRole.SECOND_RECOGNITION:
            return None  # the largest reads again what a smaller one has read first: see `text_roles`
        candidates = [model for model in models_for(role) if not model.language]
        for model in candidates:
            if model.parts:
                if (pipeline := self._pipeline(model)) is not None:
                    return pipeline
            elif self._store.installed(model.id):
                return self._store.folder_of(role, model.id)
        if role in REQUIRED_ROLES:
            own = next((model for model in candidates if model.source is not None), None)
            return None if own is None else self._store.folder_of(role, own.id)
        return None

    def _pipeline(self, model: ModelEntry) -> ModelFolder | None:
        """None where a part that it cannot be without is not installed."""
        parts = []
        for part in model.parts:
            chosen = self._part(part.role, part.models)
            if chosen is not None:
                parts.append(chosen)
            elif part.required:
                return None
        return ModelFolder(model.role, model.id, "", parts=tuple(parts))

    def _part(self, role: ModelRole, models: tuple[str, ...]) -> ModelFolder | None:
        """What was chosen for the same role on its own, where it fits; else what is installed."""
        chosen, choice = self._models.get(role), self._file.choices.get(role)
        if chosen is not None and (
            role in TEXT_ROLES or chosen.model in models or (choice is not None and chosen.folder == choice.folder)
        ):
            return chosen
        if role in PARTS and (own := self._of_user(role)) is not None:
            return own
        there = next((one for one in models if self._store.installed(one)), None)
        return None if there is None else self._store.folder_of(role, there)

    def _why(self, model: str) -> str:
        known = entry(model)
        return "" if known is None or known.parts else self._store.why_missing(model)


def _run_as(folder: ModelFolder, choice: UserChoice) -> ModelFolder:
    """A model of the catalog, run as the user wants."""
    changed = msgspec.structs.replace(
        folder,
        device=choice.device,
        precision=choice.precision,
        side=choice.side,
        engine=choice.engine or folder.engine,
    )
    if not folder.parts:
        return changed
    parts = tuple(
        msgspec.structs.replace(part, device=part.device or choice.device, precision=part.precision or choice.precision)
        for part in folder.parts
    )
    return msgspec.structs.replace(changed, parts=parts)
