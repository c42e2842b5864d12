"""What is done with documents: the panel for new ones, the dialog for those in the list, on a fake session."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from desktop_ocr.core.settings_file import load_settings
from desktop_ocr.gui.document_options import DocumentOptionsDialog
from desktop_ocr.gui.feature_words import MODES, SHOWN, being_looked_for, languages
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.recognition_form import STRUCTURE, RecognitionForm
from desktop_ocr.gui.recognition_panel import RecognitionPanel
from desktop_ocr.models.catalog import LANGUAGES
from desktop_ocr.schema.features import FULL, Feature, FeatureMode, Profile
from desktop_ocr.schema.jobs import JobOptions, JobState
from desktop_ocr.schema.model_store import StoreState
from tests.gui.conftest import Desk, until

OFF, AUTO, ON = MODES


async def open_panel(window: MainWindow) -> RecognitionPanel:
    """The panel, when it knows the models."""
    window.jobs.recognition.trigger()
    await until(lambda: window.recognition.panel is not None and window.recognition.panel.isVisible())
    panel = window.recognition.panel
    assert panel is not None
    await until(lambda: window.store.known and panel.form.marks["tables"].words.text() == "installed")
    return panel


async def open_dialog(window: MainWindow) -> DocumentOptionsDialog:
    """The dialog for the selected documents."""
    await until(window.jobs.other_options.isEnabled)
    window.jobs.other_options.trigger()
    await until(lambda: window.recognition.dialog is not None)
    assert window.recognition.dialog is not None
    return window.recognition.dialog


def chosen(form: RecognitionForm) -> dict[Feature, FeatureMode]:
    return {
        feature: mode for feature, buttons in form.modes.items() for mode, one in buttons.items() if one.isChecked()
    }


def test_words_for_what_is_still_to_come() -> None:
    assert being_looked_for([Feature.FORMULAS]) == "Still looking for formulas."
    three = [Feature.TABLES, Feature.SEALS, Feature.CHARTS]
    assert being_looked_for(three) == "Still looking for tables, seals and charts."
    assert being_looked_for([]) == "More of this page is still to come."


def test_all_features_are_offered_with_three_states_names_for_all_and_what_they_cost(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        panel = await open_panel(window)
        form = panel.form
        assert set(form.modes) == set(Feature) == set(SHOWN)
        for buttons in form.modes.values():
            assert tuple(buttons) == MODES
            for button in buttons.values():
                assert ": " in button.accessibleName()
                assert button.accessibleDescription()
        assert chosen(form) == {feature: JobOptions().features.mode(feature) for feature in Feature}
        await until(lambda: form.costs["orientation"].text() == "44 MB", what="a figure that was measured here")
        assert form.costs["formulas"].text() == "700 MB"
        assert form.marks["formulas"].currentWidget() is form.marks["formulas"].get
        assert form.marks["orientation"].words.text() == "installed"
        assert form.marks[STRUCTURE].get.text() == "Not here: why?"
        assert "PaddlePaddle" in form.marks[STRUCTURE].toolTip()

    desk.run(story())


def test_what_is_chosen_for_new_documents_applies_at_once_and_is_kept(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        panel = await open_panel(window)
        form = panel.form
        assert form.profiles[Profile.FAST].isChecked()
        form.modes[Feature.FORMULAS][AUTO].click()
        session = desk.session
        assert session is not None
        await until(lambda: session.settings is not None)
        assert session.settings is not None
        assert session.settings.options == JobOptions(formulas=AUTO)
        assert form.profiles[Profile.CUSTOM].isChecked()
        form.layout_box.click()
        form.language.setFocus()
        QTest.keyClick(form.language, Qt.Key.Key_Down)
        wanted = JobOptions(formulas=AUTO, layout=False, language="arabic")
        await until(lambda: session.settings is not None and session.settings.options == wanted)
        file = desk.paths.config / "settings.toml"
        await until(lambda: file.exists() and load_settings(file).settings.options == wanted)
        await desk.add(window, "a.pdf")
        assert session.jobs[1].options == wanted

    desk.run(story())


def test_profile_sets_all_features_and_the_arrow_keys_change_one(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        form = (await open_panel(window)).form
        form.profiles[Profile.FULL].click()
        assert chosen(form) == {feature: FULL.mode(feature) for feature in Feature}
        assert form.structure.isChecked()
        assert "PP-StructureV3" in form.hint.text()
        assert form.hint.text().endswith("It is not installed yet.")
        button = form.modes[Feature.TABLES][ON]
        button.setFocus()
        QTest.keyClick(button, Qt.Key.Key_Left)
        assert form.options.tables is AUTO
        assert form.options.profile is Profile.CUSTOM
        form.profiles[Profile.FAST].click()
        assert form.options == JobOptions()

    desk.run(story())


def test_panel_goes_with_escape_and_leads_on(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        panel = await open_panel(window)
        assert not panel.others.isEnabled()
        QTest.keyClick(panel, Qt.Key.Key_Escape)
        assert not panel.isVisible()
        await open_panel(window)
        panel.form.marks["formulas"].get.click()
        assert not panel.isVisible()
        await until(lambda: window.models.dialog is not None and window.models.dialog.isVisible())
        dialog = window.models.dialog
        assert dialog is not None
        await until(lambda: [model.id for model in dialog.list.models_chosen()] == ["PP-FormulaNet_plus-S"])
        await desk.add(window, "a.pdf")
        await open_panel(window)
        assert panel.others.isEnabled()
        panel.others.click()
        await until(lambda: window.recognition.dialog is not None)

    desk.run(story())


def test_language_tells_whether_its_model_is_there(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        form = (await open_panel(window)).form
        assert form.pack.currentWidget() is form.pack.words
        assert form.pack.words.text() == ""
        form.language.set_value("cyrillic")
        form.language.activated.emit(form.language.currentIndex())
        assert form.options.language == "cyrillic"
        assert form.pack.currentWidget() is form.pack.get
        form.pack.get.click()
        dialog = window.models.dialog
        assert dialog is not None
        await until(lambda: [one.id for one in dialog.list.models_chosen()] == ["cyrillic_PP-OCRv5_mobile_rec"])
        assert {value for value, _name in languages()} == {"", *LANGUAGES}

    desk.run(story())


def test_panel_and_dialog_have_keys(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf")
        both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        QTest.keyClick(window, Qt.Key.Key_T, both)
        await until(lambda: window.recognition.dialog is not None)
        assert window.recognition.dialog is not None
        window.recognition.dialog.reject()
        window.activateWindow()
        await until(window.isActiveWindow)
        QTest.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: window.recognition.panel is not None and window.recognition.panel.isVisible())

    desk.run(story())


def test_models_that_come_and_go_show_in_the_panel(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        mark = (await open_panel(window)).form.marks["seals"]
        name = "PP-OCRv4_mobile_seal_det"
        session = desk.session
        assert session is not None

        async def put(state: StoreState, done: int) -> None:
            async def on_core(_session: object) -> None:
                session.models.put(name, state=state, done=done)

            await window._worker.ask(on_core)

        await put(StoreState.DOWNLOADING, 2_350_000)
        await until(lambda: mark.currentWidget() is mark.words and mark.words.text() == "downloading, 50 %")
        await put(StoreState.INSTALLED, 4_700_000)
        await until(lambda: mark.words.text() == "installed")

    desk.run(story())


def test_documents_are_recognised_again_with_other_options(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a-2p.pdf", "b-3p.pdf", "c.pdf")
        window.workspace.queue.choose(2)
        dialog = await open_dialog(window)
        assert "b-3p.pdf" in dialog.findChildren(QLabel)[0].text()
        assert not dialog.go.isEnabled()
        dialog.form.modes[Feature.CHARTS][ON].click()
        assert dialog.go.isEnabled()
        dialog.form.modes[Feature.CHARTS][OFF].click()
        assert not dialog.go.isEnabled()
        dialog.form.profiles[Profile.FULL].click()
        dialog.go.click()
        session = desk.session
        assert session is not None
        await until(lambda: ("set_options", (2, JobOptions().with_profile(Profile.FULL))) in session.asked)
        await until(lambda: all(view.state is JobState.DONE for view in window.model.views()))
        assert [name for name, _ in session.asked].count("set_options") == 1
        assert window.keeper.settings.options == JobOptions()

    desk.run(story())


def test_several_documents_with_different_options_are_told_apart(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf", "b.pdf")
        session = desk.session
        assert session is not None
        other = msgspec.structs.replace(JobOptions(), dpi=300)
        await window._worker.ask(lambda core: core.set_options(2, other))
        window.workspace.queue.list.selectAll()
        dialog = await open_dialog(window)
        words = " ".join(label.text() for label in dialog.findChildren(QLabel))
        assert "2 documents" in words
        assert "different options" in words
        assert dialog.go.isEnabled()
        dialog.go.click()
        await until(lambda: ("set_options", (2, JobOptions())) in session.asked)

    desk.run(story())
