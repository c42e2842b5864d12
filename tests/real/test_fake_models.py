"""The models whose weights cannot be had: paddleocr's own classes load fakes of them in a real host, and run them.

What a host holds is read from its memory maps, not from what it says: a fake's numbers are mapped while it is loaded.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from desktop_ocr.models.store import ModelStore
from desktop_ocr.schema.document_messages import Bitmap
from desktop_ocr.schema.engine_messages import (
    Configure,
    EngineOptions,
    HostMemory,
    LoadModel,
    ModelFolder,
    ModelLoaded,
    Recognise,
    Recognised,
    Refine,
    UnloadModels,
    WarmUp,
)
from desktop_ocr.schema.errors import ErrorCode
from desktop_ocr.schema.features import FULL, NONE, Feature, FeatureMode, Features
from desktop_ocr.schema.messages import Done, Failed
from desktop_ocr.schema.results import (
    Block,
    BlockKind,
    Line,
    PageResult,
    PageSource,
    Word,
    box_polygon,
    check_page_result,
)
from tests.fakes import fake_onnx_models as fakes
from tests.real.engine_client import EngineClient

pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(sys.platform != "linux", reason="memory maps are read from /proc"),
]

WIDTH, HEIGHT = 1000, 1400
BOXES: dict[str, tuple[float, float, float, float]] = {
    "doc_title": (0.05, 0.03, 0.95, 0.10),
    "text": (0.05, 0.12, 0.95, 0.30),
    "formula": (0.30, 0.32, 0.70, 0.38),
    "table": (0.05, 0.40, 0.95, 0.60),
    "seal": (0.60, 0.65, 0.95, 0.95),
    "image": (0.05, 0.65, 0.40, 0.90),
    "number": (0.45, 0.96, 0.55, 0.99),
}
"""What the fake layout sees on every page, in fractions of it."""
INLINE = ("formula", 0.8, (0.6, 0.20, 0.7, 0.24))
LATEX = "x^{2}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fakes")


@pytest.fixture(scope="module")
def parts(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, ModelFolder]:
    """By role: the bundled models for text, and fakes for all else but charts."""
    store = ModelStore(tmp_path_factory.mktemp("models"))
    bundled = (
        ("text-detection", "PP-OCRv6_small_det"),
        ("text-recognition", "PP-OCRv6_small_rec"),
        ("page-orientation", "PP-LCNet_x1_0_doc_ori"),
    )
    real = [ModelFolder(role, model, str(store.ensure(model))) for role, model in bundled]
    seen = [*((label, 0.9, box) for label, box in BOXES.items()), INLINE]
    made = (
        fakes.fake_detector(folder, "regions", "PP-DocLayout_plus-L", fakes.LAYOUT_LABELS, seen, 800),
        fakes.fake_detector(
            folder, "page-blocks", "PP-DocBlockLayout", ["Region"], [("Region", 0.9, (0.0, 0.0, 1.0, 1.0))], 640
        ),
        fakes.fake_classifier(
            folder, "line-orientation", "PP-LCNet_x1_0_textline_ori", ["0_degree", "180_degree"], "0_degree"
        ),
        fakes.fake_unwarper(folder),
        fakes.fake_formula_model(folder, ["x", "^", "{", "2", "}"]),
        fakes.fake_seal_detector(folder),
        *fakes.fake_table_parts(folder),
    )
    return {one.role: one for one in (*real, *made)}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Bitmap:
    """A page that is written on where the fake layout sees something."""
    image = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)

    def write(text: str, x: int, y: int, size: float = 1.0) -> None:
        cv2.putText(image, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, (0, 0, 0), 2)

    write("A TITLE OF A PAGE", 200, 110, 1.5)
    write("First line of the paragraph here", 80, 220)
    write("Second line with a b", 80, 310)
    write("y = ax + b", 380, 500)
    write("Name", 100, 620)
    write("Value", 600, 620)
    write("Apples", 100, 760)
    write("12.50", 600, 760)
    write("SEAL OF THE TOWN", 640, 1080)
    write("a line outside of all blocks", 80, 1300)
    write("12", 480, 1370)
    target = tmp_path_factory.mktemp("page") / "page.rgb"
    target.write_bytes(image.tobytes())
    return Bitmap(str(target), WIDTH, HEIGHT, 100.0)


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineClient]:
    """A host that takes fakes. Being configured anew, it drops what it holds."""
    with EngineClient(environment=fakes.ALLOWED) as client:
        yield client


def configure(engine: EngineClient, *folders: ModelFolder) -> None:
    assert engine.ask(Configure(EngineOptions(models=folders))) == Done()


def held(engine: EngineClient) -> set[str]:
    """The fakes that the host has mapped."""
    rows = Path(f"/proc/{engine.pid}/maps").read_text().splitlines()
    return {Path(row.split(maxsplit=5)[5]).parent.name for row in rows if row.endswith(fakes.WEIGHTS)}


def load(engine: EngineClient, role: str, features: Features = FULL) -> None:
    reply = engine.ask(LoadModel(role, features))
    assert isinstance(reply, ModelLoaded), reply


def with_block(kind: BlockKind, label: str, feature: Feature, *lines: Line) -> PageResult:
    """A page with one block, for which a feature is to be done."""
    x0, y0, x1, y1 = BOXES[label]
    box = (x0 * WIDTH, y0 * HEIGHT, x1 * WIDTH, y1 * HEIGHT)
    block = Block(kind, box, tuple(range(len(lines))))
    return PageResult(
        0, WIDTH, HEIGHT, 100.0, 0, PageSource.RECOGNISED, lines=lines, blocks=(block,), pending=(feature,)
    )


def refine(engine: EngineClient, page: Bitmap, result: PageResult) -> PageResult:
    (feature,) = result.pending
    reply = engine.ask(Refine(result, feature, page, FULL))
    assert isinstance(reply, Recognised), reply
    check_page_result(reply.result)
    assert not reply.result.pending
    return reply.result


def test_fakes_are_refused_outside_of_tests(parts: dict[str, ModelFolder]) -> None:
    structure = ModelFolder("structure", "PP-StructureV3", "", parts=tuple(parts.values()))
    with EngineClient(environment=dict.fromkeys(fakes.ALLOWED, "")) as engine:
        configure(engine, parts["formula"], structure)
        for role in ("formula", "structure"):
            reply = engine.ask(LoadModel(role))
            assert isinstance(reply, Failed)
            assert reply.error.code is ErrorCode.MODEL_DAMAGED
            assert "made for a test" in reply.error.message
        assert held(engine) == set()


def test_each_model_is_held_from_its_loading_to_its_unloading(
    engine: EngineClient, parts: dict[str, ModelFolder]
) -> None:
    roles = ("regions", "unwarp", "formula", "seal-detection")
    table = ModelFolder(
        "table-pipeline",
        "table_recognition_v2",
        "",
        parts=tuple(one for one in parts.values() if one.role.startswith(("table", "wire"))),
    )
    configure(engine, *(parts[role] for role in roles), table)
    assert held(engine) == set()
    for role in roles:
        load(engine, role)
        assert held(engine) == {parts[role].model}
        assert isinstance(engine.ask(WarmUp()), HostMemory)
        assert isinstance(engine.ask(UnloadModels((role,))), HostMemory)
        assert held(engine) == set()
    load(engine, "table-pipeline")
    assert held(engine) == {one.model for one in table.parts}
    assert isinstance(engine.ask(WarmUp()), HostMemory)
    assert isinstance(engine.ask(UnloadModels(("table-pipeline",))), HostMemory)
    assert held(engine) == set()


def test_scikit_learn_is_not_loaded_because_it_is_there(engine: EngineClient, parts: dict[str, ModelFolder]) -> None:
    configure(engine, parts["regions"])
    load(engine, "regions")
    assert "/sklearn/" not in Path(f"/proc/{engine.pid}/maps").read_text()


def test_a_formula_becomes_latex(engine: EngineClient, parts: dict[str, ModelFolder], page: Bitmap) -> None:
    configure(engine, *parts.values())
    result = refine(engine, page, with_block(BlockKind.FORMULA, "formula", Feature.FORMULAS))
    assert result.blocks[0].latex == LATEX
    assert "PP-FormulaNet_plus-S" in result.models
    assert held(engine) == {"PP-FormulaNet_plus-S"}


def test_a_seal_is_read_and_what_was_read_of_it_before_is_replaced(
    engine: EngineClient, parts: dict[str, ModelFolder], page: Bitmap
) -> None:
    configure(engine, *parts.values())
    fragment = Line("OF TEH", box_polygon((640.0, 1055.0, 800.0, 1085.0)), 0.6)
    elsewhere = Line("Nr. 7", box_polygon((640.0, 1250.0, 720.0, 1280.0)), 0.9)
    before = with_block(BlockKind.SEAL, "seal", Feature.SEALS, fragment, elsewhere)
    result = refine(engine, page, before)
    texts = [result.lines[number].text for number in result.blocks[0].lines]
    assert texts[0] == "Nr. 7"
    assert "SEAL OF THE TOWN" in texts
    assert "OF TEH" not in texts
    assert held(engine) == {"PP-OCRv4_mobile_seal_det"}
    seal = result.lines[texts.index("SEAL OF THE TOWN")]
    assert [word.text for word in seal.words] == ["SEAL", "OF", "THE", "TOWN"]


def test_a_chart_needs_an_engine_that_is_not_there(engine: EngineClient, folder: Path, page: Bitmap) -> None:
    target = folder / "PP-Chart2Table"
    target.mkdir()
    (target / "model.safetensors").write_bytes(b"")
    configure(engine, ModelFolder("chart", "PP-Chart2Table", str(target), engine="transformers"))
    reply = engine.ask(LoadModel("chart"))
    assert isinstance(reply, Failed)
    assert reply.error.code is ErrorCode.MODEL_MISSING
    assert "transformers" in reply.error.message
    lines = tuple(
        Line(text, box_polygon((60.0, 920.0 + 40 * n, 200.0, 950.0 + 40 * n)), 0.9) for n, text in enumerate("abc")
    )
    result = refine(engine, page, with_block(BlockKind.PICTURE, "image", Feature.CHARTS, *lines))
    assert result.blocks[0].kind is BlockKind.PICTURE
    assert "Charts left out" in result.notes[0].text


def test_a_page_is_flattened_when_that_is_wanted(
    engine: EngineClient, parts: dict[str, ModelFolder], page: Bitmap
) -> None:
    configure(engine, parts["text-detection"], parts["text-recognition"], parts["unwarp"])
    straight = engine.ask(Recognise(0, page, NONE, layout=False))
    assert isinstance(straight, Recognised)
    assert not straight.result.unwarped
    assert held(engine) == set()
    flat = engine.ask(Recognise(0, page, Features(unwarp=FeatureMode.ON, orientation=FeatureMode.OFF), layout=False))
    assert isinstance(flat, Recognised)
    assert flat.result.unwarped
    assert held(engine) == {"UVDoc"}
    assert "UVDoc" in flat.result.models
    # The fake mirrors pages: what stood on the left stands on the right.
    assert min(line.polygon[0] for line in straight.result.lines) < WIDTH * 0.2
    assert max(line.polygon[2] for line in flat.result.lines) > WIDTH * 0.8


def test_only_the_models_of_what_is_wanted_and_there_are_loaded(
    engine: EngineClient, parts: dict[str, ModelFolder], page: Bitmap
) -> None:
    """Page by page, a model a feature: the layout's blocks decide, and what is off is never opened."""
    roles = ("text-detection", "text-recognition", "regions", "formula", "seal-detection", "unwarp")
    configure(engine, *(parts[role] for role in roles))
    formulas = FULL.without(*(one for one in Feature if one is not Feature.FORMULAS))
    reply = engine.ask(Recognise(0, page, formulas))
    assert isinstance(reply, Recognised)
    assert held(engine) == {"PP-DocLayout_plus-L"}
    result = reply.result
    check_page_result(result)
    assert result.pending == (Feature.FORMULAS,)
    result = refine(engine, page, result)
    assert held(engine) == {"PP-DocLayout_plus-L", "PP-FormulaNet_plus-S"}
    # The one within a line that the recogniser did not find is a block as well.
    assert [block.latex for block in result.blocks if block.kind is BlockKind.FORMULA] == [LATEX, LATEX]
    assert {step.step for step in result.steps} >= {"regions", "formulas"}


def recognised(engine: EngineClient, page: Bitmap, features: Features) -> PageResult:
    reply = engine.ask(Recognise(3, page, features, structure=True))
    assert isinstance(reply, Recognised), reply
    check_page_result(reply.result)
    return reply.result


def test_structure_v3_does_a_page_and_holds_what_was_asked_for(
    engine: EngineClient, parts: dict[str, ModelFolder], page: Bitmap
) -> None:
    configure(engine, ModelFolder("structure", "PP-StructureV3", "", parts=tuple(parts.values())))
    always = {"PP-DocLayout_plus-L", "PP-DocBlockLayout", "PP-LCNet_x1_0_textline_ori"}
    tables = {one.model for one in parts.values() if one.role.startswith(("table", "wire"))}
    assert held(engine) == set()

    load(engine, "structure", NONE)
    assert held(engine) == always
    plain = recognised(engine, page, NONE)
    assert held(engine) == always
    assert all(block.table is None and not block.latex for block in plain.blocks)
    assert set(plain.models) >= always | {"PP-StructureV3"}
    assert not set(plain.models) & (tables | {"PP-FormulaNet_plus-S", "PP-OCRv4_mobile_seal_det"})

    features = FULL.without(Feature.UNWARP)
    full = recognised(engine, page, features)
    assert held(engine) == always | tables | {"PP-FormulaNet_plus-S", "PP-OCRv4_mobile_seal_det"}
    assert set(full.models) >= tables | {"PP-FormulaNet_plus-S", "PP-OCRv4_mobile_seal_det"}
    assert [note.text for note in full.notes] == ["Charts left out: model not installed."]
    assert full.page == 3
    assert (full.width, full.height, full.dpi, full.rotation) == (WIDTH, HEIGHT, 100.0, 0)
    kinds = [block.kind for block in full.blocks]
    assert kinds[:4] == [BlockKind.TITLE, BlockKind.TEXT, BlockKind.FORMULA, BlockKind.TABLE]
    assert set(kinds[4:]) == {BlockKind.PICTURE, BlockKind.SEAL, BlockKind.TEXT, BlockKind.PAGE_FOOTER}
    texts = [[full.lines[number].text for number in block.lines] for block in full.blocks]
    assert texts[:3] == [
        ["A TITLE OF A PAGE"],
        ["First line of the paragraph here", "Second line with a b", f"${LATEX}$"],
        [],
    ]
    assert full.blocks[2].latex == LATEX
    table = full.blocks[3].table
    assert table is not None
    assert (table.rows, table.columns) == (2, 2)
    assert [(cell.row, cell.column, cell.text) for cell in table.cells] == [
        (0, 0, "Name"),
        (0, 1, "Value"),
        (1, 0, "Apples"),
        (1, 1, "12.50"),
    ]
    assert [line.text for line in full.lines].count("SEAL OF THE TOWN") == 1
    assert ["a line outside of all blocks"] in texts
    title = full.lines[full.blocks[0].lines[0]]
    assert [word.text for word in title.words] == ["A", "TITLE", "OF", "A", "PAGE"]
    assert isinstance(title.words[0], Word)

    only_formulas = recognised(engine, page, FULL.without(*(one for one in Feature if one is not Feature.FORMULAS)))
    assert held(engine) == always | {"PP-FormulaNet_plus-S"}
    assert [block.latex for block in only_formulas.blocks if block.kind is BlockKind.FORMULA] == [LATEX]

    assert isinstance(engine.ask(UnloadModels(("structure",))), HostMemory)
    assert held(engine) == set()


def test_nothing_is_downloaded(engine: EngineClient, parts: dict[str, ModelFolder], page: Bitmap) -> None:
    """A pipeline without one of the models it needs says so; paddlex would fetch it."""
    some = tuple(one for one in parts.values() if one.role in ("text-detection", "regions"))
    configure(engine, ModelFolder("structure", "PP-StructureV3", "", parts=some))
    reply = engine.ask(Recognise(0, page, NONE, structure=True))
    assert isinstance(reply, Failed)
    assert reply.error.code is ErrorCode.MODEL_MISSING
    assert "text-recognition" in reply.error.message
