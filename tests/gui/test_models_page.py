"""The page of models, on a fake session: what it shows, asks, does and tells."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel, QMessageBox

from desktop_ocr.gui.install_dialog import InstallDialog
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.models_dialog import ModelsDialog
from desktop_ocr.gui.stored_models import Speed, best_of
from desktop_ocr.gui.stored_words import download_words, group_of, groups, size_words, state_words
from desktop_ocr.gui.worker import coalesce
from desktop_ocr.schema.errors import ErrorCode, ErrorInfo
from desktop_ocr.schema.events import StoredModelChanged
from desktop_ocr.schema.model_store import InstallPlan, StoredModel, StoreState
from desktop_ocr.schema.roles import ModelRole
from tests.gui.conftest import Desk, until
from tests.gui.fake_models import FOLDER, HOST, FakeModels, catalog
from tests.gui.fake_session import FakeSession

FORMULAS, UNWARP, CHARTS = "PP-FormulaNet_plus-S", "UVDoc", "PP-Chart2Table"
BUNDLED = "SLANet_plus"


async def open_page(window: MainWindow) -> ModelsDialog:
    """The page, with all models on it."""
    window.jobs.models.trigger()
    await until(lambda: window.models.dialog is not None)
    dialog = window.models.dialog
    assert dialog is not None
    await until(lambda: len(dialog.list.shown) == len(catalog()))
    return dialog


async def agree(window: MainWindow) -> InstallDialog:
    """The question before a download; whoever calls answers it."""
    await until(lambda: window.models.consent is not None)
    assert window.models.consent is not None
    return window.models.consent


def core(desk: Desk) -> FakeSession:
    assert desk.session is not None
    return desk.session


async def on_core(window: MainWindow, act: Callable[[], None]) -> None:
    async def acting(_session: object) -> None:
        act()

    await window._worker.ask(acting)


def state(dialog: ModelsDialog, name: str) -> StoreState | None:
    model = dialog._models.get(name)
    return model.state if model is not None else None


def asked(desk: Desk, what: str) -> list[object]:
    return [how for name, how in core(desk).asked if name == what]


def words_of(dialog: QDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


# --- words and figures ------------------------------------------------------------------------------------------


def test_sizes_and_states_in_words() -> None:
    assert [size_words(n) for n in (0, 900, 7_780_000, 351_000_000, 1_400_000_000)] == [
        "–", "1 kB", "7.8 MB", "351 MB", "1.4 GB",
    ]  # fmt: skip
    model = msgspec.structs.replace(catalog()[-2], state=StoreState.DOWNLOADING, size=131_000_000, done=12_300_000)
    assert state_words(model) == "9 %"
    assert download_words(model, 2_100_000.0) == "12.3 MB of 131 MB, 2.1 MB a second, about 60 s left"
    assert download_words(model, 0.0) == "12.3 MB of 131 MB"
    assert state_words(catalog()[0]) == "Came with the program"


def test_every_role_has_its_heading() -> None:
    listed = [role for _title, roles in groups() for role in roles]
    assert sorted(listed) == sorted(ModelRole)
    strange = msgspec.structs.replace(catalog()[0], role="crystal-ball")
    assert group_of(strange) == len(groups()) - 1


def test_speed_is_that_of_the_last_seconds() -> None:
    now = [0.0]
    speed = Speed(lambda: now[0])
    speed.take(0)
    assert speed.bytes_per_second == 0.0
    for second in range(1, 31):
        now[0] = float(second)
        speed.take(second * 1000 if second <= 10 else 10_000 + (second - 10) * 5000)
    assert speed.bytes_per_second == pytest.approx(5000)
    speed.take(10)
    assert speed.bytes_per_second == 0.0


def test_installed_model_tells_how_a_feature_stands() -> None:
    formulas = [model for model in catalog() if model.role == ModelRole.FORMULA]
    assert best_of([]) is None
    assert best_of(formulas) is formulas[0]
    there = msgspec.structs.replace(formulas[1], state=StoreState.INSTALLED)
    assert best_of([formulas[0], there]) is there


def test_no_state_of_a_model_is_passed_over_in_a_batch() -> None:
    model = catalog()[-2]

    def told(state: StoreState, done: int = 0) -> StoredModelChanged:
        return StoredModelChanged(msgspec.structs.replace(model, state=state, done=done))

    down, broken = StoreState.DOWNLOADING, StoreState.BROKEN_OFF
    batch = [told(down, 1), told(down, 2), told(broken, 2), told(down, 3), told(down, 4)]
    kept = [event.model for event in coalesce(list(batch)) if isinstance(event, StoredModelChanged)]
    assert [(one.state, one.done) for one in kept] == [(down, 2), (broken, 2), (down, 4)]


# --- what it shows ----------------------------------------------------------------------------------------------


def test_models_stand_below_what_they_do_with_all_that_is_known(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        QTest.keyClick(window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
        dialog = await open_page(window)
        headings = [dialog.list.topLevelItem(n) for n in range(dialog.list.topLevelItemCount())]
        shown = [item.text(0) for item in headings if item is not None and not item.isHidden()]
        assert shown[0] == "Text   2 of 4 installed"
        assert "Formulas   0 of 2 installed" in shown
        assert not any(title.startswith("Others") for title in shown)
        dialog.list.choose([CHARTS])
        words = words_of(dialog.details)
        for part in (
            CHARTS,
            "For: Charts.",
            "1.4 GB on the disk",
            "2.9 GB of memory",
            "Apache-2.0",
            "onnxruntime",
            HOST,
        ):
            assert part in words
        assert dialog.details.install.isVisible()
        assert not dialog.details.remove.isVisible()
        dialog.list.choose([BUNDLED])
        assert dialog.details.verify.isVisible()
        assert not dialog.details.remove.isVisible()
        await until(lambda: "21.4 GB are free" in dialog.disk.text())  # it is asked after the models
        assert dialog.disk.toolTip() == f"Kept in {FOLDER}"

    desk.run(story())


def test_filter_finds_names_uses_and_states_and_says_when_there_is_nothing(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        dialog = await open_page(window)
        await until(dialog.isActiveWindow)
        QTest.keyClick(dialog, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        await until(dialog.filter.hasFocus)
        QTest.keyClicks(dialog.filter, "formula not")
        assert dialog.list.shown == [FORMULAS, "PP-FormulaNet_plus-M"]
        assert [model.id for model in dialog.list.models_chosen()] == [FORMULAS]
        dialog.filter.setText("came with")
        assert BUNDLED in dialog.list.shown
        dialog.filter.setText("unicorns")
        assert dialog.stack.currentWidget() is dialog.card
        assert "unicorns" in dialog.card.words
        dialog.card.button.click()
        assert len(dialog.list.shown) == len(catalog())

    desk.run(story())


def test_page_waits_for_the_answer_without_holding_the_window_up(desk: Desk) -> None:
    async def story() -> None:
        asking = asyncio.Event()
        answer: asyncio.Future[None] | None = None

        class Slow(FakeModels):
            async def stored_models(self) -> list[StoredModel]:
                nonlocal answer
                answer = asyncio.get_running_loop().create_future()
                await answer
                return await super().stored_models()

        def make(emit: Callable[..., None]) -> FakeSession:
            desk.session = FakeSession(emit)
            desk.session.models = Slow(emit, desk.session.asked)
            desk.session.stored_models = desk.session.models.stored_models
            return desk.session

        window = await desk.open(make)
        window.jobs.models.trigger()
        dialog = window.models.dialog
        assert dialog is not None
        await until(lambda: answer is not None)
        assert "Looking what is installed" in dialog.card.words
        assert not dialog.full.isEnabled()
        await desk.add(window, "a-3p.pdf")  # all else goes on
        waiting = answer
        assert waiting is not None
        await on_core(window, lambda: waiting.set_result(None))
        await until(lambda: len(dialog.list.shown) == len(catalog()))
        assert dialog.full.isEnabled()
        asking.set()

    desk.run(story())


def test_models_that_cannot_be_told_are_asked_for_again(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        core(desk).models.error = ErrorInfo(
            ErrorCode.NO_PERMISSION, "The folder cannot be read.", "Look at its rights."
        )
        window.jobs.models.trigger()
        dialog = window.models.dialog
        assert dialog is not None
        await until(lambda: "Look at its rights." in dialog.card.words)
        core(desk).models.error = None
        dialog.card.button.click()
        await until(lambda: len(dialog.list.shown) == len(catalog()))

    desk.run(story())


# --- downloads --------------------------------------------------------------------------------------------------


def test_nothing_is_downloaded_unless_the_user_agrees(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        dialog = await open_page(window)
        dialog.list.choose([FORMULAS])
        dialog.details.install.click()
        consent = await agree(window)
        words = words_of(consent)
        for part in ("1 model", "248 MB", HOST, FORMULAS, "Apache-2.0", FOLDER, "21.4 GB"):
            assert part in words
        consent.reject()
        await until(lambda: window.models.consent is None)
        assert asked(desk, "install_models") == []
        dialog.details.install.click()
        (await agree(window)).go.click()
        await until(lambda: asked(desk, "install_models") == [(FORMULAS,)])
        await until(lambda: state(dialog, FORMULAS) is StoreState.INSTALLED)
        assert "“Formulas, small” is installed." in dialog.bars.texts()
        assert dialog.details.remove.isVisible()

    desk.run(story())


def test_download_shows_how_it_goes_stops_and_goes_on(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        core(desk).models.hold_at = 0.5
        dialog = await open_page(window)
        dialog.list.choose([FORMULAS])
        dialog.details.install.click()
        (await agree(window)).go.click()
        await until(lambda: dialog.details.progress.text().startswith("124 MB of 248 MB"))
        assert dialog.details.bar.value() == 500
        assert not dialog.details.install.isVisible()
        dialog.details.cancel.click()
        await until(lambda: state(dialog, FORMULAS) is StoreState.BROKEN_OFF)
        assert "Go on" in dialog.details.install.text()
        await on_core(window, lambda: setattr(core(desk).models, "hold_at", None))
        dialog.details.install.click()
        consent = await agree(window)
        assert "124 MB of 248 MB" in words_of(consent)
        consent.go.click()
        await until(lambda: state(dialog, FORMULAS) is StoreState.INSTALLED)

    desk.run(story())


def test_broken_off_and_wrong_downloads_say_what_to_do(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        dialog = await open_page(window)
        dialog.list.choose([UNWARP, "PP-FormulaNet_plus-M"])
        assert dialog.details.install.isVisible()
        dialog.details.install.click()
        consent = await agree(window)
        assert "2 models" in words_of(consent)
        consent.go.click()
        await until(lambda: any("goes on where it stopped" in text for text in dialog.bars.texts()))
        await until(lambda: any("Download it again." in text for text in dialog.bars.texts()))
        dialog.list.choose([UNWARP])
        assert "The connection to huggingface.co was lost." in dialog.details.wrong.text()

    desk.run(story())


def test_failure_is_told_in_the_window_when_the_page_is_closed(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        dialog = await open_page(window)
        await on_core(window, lambda: setattr(core(desk).models, "hold_at", 0.2))
        dialog.list.choose([UNWARP])
        dialog.details.install.click()
        (await agree(window)).go.click()
        await until(lambda: state(dialog, UNWARP) is StoreState.DOWNLOADING)
        dialog.close()
        error = ErrorInfo(ErrorCode.DOWNLOAD_FAILED, "The connection was lost.", "Try again.")
        await on_core(window, lambda: core(desk).models.put(UNWARP, state=StoreState.BROKEN_OFF, error=error))
        await until(lambda: any("The connection was lost. Try again." in text for text in window.bars.texts()))
        window.bars.bars()[0].buttons[0].click()
        assert dialog.isVisible()

    desk.run(story())


def test_disk_without_room_is_told_before_anything_is_asked_of_it(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        core(desk).models.free = 100_000_000
        dialog = await open_page(window)
        dialog.list.choose([FORMULAS])
        dialog.details.install.click()
        consent = await agree(window)
        assert not consent.go.isEnabled()
        assert "Make 148 MB of room" in consent.room.text()

    desk.run(story())


def test_profile_full_is_asked_for_as_a_whole(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        dialog = await open_page(window)
        dialog.full.click()
        consent = await agree(window)
        names = [model.id for model in consent.plan.models]
        assert FORMULAS in names
        assert "PP-OCRv6_medium_rec" not in names
        consent.go.click()
        await until(lambda: asked(desk, "install_models") == [tuple(names)])

    desk.run(story())


def test_what_cannot_run_here_is_told_with_the_rest(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        dialog = await open_page(window)
        whole = catalog()[-1]
        plan = InstallPlan((catalog()[-2],), HOST, FOLDER, 10**12, left_out=(whole,))
        consent = InstallDialog(plan, dialog)
        assert "It needs PaddlePaddle" in words_of(consent)
        consent.close()

    desk.run(story())


# --- what else is done ------------------------------------------------------------------------------------------


def test_models_are_verified_and_damaged_ones_named(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        dialog = await open_page(window)
        dialog.list.choose([BUNDLED])
        dialog.details.verify.click()
        assert not dialog.details.verify.isEnabled()
        await until(lambda: "“Cells of tables” is complete and unchanged." in dialog.bars.texts())
        await until(dialog.details.verify.isEnabled)
        core(desk).models.damaged.add(BUNDLED)
        dialog.details.verify.click()
        await until(lambda: any("Remove it and install it again." in text for text in dialog.bars.texts()))

    desk.run(story())


def test_models_are_removed_after_a_question(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        dialog = await open_page(window)
        size = core(desk).models.models[FORMULAS].size
        await on_core(window, lambda: core(desk).models.put(FORMULAS, state=StoreState.INSTALLED, done=size, reason=""))
        await until(lambda: state(dialog, FORMULAS) is StoreState.INSTALLED)
        dialog.list.choose([FORMULAS])
        for answer, removed in ((1, False), (0, True)):
            dialog.list.setFocus()
            QTest.keyClick(dialog.list, Qt.Key.Key_Delete)
            await until(lambda: window.models.question is not None)
            box = window.models.question
            assert isinstance(box, QMessageBox)
            assert "248 MB become free" in box.informativeText()
            box.buttons()[answer].click()
            await until(lambda: window.models.question is None)
            await until(lambda wanted=removed: bool(asked(desk, "remove_model")) is wanted)  # type: ignore[misc]
        await until(lambda: state(dialog, FORMULAS) is StoreState.AVAILABLE)

    desk.run(story())


def test_models_of_another_computer_are_taken_over(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        dialog = await open_page(window)
        window.models.bring(Path("/media/stick") / UNWARP)
        await until(lambda: state(dialog, UNWARP) is StoreState.INSTALLED)
        await until(lambda: "Taken over: Flatten photographed pages." in dialog.bars.texts())
        window.models.bring(Path("/media/stick/holiday"))
        await until(lambda: any("There is no model in this folder." in text for text in dialog.bars.texts()))

    desk.run(story())


def test_enter_does_the_obvious_and_the_page_is_closed_by_escape(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        dialog = await open_page(window)
        dialog.list.choose([FORMULAS])
        dialog.list.setFocus()
        QTest.keyClick(dialog.list, Qt.Key.Key_Return)
        (await agree(window)).reject()
        await until(lambda: window.models.consent is None)
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible()
        assert await open_page(window) is dialog

    desk.run(story())


def test_accessible_names_tell_models_and_states(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        dialog = await open_page(window)
        dialog.list.choose([CHARTS])
        item = dialog.list.currentItem()
        assert item is not None
        told = item.data(0, Qt.ItemDataRole.AccessibleTextRole)
        assert told == "Charts as tables, Not installed, 1.4 GB"
        for widget in (dialog.list, dialog.filter, dialog.details.bar):
            assert widget.accessibleName()

    desk.run(story())
