"""Texts that hold what no text can hold: they are answered as what is nowhere, or refused with a sentence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desktop_ocr.core.folder_checks import check_folder
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.names import as_text, can_be, is_text
from desktop_ocr.models.importer import _places
from desktop_ocr.schema.edits import FindQuery, LineText, SetTexts
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.library import LibraryQuery
from desktop_ocr.schema.watching import WatchedFolder
from tests.unit.core.reviewing import page
from tests.unit.core.shelved import Shelf

LONE = "\ud800"


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[Shelf]:
    shelf = Shelf(tmp_path / "ledger.sqlite3")
    yield shelf
    await shelf.close()


def test_what_is_no_text_is_replaced_and_the_rest_stays() -> None:
    assert as_text(f"a{LONE}b\udcff") == "a\ufffdb\ufffd"
    for text in ("", "tax", "漢字 😀", "\ufeffx", "e\u0301"):
        assert as_text(text) == text
        assert is_text(as_text(text))


def test_names_that_no_file_can_have() -> None:
    assert can_be(Path("/a/\udcff.pdf"))  # bytes that are no UTF-8
    assert not can_be(Path(f"/a/{LONE}.pdf"))
    assert not can_be(Path("/a/\0.pdf"))


async def test_what_is_on_no_page_is_found_on_none(shelf: Shelf) -> None:
    job = shelf.add("/a.pdf", page(0, "tax report", "two"), content="a")
    for text in (LONE, f"{LONE}*", f'"{LONE}"', f"nowhere{LONE}"):
        assert (await shelf.search(LibraryQuery(text))).hits == ()
    for text in (LONE, f"tax{LONE}", f"[{LONE}]"):
        for pattern in (False, True):
            assert (await shelf.find(job, FindQuery(text, pattern=pattern))).hits == ()
    for text in ("tax", ""):
        assert (await shelf.search(LibraryQuery(text, formats=(LONE,)))).hits == ()
        assert len((await shelf.search(LibraryQuery(text, formats=("PDF", LONE)))).hits) == 1


async def shown(shelf: Shelf, job: int) -> tuple[int, str]:
    """Number and first line of the version of the first page that is shown."""
    version = await shelf.version(job, 0)
    assert version is not None
    return version.number, version.result.lines[0].text


async def test_a_page_keeps_what_text_there_is(shelf: Shelf) -> None:
    job = shelf.add("/a.pdf", page(0, "tax report"), content="a")
    base, _ = await shown(shelf, job)
    await shelf.edit(job, 0, SetTexts((LineText(0, f"new{LONE} words"),)), base=base)
    _, text = await shown(shelf, job)
    assert is_text(text)
    assert text.startswith("new")
    await shelf.replace(job, FindQuery("words"), LONE)
    assert is_text((await shown(shelf, job))[1])


@pytest.mark.parametrize("where", ["output", "done_folder"])
def test_a_watched_folder_is_refused_with_a_sentence(tmp_path: Path, where: str) -> None:
    watched = tmp_path / "in"
    watched.mkdir()
    folder = WatchedFolder(str(watched), formats=("txt",), **{where: str(tmp_path / LONE)})  # type: ignore[arg-type]
    with pytest.raises(DesktopOcrError) as caught:
        check_folder(folder, [], ["txt"])
    assert caught.value.code is ErrorCode.USAGE
    assert is_text(str(caught.value))


def test_of_a_file_that_cannot_be_nothing_is_known(tmp_path: Path) -> None:
    assert Ledger(None).arrivals.at("f", Path(f"/in/{LONE}.pdf")) is None
    with pytest.raises(DesktopOcrError) as caught:
        _places(tmp_path / LONE)
    assert caught.value.code is ErrorCode.NOT_FOUND
    assert is_text(str(caught.value))
