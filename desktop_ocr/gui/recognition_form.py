"""What is done with documents, to be chosen: a profile, a mode for each feature, and what each of it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.gui.feature_words import (
    MODES,
    SHOWN,
    feature_hint,
    feature_title,
    languages,
    mode_hint,
    mode_title,
    profile_hint,
    profile_title,
)
from desktop_ocr.gui.settings_editors import Choice
from desktop_ocr.gui.settings_words import Item
from desktop_ocr.gui.stored_models import UNDER_WAY, StoredModels, best_of
from desktop_ocr.gui.stored_words import share_words
from desktop_ocr.gui.words import memory_words, tr
from desktop_ocr.schema.features import Feature, FeatureMode, Profile
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.model_store import StoredModel, StoreState
from desktop_ocr.schema.roles import ModelRole

STRUCTURE = "structure"
GET_WIDTH = 130


class ModelMark(QStackedWidget):
    """Whether the model for something is there; where it is not, the way to it.

    Signals:
        wanted: the user wants to see where it can be had.
    """

    wanted = Signal()

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what
        self.words = QLabel()
        self.words.setObjectName("muted")
        self.get = QPushButton(self.tr("Get it…"))
        self.get.setObjectName("link")
        self.get.setCursor(Qt.CursorShape.PointingHandCursor)
        self.get.setAutoDefault(False)
        self.get.setAccessibleName(self.tr("Get a model for: {feature}").format(feature=what))
        self.get.clicked.connect(self.wanted)
        self.addWidget(self.words)
        self.addWidget(self.get)
        self.setMinimumWidth(GET_WIDTH)

    def show_model(self, model: StoredModel | None, known: bool) -> None:
        """Show how a model stands; None where none is needed, or nobody knows."""
        self.setCurrentWidget(self.words)
        self.words.setEnabled(True)
        if model is None:
            self.words.setText(self.tr("needs none") if known else "")
            self.setToolTip("")
            return
        self.setToolTip(" ".join(part for part in (f"{model.title}.", model.reason) if part))
        if model.state is StoreState.INSTALLED:
            self.words.setText(self.tr("installed"))
        elif model.state in UNDER_WAY:
            self.words.setText(share_words(model))
        else:
            self.get.setText(self.tr("Not here: why?") if model.state is StoreState.UNAVAILABLE else self.tr("Get it…"))
            self.setCurrentWidget(self.get)


class RecognitionForm(QWidget):
    """Shows `JobOptions`, and lets them be changed.

    Signals:
        edited: the `JobOptions` that the user wants now.
        models_wanted: the user wants to see the models of a `Feature` or a `ModelRole`, or one by its name.
    """

    edited = Signal(object)
    models_wanted = Signal(object)

    def __init__(self, models: StoredModels) -> None:
        super().__init__()
        self._models = models
        self._options = JobOptions()
        self._costs: dict[str, float] = {}
        self._showing = False
        self.profiles: dict[Profile, QRadioButton] = {}
        self.modes: dict[Feature, dict[FeatureMode, QRadioButton]] = {}
        self.costs: dict[str, QLabel] = {}
        self.marks: dict[str, ModelMark] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self._make_profiles())
        self.hint = QLabel()
        self.hint.setObjectName("muted")
        column.addWidget(self.hint)
        column.addWidget(_line())
        column.addLayout(self._make_features())
        column.addWidget(_line())
        column.addLayout(self._make_rest())
        models.changed.connect(self._model_changed)  # no lambda: it would outlive the form
        models.learned.connect(self._show_models)
        self.show_options(self._options)
        self._show_models()

    # --- putting together -----------------------------------------------------------------------------------

    def _make_profiles(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(18)
        group = QButtonGroup(self)
        for profile in Profile:
            button = QRadioButton(profile_title(profile))
            button.setAccessibleName(self.tr("Profile: {name}").format(name=profile_title(profile)))
            button.setAccessibleDescription(profile_hint(profile))
            button.setToolTip(profile_hint(profile))
            button.clicked.connect(lambda _on=False, chosen=profile: self._choose_profile(chosen))
            group.addButton(button)
            row.addWidget(button)
            self.profiles[profile] = button
        row.addStretch()
        return row

    def _make_features(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(5)
        headings = ["", *(mode_title(mode) for mode in MODES), tr("Memory"), tr("Model")]
        for column, words in enumerate(headings):
            heading = QLabel(words)
            heading.setObjectName("muted")
            if 0 < column <= len(MODES):
                heading.setToolTip(mode_hint(MODES[column - 1]))
                grid.addWidget(heading, 0, column, Qt.AlignmentFlag.AlignHCenter)
            else:
                grid.addWidget(heading, 0, column, Qt.AlignmentFlag.AlignRight if column == 4 else Qt.AlignmentFlag(0))
        for row, feature in enumerate(SHOWN, 1):
            self._make_feature(grid, row, feature)
        grid.setColumnMinimumWidth(4, 64)
        grid.setColumnStretch(0, 1)
        return grid

    def _make_feature(self, grid: QGridLayout, row: int, feature: Feature) -> None:
        title = feature_title(feature)
        words = QLabel(title)
        hint = QLabel(feature_hint(feature))
        hint.setObjectName("muted")
        named = QHBoxLayout()
        named.setSpacing(8)
        named.addWidget(words)
        named.addWidget(hint)
        named.addStretch()
        grid.addLayout(named, row, 0)
        group = QButtonGroup(self)
        self.modes[feature] = {}
        for column, mode in enumerate(MODES, 1):
            button = QRadioButton()
            button.setAccessibleName(f"{title}: {mode_title(mode)}")
            button.setAccessibleDescription(f"{feature_hint(feature)}. {mode_hint(mode)}")
            button.setToolTip(f"{title}: {mode_title(mode)}. {mode_hint(mode)}")
            button.clicked.connect(lambda _on=False, what=feature, how=mode: self._choose_mode(what, how))
            group.addButton(button)
            grid.addWidget(button, row, column, Qt.AlignmentFlag.AlignHCenter)
            self.modes[feature][mode] = button
        self._make_facts(grid, row, feature.value, title, feature)

    def _make_facts(self, grid: QGridLayout, row: int, name: str, title: str, what: Feature | ModelRole) -> None:
        cost = QLabel()
        cost.setObjectName("muted")
        grid.addWidget(cost, row, 4, Qt.AlignmentFlag.AlignRight)
        mark = ModelMark(title)
        mark.wanted.connect(lambda: self.models_wanted.emit(what))
        grid.addWidget(mark, row, 5)
        self.costs[name], self.marks[name] = cost, mark

    def _make_rest(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(6)
        self.layout_box = QCheckBox(self.tr("Find &headings, columns and the order of reading"))
        self.structure = QCheckBox(self.tr("Have PP-&StructureV3 do whole pages"))
        self.structure.setToolTip(self.tr("One large model instead of a small one for each feature."))
        self.language = Choice(Item("language", ""), [value for value, _words in languages()], self)
        self.language.setAccessibleName(self.tr("Language of the text"))
        self.language.setMinimumWidth(0)
        self.language.setMaximumWidth(16_777_215)
        label = QLabel(self.tr("&Language"))
        label.setBuddy(self.language)
        grid.addWidget(self.layout_box, 0, 0, 1, 4)
        grid.addWidget(self.structure, 1, 0, 1, 4)
        self._make_facts(grid, 1, STRUCTURE, self.tr("PP-StructureV3"), ModelRole.STRUCTURE)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(label)
        row.addWidget(self.language, 1)
        self.pack = ModelMark(self.tr("the language"))
        self.pack.wanted.connect(self._want_pack)
        grid.addLayout(row, 2, 0, 1, 5)
        grid.addWidget(self.pack, 2, 5)
        grid.setColumnMinimumWidth(4, 64)
        grid.setColumnStretch(0, 1)
        self.layout_box.clicked.connect(lambda on: self._change(layout=on))
        self.structure.clicked.connect(lambda on: self._change(structure=on))
        self.language.activated.connect(lambda _at: self._change(language=str(self.language.currentData())))
        return grid

    # --- values ---------------------------------------------------------------------------------------------

    @property
    def options(self) -> JobOptions:
        """What is shown."""
        return self._options

    def show_options(self, options: JobOptions) -> None:
        """Show others."""
        self._options = options
        self.profiles[options.profile].setChecked(True)
        self._show_hint()
        for feature, buttons in self.modes.items():
            buttons[options.features.mode(feature)].setChecked(True)
        self.layout_box.setChecked(options.layout)
        self.structure.setChecked(options.structure)
        self.language.set_value(options.language)
        self._show_pack()

    def show_costs(self, feature_mb: Mapping[str, float]) -> None:
        """Tell what features cost on this machine, by their names in `JobOptions`."""
        self._costs = dict(feature_mb)
        self._show_models()

    def _model_changed(self, _model: StoredModel) -> None:
        self._show_models()

    def _show_models(self) -> None:
        known = self._models.known
        for feature in SHOWN:
            self._show_facts(feature.value, self._models.of_feature(feature), known)
        self._show_pack()
        self._show_hint()
        self._show_facts(STRUCTURE, self._models.of_role(ModelRole.STRUCTURE), known)

    def _show_hint(self) -> None:
        """What the profile is for, and what it lacks."""
        words = profile_hint(self._options.profile)
        model = best_of(self._models.of_role(ModelRole.STRUCTURE))
        if self._options.structure and model is not None and model.state is not StoreState.INSTALLED:
            words += self.tr(" It is not installed yet.") if self._options.profile is Profile.FULL else ""
        self.hint.setText(words)

    def _show_pack(self) -> None:
        """Whether the chosen language has its model."""
        language = self._options.language
        model = best_of(self._models.of_language(language)) if language else None
        self.pack.show_model(model, known=False)

    def _want_pack(self) -> None:
        model = best_of(self._models.of_language(self._options.language))
        if model is not None:
            self.models_wanted.emit(model.id)

    def _show_facts(self, name: str, models: Sequence[StoredModel], known: bool) -> None:
        best = best_of(models)
        self.marks[name].show_model(best, known and name != STRUCTURE)
        cost = self._costs.get(name) or 0.0
        if not cost and best is not None:  # nobody has measured it here: what the catalog says
            there = [model.memory_mb for model in models if model.state is StoreState.INSTALLED]
            cost = max(there, default=best.memory_mb)  # they work one after another
        self.costs[name].setText(memory_words(cost) if cost else "–")
        self.costs[name].setToolTip(
            tr("About as much memory, while it is used") if cost else tr("Nobody has measured its memory yet")
        )

    def _choose_profile(self, profile: Profile) -> None:
        self._take(self._options.with_profile(profile))

    def _choose_mode(self, feature: Feature, mode: FeatureMode) -> None:
        self._change(**{feature.value: mode})

    def _change(self, **changes: object) -> None:
        self._take(msgspec.structs.replace(self._options, **changes))

    def _take(self, options: JobOptions) -> None:
        changed = options != self._options
        self.show_options(options)
        if changed:
            self.edited.emit(options)


def _line() -> QFrame:
    line = QFrame()
    line.setObjectName("hairline")
    line.setFixedHeight(1)
    return line
