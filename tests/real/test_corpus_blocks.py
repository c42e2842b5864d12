"""On real pages no line is lost or doubled, between what was read, the page's blocks, its Markdown, and its edits."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from desktop_ocr.document_host.page_text import read_page_text
from desktop_ocr.models.store import ModelStore
from desktop_ocr.schema.engine_messages import Arrange, Recognised
from desktop_ocr.schema.results import PageResult, check_page_result
from desktop_ocr.text.markdown import LEFT_OUT, markdown
from tests.real.engine_client import EngineClient, render
from tests.unit.text.made_up_pages import check, edit

pytestmark = [pytest.mark.models, pytest.mark.corpus]
pymupdf = pytest.importorskip("pymupdf")

FOLDERS = ("born_digital", "gnarly", "rules")
RECOGNISED = ("rules/small_page_size.pdf", "scans/phototest.tif", "languages/text_vertical_words.png")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineClient]:
    with EngineClient() as client:
        client.configure(ModelStore(tmp_path_factory.mktemp("models")))
        yield client


def letters(text: str) -> Counter[str]:
    """What is said, without signs and case: an item's bullet or a note's mark may be written otherwise."""
    folded = unicodedata.normalize("NFKC", re.sub(r"</?(?:sup|br|t[drh]|table|thead|tbody)[^>]*>", "", text)).casefold()
    return Counter(sign for sign in folded if sign.isalpha())


def check_nothing_is_lost(result: PageResult) -> None:
    """Each line is in exactly one block, and what it says is in Markdown, unless it is of a page's header or footer."""
    check_page_result(result)
    assert sorted(index for block in result.blocks for index in block.lines) == list(range(len(result.lines)))
    shown = [result.lines[index] for block in result.blocks if block.kind not in LEFT_OUT for index in block.lines]
    wanted = sum((letters(line.text) for line in shown), Counter[str]())
    written = letters(markdown(result))
    assert not written - wanted
    assert set(wanted - written) <= {"o"}  # a small circle before an item is a bullet


def check_edits(result: PageResult) -> None:
    """Whatever is edited, a page comes of it."""
    chance = Random(len(result.lines))
    for _ in range(5):
        result = check(result, edit(chance, result))
        markdown(result)


def test_text_layers(engine: EngineClient, corpus: Path) -> None:
    files = [file for folder in FOLDERS for file in sorted((corpus / folder).glob("*.pdf"))]
    seen = 0
    for file in files:
        with pymupdf.open(file) as document:
            layer = read_page_text(document[0], hidden_lines=True).layer
        if not layer.lines:
            continue
        reply = engine.ask(Arrange(0, layer))
        assert isinstance(reply, Recognised), file.name
        assert Counter(line.text for line in reply.result.lines) == Counter(line.text for line in layer.lines)
        check_nothing_is_lost(reply.result)
        check_edits(reply.result)
        seen += 1
    assert seen >= 10


@pytest.mark.parametrize("name", RECOGNISED)
def test_recognised_pages(engine: EngineClient, corpus: Path, tmp_path: Path, name: str) -> None:
    result = engine.recognise(render(corpus / name, tmp_path))
    assert result.lines
    check_nothing_is_lost(result)
    check_edits(result)
