"""The engine host as a process, with its real models, on pages made here and on the corpus."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from desktop_ocr.models.models_file import ModelsFile
from desktop_ocr.models.selection import choose_models
from desktop_ocr.models.store import ModelStore
from desktop_ocr.schema.document_messages import Bitmap, Inspect, Source, TextLayer
from desktop_ocr.schema.engine_messages import Arrange, Configure, EngineOptions, Recognise, Recognised, Unload
from desktop_ocr.schema.errors import ErrorCode
from desktop_ocr.schema.features import FAST, STAGES, Feature
from desktop_ocr.schema.messages import Failed, Hello
from desktop_ocr.schema.results import (
    BlockKind,
    Line,
    PageResult,
    PageSource,
    Word,
    box_polygon,
    check_page_result,
    polygon_box,
)
from tests.real.engine_client import EngineClient, render

pytestmark = pytest.mark.models
pymupdf = pytest.importorskip("pymupdf")

PEAK_MB = 800.0
BODY = (
    "The harbour master writes down every ship that comes in.",
    "He notes its name, its port, and what it carries,",
    "and in the evening he adds the figures up.",
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    return ModelStore(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def engine(store: ModelStore) -> Iterator[EngineClient]:
    with EngineClient() as client:
        client.configure(store)
        yield client


def write(folder: Path, image: np.ndarray, dpi: float = 200.0) -> Bitmap:
    file = folder / "page.rgb"
    file.write_bytes(np.ascontiguousarray(image, np.uint8).tobytes())
    return Bitmap(str(file), image.shape[1], image.shape[0], dpi)


def blank(height: int, width: int, shade: int = 255) -> np.ndarray:
    return np.full((height, width, 3), shade, np.uint8)


@pytest.fixture(scope="module")
def letter() -> np.ndarray:
    """An A4 page at 200 dpi: a title, a paragraph, and a list."""
    document = pymupdf.open()
    page = document.new_page(width=595, height=842)
    page.insert_text((72, 90), "Ships of the Harbour", fontsize=24)
    for number, line in enumerate(BODY):
        page.insert_text((72, 140 + 15 * number), line, fontsize=11)
    for number, item in enumerate(("Anna, from Riga", "Bertha, from Bergen", "Clara, from Lübeck")):
        page.insert_text((72, 220 + 18 * number), f"{number + 1}. {item}", fontsize=11)
    pixmap = page.get_pixmap(dpi=200, alpha=False)
    return np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width, 3).copy()


def text_of(result: PageResult) -> str:
    return "\n".join(result.lines[index].text for block in result.blocks for index in block.lines)


def checked(result: PageResult) -> PageResult:
    check_page_result(result)
    for line in result.lines:
        x0, y0, x1, y1 = polygon_box(line.polygon)
        assert x0 >= 0
        assert y0 >= 0
        assert x1 <= result.width
        assert y1 <= result.height
        assert "".join(word.text for word in line.words) == "".join(line.text.split())
    assert result.models
    assert {step.step for step in result.steps} >= {"load", "text", "layout"}
    return result


def test_the_handshake_comes_first(engine: EngineClient) -> None:
    assert isinstance(engine.hello, Hello)
    assert engine.hello.role == "engine"


def test_a_page_is_read_in_order_with_its_words_in_place(
    engine: EngineClient, letter: np.ndarray, tmp_path: Path
) -> None:
    result = checked(engine.recognise(write(tmp_path, letter)))
    assert result.rotation == 0
    assert text_of(result).startswith("Ships of the Harbour\n" + "\n".join(BODY[:2]))
    assert result.blocks[0].kind in (BlockKind.TITLE, BlockKind.SECTION_HEADER)
    assert result.blocks[0].level >= 1
    assert "Lübeck" in text_of(result)
    line = next(line for line in result.lines if line.text.startswith("The harbour"))
    first = polygon_box(line.words[0].polygon)
    scale = 200 / 72
    assert abs(first[0] - 72 * scale) < 12
    assert abs(first[2] - (72 + 18) * scale) < 16
    assert first[1] < 138 * scale < first[3] + 8


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_page_is_turned_back(engine: EngineClient, letter: np.ndarray, tmp_path: Path, quarters: int) -> None:
    turned = np.rot90(letter, quarters)  # counterclockwise: turning it clockwise by as much undoes it
    result = checked(engine.recognise(write(tmp_path, turned)))
    assert result.rotation == 90 * quarters
    assert (result.width, result.height) == (letter.shape[1], letter.shape[0])
    assert text_of(result).startswith("Ships of the Harbour")
    as_is = checked(engine.recognise(write(tmp_path, turned), orientation=False))
    assert as_is.rotation == 0


@pytest.mark.parametrize(
    "image",
    [blank(400, 300), blank(400, 300, 0), blank(1, 1), blank(3, 2000), blank(50, 20000), blank(20000, 50)],
    ids=["white", "black", "one-pixel", "flat", "wide", "high"],
)
def test_pages_without_text_are_empty(engine: EngineClient, tmp_path: Path, image: np.ndarray) -> None:
    result = checked(engine.recognise(write(tmp_path, image)))
    assert result.lines == ()
    assert result.blocks == ()


def test_a_very_long_page_is_read_to_its_end(engine: EngineClient, letter: np.ndarray, tmp_path: Path) -> None:
    strip = letter[200:750, :1200]
    result = checked(engine.recognise(write(tmp_path, np.concatenate([strip] * 8))))
    assert text_of(result).count("The harbour master writes down") == 8


def test_a_page_of_fifteen_hundred_words(engine: EngineClient, tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page(width=842, height=1191)
    for row in range(50):
        words = " ".join(f"word{row * 30 + number}" for number in range(30))
        page.insert_text((20, 20 + 23 * row), words, fontsize=5.8)
    pixmap = page.get_pixmap(dpi=200, alpha=False)
    image = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width, 3)
    result = checked(engine.recognise(write(tmp_path, image)))
    assert sum(len(line.words) for line in result.lines) > 1400


def test_bad_bitmaps_are_told_and_the_host_lives(engine: EngineClient, tmp_path: Path) -> None:
    good = write(tmp_path, blank(40, 30))
    for bitmap, code in [
        (Bitmap(str(tmp_path / "none"), 30, 40, 200.0), ErrorCode.NOT_FOUND),
        (Bitmap(good.path, 31, 40, 200.0), ErrorCode.DAMAGED),
        (Bitmap(good.path, 1_000_000, 1_000_000, 200.0), ErrorCode.TOO_LARGE),
        (Bitmap(good.path, 30, 40, float("nan")), ErrorCode.PROTOCOL),
    ]:
        reply = engine.ask(Recognise(0, bitmap, FAST.without(Feature.ORIENTATION), STAGES))
        assert isinstance(reply, Failed)
        assert reply.error.code is code
    reply = engine.ask(Inspect(Source("anything")))
    assert isinstance(reply, Failed)
    assert reply.error.code is ErrorCode.PROTOCOL
    assert engine.recognise(good).lines == ()


def layer_of(page) -> TextLayer:
    lines = []
    for block in page.get_text("words"):
        x0, y0, x1, y1, text, *_ = block
        word = Word(text, box_polygon((x0, y0, x1, y1)), 1.0)
        lines.append(Line(text, word.polygon, 1.0, (word,)))
    pictures = tuple(tuple(info["bbox"]) for info in page.get_image_info())
    return TextLayer(page.rect.width, page.rect.height, tuple(lines), pictures)


def test_a_text_layer_is_arranged_without_the_text_models(store: ModelStore) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((72, 90), "Heading", fontsize=24)
    for number, line in enumerate(BODY):
        page.insert_text((72, 140 + 15 * number), line, fontsize=11)
    with EngineClient() as client:
        client.configure(store)
        reply = client.ask(Arrange(3, layer_of(page)))
        assert isinstance(reply, Recognised)
        check_page_result(reply.result)
        assert reply.result.page == 3
        assert reply.result.source is PageSource.TEXT_LAYER
        assert reply.result.lines[0].text == "Heading"
        assert " ".join(line.text for line in reply.result.lines[1:]) == " ".join(BODY)
        loaded = Path(f"/proc/{client.pid}/maps").read_text()
        assert "pandas" not in loaded  # paddleocr would have brought it in
        empty = client.ask(Arrange(0, TextLayer(100, 100, ())))
        assert isinstance(empty, Recognised)
        assert empty.result.blocks == ()
        absurd = client.ask(Arrange(0, TextLayer(0, float("nan"), ())))
        assert isinstance(absurd, Failed)


def test_unloading_and_coming_back(store: ModelStore, letter: np.ndarray, tmp_path: Path) -> None:
    bitmap = write(tmp_path, letter)
    with EngineClient() as client:
        reply = client.ask(Recognise(0, bitmap, FAST, STAGES))
        assert isinstance(reply, Failed)
        assert reply.error.code is ErrorCode.MODEL_MISSING
        client.configure(store)
        first = text_of(client.recognise(bitmap))
        client.ask(Unload())
        assert text_of(client.recognise(bitmap)) == first


def test_without_an_orientation_model_the_page_says_so(store: ModelStore, letter: np.ndarray, tmp_path: Path) -> None:
    from desktop_ocr.schema.engine_messages import ModelFolder

    folders = tuple(
        ModelFolder(role, model, str(store.ensure(model)))
        for role, model in choose_models(store, ModelsFile()).ids.items()
        if role != "page-orientation"
    )
    with EngineClient() as client:
        client.ask(Configure(EngineOptions(models=folders)))
        result = client.recognise(write(tmp_path, letter))
        assert [note.code for note in result.notes] == ["orientation-missing"]
        assert result.lines


@pytest.mark.skipif(shutil.which("unshare") is None, reason="unshare is not installed")
def test_no_network_and_nothing_written_outside_the_temporary_folder(
    store: ModelStore, letter: np.ndarray, tmp_path: Path
) -> None:
    if subprocess.run(["unshare", "-rn", "true"], check=False).returncode != 0:
        pytest.skip("user namespaces are not allowed here")
    home, scratch = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    scratch.mkdir()
    environment = {"HOME": str(home), "TMPDIR": str(scratch)}
    environment |= dict.fromkeys(("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), "")
    with EngineClient(command=("unshare", "-rn"), environment=environment) as client:
        client.configure(store)
        assert text_of(client.recognise(write(tmp_path, letter))).startswith("Ships")
    assert list(home.rglob("*")) == []
    assert [file for file in scratch.rglob("*") if file.is_file()] == []


@pytest.mark.corpus
def test_every_line_of_the_corpus_is_in_one_block_within_the_memory_limit(
    store: ModelStore, corpus: Path, tmp_path: Path
) -> None:
    files = [
        *sorted((corpus / "scans").glob("*.pdf")),
        *sorted((corpus / "receipts").glob("*.jpg"))[:6],
        *sorted((corpus / "languages").glob("*.[jp][pn]g")),
        *sorted((corpus / "tables").glob("*.png")),
    ]
    assert len(files) >= 20
    with EngineClient() as client:
        client.configure(store)
        for file in files:
            bitmap = render(file, tmp_path)
            result = checked(client.recognise(bitmap))
            Path(bitmap.path).unlink()
            if file.name == "ocr_test_rotated_90.pdf":
                assert result.rotation in (90, 270)
        assert client.memory_mb() < PEAK_MB
