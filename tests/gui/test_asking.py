"""Corrections made by hand are not set aside without a question."""

from __future__ import annotations

from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.schema.edits import LineText, SetTexts
from desktop_ocr.schema.features import Feature, FeatureMode
from desktop_ocr.schema.jobs import JobState
from desktop_ocr.schema.settings import Settings
from tests.gui.conftest import Desk, until
from tests.gui.fake_session import FakeSession
from tests.gui.helpers import press, question


async def correct(window: MainWindow, *places: tuple[int, int]) -> None:
    """Correct pages, and wait until the window knows."""

    async def asked(session: object) -> None:
        assert isinstance(session, FakeSession)
        for job, page in places:
            await session.edit(job, page, SetTexts((LineText(0, "Corrected"),)), base=0)

    await window._worker.ask(asked)
    await until(lambda: sum(view.pages_edited for view in window.model.views()) == len(places))


def calls(desk: Desk, kind: str) -> list[object]:
    assert desk.session is not None
    return [what for name, what in desk.session.asked if name == kind]


def done(desk: Desk) -> bool:
    """The session has no more to do: the window may not know it yet."""
    assert desk.session is not None
    return all(view.state is JobState.DONE for view in desk.session.views())


async def change_options(window: MainWindow) -> None:
    await until(window.jobs.other_options.isEnabled)
    window.jobs.other_options.trigger()
    await until(lambda: window.recognition.dialog is not None)
    dialog = window.recognition.dialog
    assert dialog is not None
    mode = FeatureMode.ON if not dialog.form.options.features.wants(Feature.UNWARP) else FeatureMode.OFF
    dialog.form.modes[Feature.UNWARP][mode].click()
    dialog.go.click()
    await until(lambda: window.recognition.dialog is None)


def test_other_options_keep_corrected_pages_unless_the_user_says_otherwise(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "report-4p.pdf")
        await change_options(window)
        assert question(window) is None  # nothing was corrected
        await until(lambda: calls(desk, "keep_edited") == [True])
        await until(lambda: done(desk))
        await correct(window, (1, 0), (1, 2))
        await change_options(window)
        box = question(window)
        assert box is not None
        assert box.text() == "You have corrected 2 of these pages by hand."
        assert box.defaultButton().text() == "&Keep my corrections"
        press(window, "Cancel")
        assert len(calls(desk, "keep_edited")) == 1
        await change_options(window)
        press(window, "Keep my corrections")
        await until(lambda: calls(desk, "keep_edited") == [True, True])
        await until(lambda: window.model.views()[0].pages_edited == 2)
        await change_options(window)
        press(window, "Recognise all pages")
        await until(lambda: calls(desk, "keep_edited") == [True, True, False])
        await until(lambda: window.model.views()[0].pages_edited == 0)

    desk.run(story())


def test_a_corrected_page_is_recognised_again_after_a_question(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "report-3p.pdf")
        window.commands.recognise_again(1, [1])
        await until(lambda: calls(desk, "recognise_again") == [(1, (1,))])
        assert question(window) is None
        await until(lambda: done(desk))
        await correct(window, (1, 1))
        window.commands.recognise_again(1, [1])
        await until(lambda: question(window))
        box = question(window)
        assert box is not None
        assert box.text() == "You have corrected this page by hand."
        assert "until you take the new text" in box.informativeText()
        press(window, "Cancel")
        window.commands.recognise_again(1, [1])
        await until(lambda: question(window))
        press(window, "Recognise again")
        await until(lambda: calls(desk, "recognise_again") == [(1, (1,)), (1, (1,))])
        await until(lambda: done(desk))
        assert window.model.views()[0].pages_edited == 1  # the correction is still what is shown

    desk.run(story())


def test_of_several_pages_the_corrected_ones_can_be_left_out(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "report-3p.pdf")
        await correct(window, (1, 1))
        window.commands.recognise_again(1, [0, 1, 2])
        await until(lambda: question(window))
        box = question(window)
        assert box is not None
        assert box.text() == "You have corrected 1 of these pages by hand."
        assert box.defaultButton().text() == "&Leave them out"
        press(window, "Leave them out")
        await until(lambda: calls(desk, "recognise_again") == [(1, (0, 2))])

    desk.run(story())


def test_removal_says_that_corrections_go_too(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "one.pdf", "two-3p.pdf")
        window.workspace.removal.remove([1])
        assert "corrections" not in window.bars.texts()[0]
        window.workspace.removal.undo()
        await correct(window, (1, 0), (2, 1))
        window.workspace.removal.remove([1])
        assert window.bars.texts() == ["Removed “one.pdf” from the list. Its page stays in the library."]
        window.workspace.removal.undo()
        window.keeper.apply(Settings(keep_removed=False))
        window.workspace.removal.remove([1])
        assert "Your corrections of 1 page go with it" in window.bars.texts()[0]
        window.workspace.removal.undo()
        window.workspace.removal.remove([1, 2])
        assert "Your corrections of 2 pages go, too" in window.bars.texts()[0]
        window.workspace.removal.undo()

    desk.run(story())


def test_a_document_that_cannot_be_opened_any_more_is_tried_again_after_a_question(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "broken.pdf", state=None)
        await until(lambda: window.model.views()[0].error)
        window.commands.retry([1])
        assert question(window) is None
        await until(lambda: window.model.views()[0].error)
        assert desk.session is not None
        window.model.put(type(window.model.views()[0])(**{**_fields(window), "pages_edited": 3}))
        window.commands.retry([1])
        box = question(window)
        assert box is not None
        assert "You have corrected 3" in box.text()
        press(window, "Cancel")

    desk.run(story())


def _fields(window: MainWindow) -> dict[str, object]:
    view = window.model.views()[0]
    return {name: getattr(view, name) for name in view.__struct_fields__}
