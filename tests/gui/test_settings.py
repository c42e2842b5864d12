"""The settings dialog: what it shows, takes, refuses and tells, by clicks and keys."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
import shiboken6
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from PySide6.QtCore import QObject, QPoint, QPointF, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QWheelEvent
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop_ocr.core.settings_fields import describe_fields, value_of, with_values
from desktop_ocr.core.settings_file import load_settings, save_settings
from desktop_ocr.gui.settings_dialog import SettingsDialog
from desktop_ocr.gui.settings_editors import Choice, Number, Steps, Switch
from desktop_ocr.gui.settings_sheets import sheets
from desktop_ocr.gui.settings_texts import Clock, Keys, Text
from desktop_ocr.gui.theme import DARK, LIGHT, Appearance, Theme
from desktop_ocr.schema.features import FeatureMode
from desktop_ocr.schema.jobs import JobOptions, TextLayerMode
from desktop_ocr.schema.settings import ClosingWindow, FallbackStep, ModelHost, Section, Settings
from tests.gui.conftest import Desk, until
from tests.unit.core.test_settings_file import any_settings

FIELDS = {field.name: field for field in describe_fields()}
LEFT = Qt.MouseButton.LeftButton
Kind = TypeVar("Kind", bound=QWidget)
Opening = Callable[..., SettingsDialog]


@pytest.fixture
def opened(qtbot: QtBot, theme: Theme) -> Iterator[Opening]:
    """Opens dialogs, and deletes them after the test; `taken` tells what they applied."""
    assert theme.appearance in Appearance
    dialogs = []

    def make(settings: Settings | None = None, **how: object) -> SettingsDialog:
        dialog = SettingsDialog(settings or Settings(), None, **how)  # type: ignore[arg-type]
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)  # the test looks at it afterwards
        dialog.setProperty("taken", [])
        dialog.applied.connect(lambda made: dialog.setProperty("taken", [*dialog.property("taken"), made]))
        dialogs.append(dialog)
        dialog.open()
        qtbot.waitUntil(dialog.isVisible)
        return dialog

    yield make
    for dialog in dialogs:
        shiboken6.delete(dialog)


def taken(dialog: SettingsDialog) -> list[Settings]:
    return list(dialog.property("taken"))


def editor(dialog: SettingsDialog, name: str, kind: type[Kind]) -> Kind:
    """A setting's editor, in view and with the focus."""
    dialog.show_setting(name)
    QApplication.processEvents()
    made = dialog.rows[name].editor
    assert isinstance(made, kind)
    assert made.isVisible()
    return made


def type_number(qtbot: QtBot, dialog: SettingsDialog, name: str, text: str) -> None:
    box = editor(dialog, name, Number)
    box.selectAll()
    qtbot.keyClicks(box, text)
    qtbot.keyClick(box, Qt.Key.Key_Tab)


def click_switch(qtbot: QtBot, dialog: SettingsDialog, name: str) -> None:
    qtbot.mouseClick(editor(dialog, name, Switch), LEFT, pos=QPoint(8, 10))


# --- what it shows ----------------------------------------------------------------------------------------------


def test_every_setting_has_its_place(opened: Opening) -> None:
    dialog = opened()
    assert set(dialog.rows) == set(FIELDS)
    for page in dialog.pages:
        assert all(FIELDS[name].section is page.sheet.section for name in page.rows)
    for name, row in dialog.rows.items():
        assert row.editor.accessibleName() == row.name
        assert row.editor.accessibleDescription(), name
        assert row.value() == FIELDS[name].default, name
        assert not row.undo.isVisibleTo(row)
    assert dialog.settings() == Settings()
    assert not dialog.apply.isEnabled()
    assert not dialog.defaults.isEnabled()
    assert dialog.ok.isEnabled()


def test_keys_are_not_given_twice_on_a_page() -> None:
    around = ["&OK", "&Apply", "&Cancel", "Restore all &defaults", "Open &folder", "&Reset page", "&More settings"]
    around.append("Import and e&xport")
    for sheet in sheets():
        labels = [*around, *(item.label for item in sheet.items())]
        keys = Counter(found[1].lower() for label in labels if (found := re.search(r"&(\w)", label)))
        assert sum(keys.values()) == len(labels), f"{sheet.title}: something has no key"
        assert not [key for key, count in keys.items() if count > 1], sheet.title


def test_every_choice_is_told_in_words(opened: Opening) -> None:
    dialog = opened()
    for name, row in dialog.rows.items():
        if isinstance(row.editor, Choice):
            shown = [row.editor.itemText(at) for at in range(row.editor.count())]
            assert len(set(shown)) == len(shown), name
            for at, words in enumerate(shown):
                assert words[0].isupper(), (name, words)
                assert words != str(row.editor.itemData(at)), (name, words)


def test_languages_and_modes_are_chosen_by_name(opened: Opening) -> None:
    dialog = opened()
    language = editor(dialog, "language", Choice)
    language.setCurrentIndex(language.findText("Greek"))
    charts = editor(dialog, "charts", Choice)
    charts.setCurrentIndex(charts.findText("Where needed"))
    host = editor(dialog, "model_host", Choice)
    host.setCurrentIndex(host.findText("ModelScope"))
    dialog.apply.click()
    options = JobOptions(language="el", charts=FeatureMode.AUTO)
    assert taken(dialog) == [Settings(options=options, model_host=ModelHost.MODELSCOPE)]


@pytest.mark.parametrize("name", ["proxy", "model_mirror"])
def test_addresses_that_cannot_be_used_are_told(qtbot: QtBot, opened: Opening, name: str) -> None:
    dialog = opened()
    field = editor(dialog, name, Text)
    qtbot.keyClicks(field, "proxy example")
    assert "has to be an address" in dialog.rows[name].wrong.text()
    assert dialog.rows[name].wrong.isVisible()
    assert "cannot be used: see Models" in dialog.problem.text()
    assert not dialog.ok.isEnabled()
    assert not dialog.apply.isEnabled()
    field.clear()
    qtbot.keyClicks(field, "http://proxy.example.org:3128")
    assert not dialog.rows[name].wrong.isVisible()
    dialog.apply.click()
    assert value_of(taken(dialog)[0], name) == "http://proxy.example.org:3128"


@pytest.mark.parametrize(("typed", "meant"), [("9", "09:00"), ("9:30", "09:30"), ("17.05", "17:05"), ("", "")])
def test_times_are_understood_as_people_write_them(qtbot: QtBot, opened: Opening, typed: str, meant: str) -> None:
    dialog = opened()
    clock = editor(dialog, "quiet_until", Clock)
    qtbot.keyClicks(clock, typed)
    assert clock.value() == meant
    qtbot.keyClick(clock, Qt.Key.Key_Tab)
    assert clock.text() == meant


def test_quiet_hours_need_both_times(qtbot: QtBot, opened: Opening) -> None:
    dialog = opened()
    qtbot.keyClicks(editor(dialog, "quiet_from", Clock), "9")
    assert dialog.rows["quiet_until"].wrong.text() == "Say both times, or neither. They have to be different."
    assert not dialog.ok.isEnabled()
    until_clock = editor(dialog, "quiet_until", Clock)
    qtbot.keyClicks(until_clock, "25:00")
    assert "has to be a time of the day" in dialog.rows["quiet_until"].wrong.text()
    until_clock.clear()
    qtbot.keyClicks(until_clock, "09:00")
    assert "different" in dialog.rows["quiet_until"].wrong.text()
    until_clock.clear()
    qtbot.keyClicks(until_clock, "17:30")
    closing = editor(dialog, "close_window", Choice)
    closing.setCurrentIndex(closing.findText("Go on in the background"))
    dialog.apply.click()
    assert taken(dialog) == [Settings(quiet_from="09:00", quiet_until="17:30", close_window=ClosingWindow.KEEP)]


def test_the_keys_for_reading_the_screen_are_pressed(qtbot: QtBot, opened: Opening) -> None:
    dialog = opened()
    keys = editor(dialog, "capture_shortcut", Keys)
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    qtbot.keyClick(keys, Qt.Key.Key_T, both)
    assert dialog.settings().capture_shortcut == "Ctrl+Alt+T"
    qtbot.mouseClick(dialog.rows["capture_shortcut"].undo, LEFT)
    assert dialog.settings().capture_shortcut == ""
    keys.set_value("Ctrl+K, Ctrl+L")  # from a file
    assert keys.keySequence().count() == 1
    assert dialog.settings().capture_shortcut == "Ctrl+K, Ctrl+L"


@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(settings=any_settings)
def test_settings_come_out_as_they_went_in(settings: Settings, theme: Theme) -> None:
    assert theme.appearance in Appearance
    dialog = SettingsDialog(settings)
    assert dialog.settings() == settings
    assert not dialog.apply.isEnabled()
    assert dialog.ok.isEnabled()
    shiboken6.delete(dialog)


@hypothesis_settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(settings=any_settings)
def test_any_settings_can_be_set(settings: Settings, theme: Theme) -> None:
    assert theme.appearance in Appearance
    dialog = SettingsDialog(Settings())
    for name, row in dialog.rows.items():
        row.set_value(value_of(settings, name))
    assert dialog.settings() == settings
    assert dialog.apply.isEnabled() is (settings != Settings())
    shiboken6.delete(dialog)


def test_features_tell_what_they_cost_where_that_is_known(opened: Opening) -> None:
    dialog = opened(feature_mb={"layout": 142.4, "unheard-of": 3.0})
    assert dialog.rows["layout"].cost.text() == "about 142 MB here"
    assert "142 MB" in dialog.rows["layout"].editor.accessibleDescription()
    assert dialog.rows["orientation"].cost.text() == ""
    dialog.show_feature_costs({"orientation": 30.0})
    assert dialog.rows["orientation"].cost.text() == "about 30 MB here"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("warning", 0.8125, "81.3 %"),
        ("warning", 0.8, "80 %"),
        ("model_idle_seconds", 0.0, "at once"),
        ("ram_budget_mb", 0, "no limit"),
        ("ram_budget_mb", 6000, "6,000 MB"),
        ("max_pixels", 24_123_456, "24.1 megapixels"),
        ("leak_mb_per_page", 2.5, "2.5 MB a page"),
        ("attempts", 3, "3"),
    ],
)
def test_numbers_are_told_with_their_unit(opened: Opening, name: str, value: float, words: str) -> None:
    dialog = opened(with_values(Settings(), {name: value}))
    box = editor(dialog, name, Number)
    box.setLocale(box.locale().c())
    assert box.text().replace(",", "") == words.replace(",", "")
    assert box.value() == value  # what is shown is rounded, what is kept is not


# --- changing, applying, leaving --------------------------------------------------------------------------------


def test_changes_by_mouse_and_keyboard_are_applied(qtbot: QtBot, opened: Opening) -> None:
    dialog = opened()
    type_number(qtbot, dialog, "dpi", "300")
    assert dialog.apply.isEnabled()
    click_switch(qtbot, dialog, "layout")
    layer = editor(dialog, "text_layer", Choice)
    qtbot.keyClick(layer, Qt.Key.Key_Down)
    type_number(qtbot, dialog, "warning", "70")
    click_switch(qtbot, dialog, "defer_background")
    wanted = Settings(
        options=JobOptions(dpi=300, layout=False, text_layer=TextLayerMode.ALWAYS_OCR),
        warning=0.7,
        defer_background=False,
    )
    assert taken(dialog) == []
    qtbot.mouseClick(dialog.apply, LEFT)
    assert taken(dialog) == [wanted]
    assert taken(dialog)[0].options.text_layer is TextLayerMode.ALWAYS_OCR
    assert dialog.isVisible()
    assert not dialog.apply.isEnabled()
    type_number(qtbot, dialog, "dpi", "200")
    qtbot.mouseClick(dialog.ok, LEFT)
    assert len(taken(dialog)) == 2
    assert taken(dialog)[1].options.dpi == 200
    assert not dialog.isVisible()


def test_enter_agrees_and_an_unchanged_dialog_applies_nothing(qtbot: QtBot, opened: Opening) -> None:
    dialog = opened()
    box = editor(dialog, "page_seconds", Number)
    box.selectAll()
    qtbot.keyClicks(box, "99")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert taken(dialog) == [Settings(page_seconds=99.0)]
    assert not dialog.isVisible()
    second = opened()
    qtbot.mouseClick(second.ok, LEFT)
    assert taken(second) == []
    assert not second.isVisible()


def test_escape_and_cancel_apply_nothing(qtbot: QtBot, opened: Opening) -> None:
    for leave in (
        lambda dialog: qtbot.keyClick(dialog, Qt.Key.Key_Escape),
        lambda dialog: qtbot.mouseClick(dialog.buttons.button(QDialogButtonBox.StandardButton.Cancel), LEFT),
    ):
        dialog = opened()
        type_number(qtbot, dialog, "attempts", "4")
        leave(dialog)
        assert taken(dialog) == []
        assert not dialog.isVisible()


def test_a_change_taken_back_is_none(qtbot: QtBot, opened: Opening) -> None:
    start = Settings(warning=0.8125)
    dialog = opened(start)
    box = editor(dialog, "warning", Number)
    qtbot.keyClick(box, Qt.Key.Key_Up)
    assert dialog.settings().warning == 0.863
    assert dialog.apply.isEnabled()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert dialog.settings() == start
    assert not dialog.apply.isEnabled()


def test_numbers_outside_of_the_range_cannot_be_entered(qtbot: QtBot, opened: Opening) -> None:
    dialog = opened()
    type_number(qtbot, dialog, "attempts", "9")
    assert dialog.settings().attempts in range(1, 6)
    type_number(qtbot, dialog, "dpi", "7")  # the least is 50
    assert dialog.settings().options.dpi >= 50
    type_number(qtbot, dialog, "dpi", "99999")
    assert dialog.settings().options.dpi <= 1200


def test_a_switch_decides_whether_its_setting_matters(qtbot: QtBot, opened: Opening) -> None:
    dialog = opened()
    assert dialog.rows["model_idle_seconds"].editor.isEnabled()
    assert not dialog.rows["warm_up"].editor.isEnabled()
    click_switch(qtbot, dialog, "unload_idle_models")
    click_switch(qtbot, dialog, "eager_loading")
    assert not dialog.rows["model_idle_seconds"].editor.isEnabled()
    assert dialog.rows["warm_up"].editor.isEnabled()


def test_the_wheel_scrolls_the_page(opened: Opening) -> None:
    dialog = opened()
    for name, kind in (("dpi", Number), ("text_layer", Choice)):
        widget = editor(dialog, name, kind)
        dialog.sections.setFocus()
        down, none = QPoint(0, -120), Qt.MouseButton.NoButton
        middle = QPointF(widget.rect().center())
        where = QPointF(widget.mapToGlobal(widget.rect().center()))
        keys, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(middle, where, QPoint(), down, none, keys, phase, False)
        QApplication.sendEvent(widget, event)
        assert not event.isAccepted()
    assert dialog.settings() == Settings()


# --- devices and steps ------------------------------------------------------------------------------------------


def test_devices_are_those_found_and_the_one_that_is_set(qtbot: QtBot, opened: Opening) -> None:
    dialog = opened(Settings(device="gpu:3"), devices=("auto", "cpu", "gpu:0"))
    choice = editor(dialog, "device", Choice)
    words = [choice.itemText(number) for number in range(choice.count())]
    assert words == ["Automatic", "CPU", "GPU 0", "GPU 3 (not found)"]
    assert dialog.settings().device == "gpu:3"
    qtbot.keyClick(choice, Qt.Key.Key_Home)
    qtbot.keyClick(choice, Qt.Key.Key_Down)
    assert dialog.settings().device == "cpu"


def test_steps_are_moved_and_left_out_by_keys_and_buttons(qtbot: QtBot, opened: Opening) -> None:
    dialog = opened()
    steps = editor(dialog, "fallback", Steps)
    smaller, fewer, cpu = FallbackStep.SMALLER_SIDE, FallbackStep.FEWER_FEATURES, FallbackStep.CPU
    assert not steps.up.isEnabled()
    qtbot.keyClick(steps.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert dialog.settings().fallback == (fewer, smaller, cpu)
    assert steps.list.currentRow() == 1
    qtbot.mouseClick(steps.down, LEFT)
    assert dialog.settings().fallback == (fewer, cpu, smaller)
    assert not steps.down.isEnabled()
    qtbot.keyClick(steps.list, Qt.Key.Key_Space)
    assert dialog.settings().fallback == (fewer, cpu)
    qtbot.mouseClick(dialog.apply, LEFT)
    assert taken(dialog)[0].fallback == (fewer, cpu)
    qtbot.mouseClick(dialog.rows["fallback"].undo, LEFT)
    assert dialog.settings().fallback == (smaller, fewer, cpu)


def test_steps_can_be_dragged(opened: Opening) -> None:
    dialog = opened()
    steps = editor(dialog, "fallback", Steps)
    model = steps.list.model()
    assert model.moveRow(steps.list.rootIndex(), 2, steps.list.rootIndex(), 0)  # what a drop does
    assert dialog.settings().fallback[0] is FallbackStep.CPU
    assert dialog.apply.isEnabled()


# --- defaults ---------------------------------------------------------------------------------------------------


def test_what_is_not_the_default_is_marked_and_goes_back(qtbot: QtBot, opened: Opening) -> None:
    dialog = opened(Settings(attempts=4, page_seconds=50.0, warm_up=True, eager_loading=True))
    row = dialog.rows["attempts"]
    editor(dialog, "attempts", Number)
    assert row.undo.isVisible()
    assert row.undo.toolTip() == "Back to the default: 2"
    qtbot.mouseClick(row.undo, LEFT)
    assert dialog.settings().attempts == 2
    assert not row.undo.isVisible()
    page = next(page for page in dialog.pages if "attempts" in page.rows)
    qtbot.mouseClick(page.reset, LEFT)
    assert dialog.settings() == Settings(warm_up=True, eager_loading=True)
    assert not page.reset.isEnabled()
    assert dialog.pages[1].more.text() == "&More settings (1 changed)"
    qtbot.mouseClick(dialog.defaults, LEFT)
    assert dialog.settings() == Settings()
    assert not dialog.defaults.isEnabled()
    assert taken(dialog) == []
    qtbot.mouseClick(dialog.ok, LEFT)
    assert taken(dialog) == [Settings()]


# --- what does not go together ----------------------------------------------------------------------------------


def test_a_wrong_combination_is_told_and_not_applied(qtbot: QtBot, opened: Opening) -> None:
    dialog = opened()
    type_number(qtbot, dialog, "warning", "95")
    row = dialog.rows["critical"]
    assert row.wrong.isVisible()
    assert row.wrong.text() == "This has to be more than “Warn from”."
    assert row.editor.accessibleDescription() == row.wrong.text()
    assert dialog.problem.isVisible()
    assert dialog.problem.text() == "Some values do not go together: see Memory."
    assert not dialog.ok.isEnabled()
    assert not dialog.apply.isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert taken(dialog) == []
    type_number(qtbot, dialog, "critical", "98")
    assert not row.wrong.isVisible()
    assert not dialog.problem.isVisible()
    qtbot.mouseClick(dialog.ok, LEFT)
    assert taken(dialog) == [Settings(warning=0.95, critical=0.98)]


def test_what_is_wrong_is_not_hidden_in_a_fold(qtbot: QtBot, opened: Opening) -> None:
    dialog = opened()
    memory = dialog.pages[2]
    qtbot.waitUntil(lambda: all(page.built for page in dialog.pages))  # one after the other, while it is shown
    assert not memory.more.isChecked()
    type_number(qtbot, dialog, "detection_side", "400")
    assert memory.more.isChecked()
    dialog.sections.setCurrentRow(2)
    assert dialog.rows["smallest_side"].wrong.isVisible()
    qtbot.mouseClick(memory.reset, LEFT)
    assert dialog.problem.isVisible()
    type_number(qtbot, dialog, "smallest_side", "400")
    assert not dialog.problem.isVisible()


# --- getting about, looks ---------------------------------------------------------------------------------------


def test_sections_are_walked_by_keys(qtbot: QtBot, opened: Opening) -> None:
    dialog = opened()
    assert dialog.focusWidget() is dialog.sections
    for number in range(1, len(dialog.pages)):
        qtbot.keyClick(dialog.sections, Qt.Key.Key_Down)
        assert dialog.stack.currentIndex() == number
        assert dialog.pages[number].isVisible()


def test_the_tab_key_walks_a_page_from_top_to_bottom(qtbot: QtBot, opened: Opening) -> None:
    dialog = opened(Settings(attempts=3), file=Path("/srv/settings.toml"))
    page = next(page for page in dialog.pages if page.sheet.section is Section.LIMITS)
    dialog.sections.setCurrentRow(dialog.pages.index(page))
    names = ("page_seconds", "attempts", "queue_timeout")
    editors = [dialog.rows[name].editor for name in names]
    wanted = [page.reset, *editors[:2], dialog.rows["attempts"].undo, editors[2], page.more, dialog.open_folder]
    for stop in wanted:
        qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        assert dialog.focusWidget() is stop


def test_less_usual_settings_are_folded_away(qtbot: QtBot, opened: Opening) -> None:
    dialog = opened()
    for number, page in enumerate(dialog.pages):
        dialog.sections.setCurrentRow(number)
        folded = [dialog.rows[item.name] for group in page.sheet.more for item in group.items]
        assert bool(folded) is page.more.isVisible()
        if not folded:
            continue
        assert not any(row.isVisible() for row in folded)
        qtbot.mouseClick(page.more, LEFT)
        assert all(row.isVisible() for row in folded)
        qtbot.keyClick(page.more, Qt.Key.Key_Space)
        assert not any(row.isVisible() for row in folded)


@pytest.mark.parametrize("least", [False, True], ids=["first size", "least size"])
def test_nothing_is_cut_off(opened: Opening, least: bool) -> None:
    dialog = opened(Settings(device="gpu:7"), file=Path("/srv") / ("deep-" * 40) / "settings.toml")
    if least:
        dialog.resize(dialog.minimumSize())
    for number, page in enumerate(dialog.pages):
        dialog.sections.setCurrentRow(number)
        page.more.setChecked(True)
        for _layout in range(3):
            QApplication.processEvents()
        inside = page.area.widget()
        assert inside.width() <= page.area.viewport().width(), page.sheet.title
        for label in page.findChildren(QLabel):
            if label.isVisible():
                need = label.heightForWidth(label.width()) if label.wordWrap() else label.sizeHint().height()
                assert label.height() >= need, label.text()
                assert label.wordWrap() or label.width() >= label.sizeHint().width(), label.text()
        for row in page.rows.values():
            assert row.editor.height() >= row.editor.fontMetrics().height() + 2, row.name
    assert dialog.width() <= 1000


def test_icons_and_style_follow_the_theme(opened: Opening, theme: Theme) -> None:
    before = theme.appearance
    dialog = opened()
    try:
        steps = editor(dialog, "fallback", Steps)
        for appearance, colours in ((Appearance.LIGHT, LIGHT), (Appearance.DARK, DARK)):
            theme.set_appearance(appearance)
            QApplication.processEvents()
            assert f"check-{appearance}.svg" in steps.list.styleSheet()
            box = editor(dialog, "dpi", Number)
            picture = box.grab().toImage()
            assert picture.pixelColor(picture.width() // 2, 4).name() == colours.base
    finally:
        theme.set_appearance(before)


# --- the file ---------------------------------------------------------------------------------------------------


class Opener(QObject):
    """Stands in for the desktop: takes the addresses that are to be shown."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[QUrl] = []

    @Slot(QUrl)
    def show(self, url: QUrl) -> None:
        self.urls.append(url)


def test_the_files_place_is_told_and_shown(qtbot: QtBot, opened: Opening, tmp_path: Path) -> None:
    file = tmp_path / "config" / "settings.toml"
    dialog = opened(file=file)
    assert "settings.toml" in dialog.place.text()
    assert dialog.place.toolTip() == str(file)
    opener = Opener()
    QDesktopServices.setUrlHandler("file", opener, "show")
    try:
        qtbot.mouseClick(dialog.open_folder, LEFT)
        save_settings(file, Settings())
        qtbot.mouseClick(dialog.open_folder, LEFT)
    finally:
        QDesktopServices.unsetUrlHandler("file")
    assert [Path(url.toLocalFile()) for url in opener.urls] == [tmp_path, file.parent]


def test_from_the_file_through_the_dialog_and_back(qtbot: QtBot, opened: Opening, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("# mine\n[memory]\nwarning = 0.75 # early\ncolour = 'red'\n")
    dialog = opened(load_settings(file).settings, file=file)
    dialog.applied.connect(lambda settings: save_settings(file, settings))
    type_number(qtbot, dialog, "ram_budget_mb", "4000")
    qtbot.mouseClick(dialog.ok, LEFT)
    assert load_settings(file).settings == Settings(warning=0.75, ram_budget_mb=4000)
    assert file.read_text().startswith("# mine\n[memory]\nwarning = 0.75 # early\ncolour = 'red'\n")


def test_a_problem_of_the_caller_is_shown(opened: Opening) -> None:
    dialog = opened()
    dialog.show_problem("The disk is full.")
    assert dialog.problem.isVisible()
    dialog.show_problem("")
    assert not dialog.problem.isVisible()


# --- in the window ----------------------------------------------------------------------------------------------


def test_from_the_windows_menu_to_the_file(qtbot: QtBot, desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        window.jobs.settings.trigger()
        await until(lambda: window.findChildren(SettingsDialog))
        dialog = window.findChildren(SettingsDialog)[0]
        await until(dialog.isVisible)
        type_number(qtbot, dialog, "attempts", "4")
        qtbot.mouseClick(dialog.ok, LEFT)
        file = desk.paths.config / "settings.toml"
        await until(lambda: load_settings(file).settings.attempts == 4)
        assert load_settings(file).problems == ()

    desk.run(story())
