"""Whatever is done to a page in whatever order, the ledger says what a list and a pointer would."""

from __future__ import annotations

from random import Random

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_ocr.core import ledger_versions
from desktop_ocr.core.ledger import Ledger, PageCost, PageKey, options_key
from desktop_ocr.schema.document_messages import DocumentInfo
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.results import PageResult
from tests.fakes.fake_host import fake_result

MOST = 4
NEW_OPTIONS = JobOptions(dpi=150)


def saying(text: str) -> PageResult:
    made = fake_result(0)
    return msgspec.structs.replace(made, lines=(msgspec.structs.replace(made.lines[0], text=text),))


class Model:
    """What a page should be: the recognised text, the versions on top of it, and which is shown."""

    def __init__(self) -> None:
        self.recognised = "first"
        self.stamp = 0
        self.chain: list[tuple[str | None, int]] = []  # text, None for as recognised; and what it was made on
        self.at = 0  # how many of them are made
        self.forgotten = False

    @property
    def edited(self) -> bool:
        return self.at > 0 and self.chain[self.at - 1][0] is not None

    @property
    def text(self) -> str:
        shown = self.chain[self.at - 1][0] if self.at else None
        return self.recognised if shown is None else shown

    @property
    def newer(self) -> bool:
        return self.edited and self.chain[self.at - 1][1] != self.stamp

    @property
    def can_undo(self) -> bool:
        return self.at > (1 if self.forgotten else 0)

    def add(self, text: str | None) -> None:
        base = self.chain[self.at - 1][1] if self.edited and text is not None else self.stamp
        if self.at == 0:
            self.forgotten = False
        self.chain[self.at :] = [(text, base)]
        self.at += 1
        if len(self.chain) > MOST:
            del self.chain[0]
            self.at -= 1
            self.forgotten = True


def opened() -> tuple[Ledger, PageKey]:
    ledger = Ledger(None)
    job = ledger.add_job("/a.pdf", JobOptions(), "", "nobody")
    document = ledger.set_document(job, DocumentInfo("PDF", 1, "ab" * 32, 1))
    key = PageKey(document, options_key(JobOptions()))
    ledger.commit_page(key, saying("first"), PageCost(1.0))
    return ledger, key


def step(chance: Random, ledger: Ledger, key: PageKey, model: Model, turn: int) -> None:
    versions = ledger.versions
    number = versions.current(key, 0).number  # type: ignore[union-attr]
    match chance.choice(("edit", "edit", "edit", "undo", "undo", "redo", "redo", "return", "machine", "settle")):
        case "edit":
            versions.add(key, 0, saying(f"edit {turn}"), f"edit {turn}", on=number)
            model.add(f"edit {turn}")
        case "return" if model.edited:
            versions.add(key, 0, None, "return", on=number)
            model.add(None)
        case "undo":
            versions.undo(key, 0)
            model.at -= model.can_undo
        case "redo":
            versions.redo(key, 0)
            model.at += model.at < len(model.chain)
        case "machine":
            ledger.reset_pages(key, [0])
            ledger.commit_page(key, saying(f"read {turn}"), PageCost(1.0))
            model.recognised, model.stamp = f"read {turn}", turn
        case "settle":
            versions.settle(key, 0)
            model.chain = [(text, model.stamp) for text, _ in model.chain]


def agree(ledger: Ledger, key: PageKey, model: Model, seen: dict[int, str]) -> None:
    version = ledger.versions.current(key, 0)
    assert version is not None
    text = version.result.lines[0].text
    assert (text, version.edited, version.newer) == (model.text, model.edited, model.newer)
    assert (bool(version.undo), bool(version.redo)) == (model.can_undo, model.at < len(model.chain))
    assert ledger.page(key, 0).edited == model.edited
    assert ledger.versions.edited(key) == [0] * model.edited
    assert seen.setdefault(version.number, text) == text  # a number stands for one text, for ever
    assert ledger.recognised(key, 0) == saying(model.recognised)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_versions_are_a_list_and_a_pointer(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(ledger_versions, "MOST_VERSIONS", MOST)
    chance, (ledger, key), model = Random(seed), opened(), Model()
    seen: dict[int, str] = {}
    for turn in range(1, 40):
        step(chance, ledger, key, model, turn)
        agree(ledger, key, model, seen)
    # Taken over to other options, where nothing was: the same in all.
    new = PageKey(key.document, options_key(NEW_OPTIONS))
    ledger.versions.carry(key, new)
    if model.edited:
        while model.can_undo:
            agree(ledger, new, model, {})
            ledger.versions.undo(new, 0)
            model.at -= 1
        agree(ledger, new, model, {})
    else:
        assert ledger.versions.current(new, 0) is None
    ledger.close()
