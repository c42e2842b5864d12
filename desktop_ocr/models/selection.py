"""Which model does what: the user's models file goes first, then what is installed, the best before the others.

A document's language goes before the file, unless that names a folder of the user's own.
"""

from __future__ import annotations

import msgspec

from desktop_ocr.models.catalog import LANGUAGES, REQUIRED_ROLES, ModelEntry, entry, models_for
from desktop_ocr.models.models_file import ModelsFile, UserChoice
from desktop_ocr.models.store import ModelStore
from desktop_ocr.schema.jobs import TextModel
from desktop_ocr.schema.messages import ModelFolder
from desktop_ocr.schema.roles import PARTS, ModelRole

TEXT_ROLES = (ModelRole.TEXT_DETECTION, ModelRole.TEXT_RECOGNITION)


class Selection(msgspec.Struct, frozen=True):
    """Models by role.

    Attributes:
        models: what is there to be used, pipelines with their parts; nothing of it is laid out yet
            (`ModelStore.lay_out`). Roles of parts alone are not among them.
        problems: what the user asked for and does not get, a sentence each.
    """

    models: dict[ModelRole, ModelFolder]
    problems: tuple[str, ...] = ()

    @property
    def ids(self) -> dict[str, str]:
        """Model ids by role."""
        return {role.value: folder.model for role, folder in self.models.items()}


def choose_models(
    store: ModelStore,
    file: ModelsFile,
    *,
    language: str = "",
    text_model: TextModel = TextModel.AUTO,
    routing: bool = False,
) -> Selection:
    """Choose a model for each role that can be filled.

    A role that a page can do without is left out where no model for it is installed; of the others the one that comes
    with the program is named, so that laying it out says what is missing. Reads no weights; looks at the disk.

    Args:
        store: where models are.
        file: what the user chose.
        language: of a recognition pack, as in `JobOptions.language`; "" for none.
        text_model: size of the models for text.
        routing: a small model reads, and a larger one, where one is installed, what it is unsure of; for text without
            a language pack.
    """
    return _Choosing(store, file, language, text_model, routing=routing).all()


class _Choosing:
    def __init__(
        self, store: ModelStore, file: ModelsFile, language: str, text_model: TextModel, *, routing: bool
    ) -> None:
        self._store = store
        self._file = file
        self._language = language
        self._routing = routing and not language
        self._text_model = TextModel.SMALL if self._routing and text_model is TextModel.AUTO else text_model
        self._problems = list(file.problems)
        self._models: dict[ModelRole, ModelFolder] = {}

    def all(self) -> Selection:
        roles = [role for role in ModelRole if role not in PARTS]
        if not self._routing:
            roles.remove(ModelRole.SECOND_RECOGNITION)
        # Pipelines are made of what was chosen for single roles.
        for role in sorted(roles, key=lambda role: any(model.parts for model in models_for(role))):
            folder = self._of_user(role) or self._installed(role)
            if folder is not None:
                self._models[role] = folder
        models = {role: self._models[role] for role in roles if role in self._models}
        return Selection(models, tuple(dict.fromkeys(self._problems)))  # parts are asked for by several pipelines

    def _of_user(self, role: ModelRole) -> ModelFolder | None:
        choice = self._file.choices.get(role)
        if choice is None or (role is ModelRole.TEXT_RECOGNITION and self._has_pack() and not choice.folder):
            return None
        if choice.folder:
            engine = choice.engine or "onnxruntime"
            return ModelFolder(role, choice.model, choice.folder, engine, choice.device, choice.precision, choice.side)
        model = entry(choice.model)
        folder = None
        if model is not None and model.parts:
            folder = self._pipeline(model)
        elif model is not None and self._store.installed(model.id):
            folder = self._store.folder_of(role, model.id)
        if folder is None:
            self._problems.append(
                f"{choice.model}, which your models file names for {role.value}, is not installed:"
                f" another model is used. {self._why(choice.model)}"
            )
            return None
        if choice.engine and not folder.parts and choice.engine not in self._store.engines(choice.model):
            self._problems.append(
                f"{choice.model} is installed for {' or '.join(self._store.engines(choice.model))}, and not for"
                f" {choice.engine}, which your models file names."
            )
            choice = msgspec.structs.replace(choice, engine="")
        return _run_as(folder, choice)

    def _has_pack(self) -> bool:
        """What is wanted of one document goes before a model of the catalog that is wanted for all."""
        packs = (model.id for model in models_for(ModelRole.TEXT_RECOGNITION) if model.language == self._language)
        return bool(self._language) and any(map(self._store.installed, packs))

    def _installed(self, role: ModelRole) -> ModelFolder | None:
        for model in self._candidates(role):
            if model.parts:
                if (pipeline := self._pipeline(model)) is not None:
                    return pipeline
            elif self._store.installed(model.id):
                return self._store.folder_of(role, model.id)
        if role in REQUIRED_ROLES:
            own = next((model for model in models_for(role) if model.source is not None), None)
            return None if own is None else self._store.folder_of(role, own.id)
        return None

    def _candidates(self, role: ModelRole) -> list[ModelEntry]:
        """In the order in which they are tried."""
        models = models_for(role)
        plain = [model for model in models if not model.language]
        if role is ModelRole.SECOND_RECOGNITION:
            return self._larger(plain)
        if role not in TEXT_ROLES:
            return plain
        if self._text_model is not TextModel.AUTO:
            wanted = [model for model in plain if model.text_model is self._text_model]
            if not any(self._store.installed(model.id) for model in wanted):
                self._miss(f"The {self._text_model.value} models for text", wanted)
            plain = [*wanted, *(model for model in plain if model not in wanted)]
        if not self._language or role is not ModelRole.TEXT_RECOGNITION:
            return plain
        packs = [model for model in models if model.language == self._language]
        if not packs:
            self._problems.append(f"There is no pack for the language '{self._language}': {', '.join(LANGUAGES)}.")
        elif not any(self._store.installed(pack.id) for pack in packs):
            self._miss(f"The pack for {LANGUAGES[self._language]}", packs)
        return [*packs, *plain]

    def _larger(self, models: list[ModelEntry]) -> list[ModelEntry]:
        """Those that are larger than the model that reads first."""
        first = self._models.get(ModelRole.TEXT_RECOGNITION)
        known = entry(first.model) if first is not None else None
        return [model for model in models if known is not None and model.preference > known.preference]

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

    def _miss(self, what: str, models: list[ModelEntry]) -> None:
        ids = " ".join(model.id for model in models)
        verb = "are" if what.endswith("text") else "is"
        self._problems.append(f"{what} {verb} not installed: desktop-ocr models install {ids}")

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
