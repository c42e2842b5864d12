"""Pictures that the program saved itself leave with their documents; nothing else does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.core.reviewing import page
from tests.unit.core.shelved import Shelf


@pytest.fixture
def pasted(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "pasted"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
async def shelf(tmp_path: Path, pasted: Path) -> AsyncIterator[Shelf]:
    shelf = Shelf(tmp_path / "ledger.sqlite3", pictures=pasted)
    yield shelf
    await shelf.close()


def picture(folder: Path, name: str = "Captured 2026-01-02 03.04.05.png") -> Path:
    file = folder / name
    file.write_bytes(b"a picture")
    return file


async def test_a_picture_goes_with_its_document_from_the_list(shelf: Shelf, pasted: Path) -> None:
    file, other = picture(pasted), picture(pasted, "Pasted 2026-01-02 03.04.05 (2).png")
    job = shelf.add(str(file), page(0, "tax"))
    shelf.add(str(other), page(0, "rent"), content="other")
    await shelf.forget([job])
    assert not file.exists()
    assert other.exists()


async def test_a_picture_goes_with_its_document_from_the_library(shelf: Shelf, pasted: Path) -> None:
    file = picture(pasted)
    job = shelf.add(str(file), page(0, "tax"))
    await shelf.remove(job)
    assert file.exists()  # the document can come back
    await shelf.forget([job])
    assert not file.exists()


async def test_a_picture_goes_with_what_is_removed_and_not_kept(shelf: Shelf, pasted: Path) -> None:
    file = picture(pasted)
    shelf.set(keep_removed=False)
    await shelf.remove(shelf.add(str(file), page(0, "tax")))
    assert not file.exists()


async def test_a_picture_goes_when_the_library_is_cleaned(shelf: Shelf, pasted: Path) -> None:
    file, young = picture(pasted), picture(pasted, "Pasted.png")
    jobs = [shelf.add(str(one), page(0, "tax"), content=one.name) for one in (file, young)]
    for job in jobs:
        await shelf.remove(job)
    with shelf._ledger._writing():
        document = shelf.key(jobs[0]).document
        shelf._ledger._db.execute("UPDATE pages SET finished = 1 WHERE document = ?", (document,))
        shelf._ledger._db.execute("UPDATE searched SET finished = 1 WHERE document = ?", (document,))
    shelf.set(library_days=30)
    assert await shelf.clean_library() == 1
    assert not file.exists()
    assert young.exists()


async def test_a_picture_stays_while_another_document_is_made_of_it(shelf: Shelf, pasted: Path) -> None:
    file = picture(pasted)
    first = shelf.add(str(file), page(0, "tax"))
    second = shelf.add(str(file), page(0, "tax"), selection="1")
    await shelf.remove(second)
    await shelf.forget([first])
    assert file.exists()
    await shelf.forget([second])
    assert not file.exists()


async def test_files_of_the_user_stay(shelf: Shelf, pasted: Path, tmp_path: Path) -> None:
    deeper = pasted / "deeper"
    deeper.mkdir()
    mine = picture(tmp_path, "mine.png")
    link = pasted / "link.png"
    link.symlink_to(mine)
    folder = pasted / "folder.png"
    folder.mkdir()
    linked_folder = tmp_path / "linked"
    linked_folder.symlink_to(pasted)
    inside = picture(pasted, "inside.png")
    stays = [mine, picture(deeper), picture(pasted, "notes.pdf"), link, folder, linked_folder / inside.name]
    names = [*map(str, stays), f"{pasted}/deeper/../inside.png", f"{pasted}/../../mine.png"]
    jobs = [shelf.add(name, page(0, "tax"), content=name) for name in names]
    await shelf.forget(jobs)
    assert all(shelf._ledger.job(job) is None for job in jobs)
    for file in (*stays, inside):
        assert file.exists(), file
    assert link.is_symlink()


async def test_a_picture_that_is_gone_or_cannot_go_is_no_trouble(
    shelf: Shelf, pasted: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    gone, kept = pasted / "gone.png", picture(pasted)

    def refused(_path: Path) -> None:
        raise PermissionError("read-only file system")

    monkeypatch.setattr(Path, "unlink", refused)
    jobs = [shelf.add(str(one), page(0, "tax"), content=one.name) for one in (gone, kept)]
    await shelf.forget(jobs)
    assert kept.exists()
    assert "read-only file system" in caplog.text
