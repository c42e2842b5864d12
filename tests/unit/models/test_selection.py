"""Which model does what, by the user's file, by what is installed, and by what a document wants."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_ocr.models import store as store_module
from desktop_ocr.models.breaker import Breaker
from desktop_ocr.models.downloaded import DownloadedModels
from desktop_ocr.models.installer import Installer
from desktop_ocr.models.models_file import ModelsFile, UserChoice
from desktop_ocr.models.selection import ChosenModels, choose_models, missing_text
from desktop_ocr.models.store import ModelStore
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.roles import PARTS, REGIONS_BUNDLED, ModelRole, base_role
from desktop_ocr.schema.settings import Settings
from tests.fakes.fake_model_host import ENGINES, onnx_package

TABLES = ("PP-LCNet_x1_0_table_cls", "SLANeXt_wired", "RT-DETR-L_wired_table_cell_det")
TABLES += ("RT-DETR-L_wireless_table_cell_det",)
BUNDLED = {
    ModelRole.PAGE_ORIENTATION: "PP-LCNet_x1_0_doc_ori",
    ModelRole.TEXT_DETECTION: "PP-OCRv6_small_det",
    ModelRole.TEXT_RECOGNITION: "PP-OCRv6_small_rec",
    ModelRole.LAYOUT: "pymupdf-layout",
    ModelRole.REGIONS: "picodet-cdla",
    ModelRole.TABLE_STRUCTURE: "SLANet_plus",
}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    """With the bundled models, and with no engines but those that are always there."""
    monkeypatch.setattr(store_module, "installed_engines", lambda: frozenset(ENGINES))
    models = ModelStore(tmp_path / "cache", tmp_path / "downloaded")
    if not all(models.bundled(model) for model in BUNDLED.values()):
        pytest.skip("not all bundled models are installed")
    return models


@pytest.fixture
def have(store: ModelStore, tmp_path: Path) -> Callable[..., None]:
    """Installs models, tiny ones of the names."""

    def install(*models: str) -> None:
        for model in models:
            folder = tmp_path / "stick" / model
            folder.mkdir(parents=True)
            for name, data in onnx_package(model, 100).items():
                (folder / name).write_bytes(data)
        assert store.downloaded is not None
        installer = Installer(DownloadedModels(store.downloaded.folder), Settings(), engines=ENGINES)
        installer.take_over(tmp_path / "stick", Breaker(), lambda *_: None)

    return install


def test_the_bundled_models_where_nothing_else_is_there(store: ModelStore) -> None:
    selection = choose_models(store, ModelsFile())
    assert selection.ids == BUNDLED
    assert selection.problems == ()
    for folder in selection.models.values():
        assert store.lay_out(folder) == folder
        assert Path(folder.folder).is_dir()
    assert selection.models[ModelRole.LAYOUT].engine == "pymupdf"
    assert selection.models[ModelRole.TEXT_DETECTION].engine == "onnxruntime"


def test_better_ones_take_their_places(store: ModelStore, have: Callable[..., None]) -> None:
    have("PP-OCRv6_medium_rec", "PP-OCRv6_tiny_det", "PP-DocLayout_plus-L", "UVDoc", "PP-OCRv4_mobile_seal_det")
    chosen = choose_models(store, ModelsFile()).models
    assert chosen[ModelRole.TEXT_RECOGNITION].model == "PP-OCRv6_medium_rec"
    assert chosen[ModelRole.TEXT_DETECTION].model == "PP-OCRv6_small_det"
    assert chosen[ModelRole.REGIONS].model == "PP-DocLayout_plus-L"
    assert chosen[REGIONS_BUNDLED].model == "picodet-cdla"  # stands in for it
    assert chosen[ModelRole.SEAL_DETECTION].model == "PP-OCRv4_mobile_seal_det"
    unwarp = chosen[ModelRole.UNWARP]
    assert (Path(unwarp.folder) / "inference.onnx").is_file()
    assert store.lay_out(unwarp) == unwarp


def test_models_of_other_sizes_and_languages_are_there_beside(store: ModelStore, have: Callable[..., None]) -> None:
    have("PP-OCRv6_medium_rec", "PP-OCRv6_tiny_det", "cyrillic_PP-OCRv5_mobile_rec")
    selection = choose_models(store, ModelsFile())
    variants = {role: model for role, model in selection.ids.items() if base_role(role) != role}
    assert variants == {
        "text-detection:tiny": "PP-OCRv6_tiny_det",
        "text-recognition:small": "PP-OCRv6_small_rec",
        "text-recognition:cyrillic": "cyrillic_PP-OCRv5_mobile_rec",
    }
    assert selection.ids["text-recognition"] == "PP-OCRv6_medium_rec"
    for role, folder in selection.models.items():
        assert folder.role == role
    models = list(selection.ids.values())
    assert len(set(models)) == len(models)


def test_a_language_that_is_not_there_is_told() -> None:
    roles = {"text-recognition", "text-recognition:cyrillic"}
    assert missing_text(JobOptions(), roles) == ""
    assert missing_text(JobOptions(language="cyrillic"), roles) == ""
    assert "th_PP-OCRv5_mobile_rec" in missing_text(JobOptions(language="th"), roles)
    assert "klingon" in missing_text(JobOptions(language="klingon"), roles)


def test_what_was_chosen_is_made_ready_for_hosts(store: ModelStore, tmp_path: Path) -> None:
    own = UserChoice("Mine", folder=str(tmp_path), engine="onnxruntime")
    selection = choose_models(store, ModelsFile({ModelRole.UNWARP: own}))
    chosen = ChosenModels(store, selection)
    assert chosen.prepare("unwarp", "Mine").folder == str(tmp_path)
    laid_out = chosen.prepare("text-detection", "PP-OCRv6_small_det")
    assert (Path(laid_out.folder) / "inference.onnx").is_file()


def test_a_pipeline_is_chosen_when_all_its_parts_are_there(store: ModelStore, have: Callable[..., None]) -> None:
    have(*TABLES[:-1])
    assert ModelRole.TABLE_PIPELINE not in choose_models(store, ModelsFile()).models
    have(TABLES[-1])
    chosen = choose_models(store, ModelsFile()).models
    pipeline = chosen[ModelRole.TABLE_PIPELINE]
    assert pipeline.folder == ""
    assert {part.model for part in pipeline.parts} == {*TABLES, "SLANet_plus"}
    assert ModelRole.STRUCTURE not in chosen
    store.lay_out(pipeline)
    assert all((Path(part.folder) / "inference.yml").is_file() for part in pipeline.parts)
    have("PP-DocLayout_plus-L", "arabic_PP-OCRv5_mobile_rec")
    structure = choose_models(store, ModelsFile()).models[ModelRole.STRUCTURE]
    parts = {part.role: part.model for part in structure.parts}
    assert parts[ModelRole.TEXT_RECOGNITION] == "PP-OCRv6_small_rec"
    assert parts[ModelRole.REGIONS] == "PP-DocLayout_plus-L"
    assert parts[ModelRole.WIRED_STRUCTURE] == "SLANeXt_wired"
    assert ModelRole.FORMULA not in parts
    assert not set(chosen) & set(PARTS)


def test_the_users_file_goes_first(store: ModelStore, have: Callable[..., None], tmp_path: Path) -> None:
    have("PP-OCRv6_medium_rec", "PP-DocLayout_plus-L", "cyrillic_PP-OCRv5_mobile_rec", *TABLES, "SLANeXt_wireless")
    file = ModelsFile(
        {
            ModelRole.TEXT_RECOGNITION: UserChoice("PP-OCRv6_small_rec", precision="fp16"),
            ModelRole.REGIONS: UserChoice("picodet-cdla", device="cpu"),
            ModelRole.TEXT_DETECTION: UserChoice("Mine", folder=str(tmp_path), engine="onnxruntime", side=960),
            ModelRole.WIRELESS_STRUCTURE: UserChoice("SLANet_plus", side=488),
            ModelRole.STRUCTURE: UserChoice("PP-StructureV3", device="gpu:0"),
            ModelRole.FORMULA: UserChoice("PP-FormulaNet_plus-S"),
            ModelRole.TABLE_STRUCTURE: UserChoice("SLANet_plus", engine="paddle_static"),
        },
        ("models.toml, [x]: there is no such role.",),
    )
    selection = choose_models(store, file)
    chosen = selection.models
    assert (chosen[ModelRole.TEXT_RECOGNITION].model, chosen[ModelRole.TEXT_RECOGNITION].precision) == (
        "PP-OCRv6_small_rec",
        "fp16",
    )
    assert (chosen[ModelRole.REGIONS].model, chosen[ModelRole.REGIONS].device) == ("picodet-cdla", "cpu")
    own = chosen[ModelRole.TEXT_DETECTION]
    assert (own.model, own.folder, own.side) == ("Mine", str(tmp_path), 960)
    assert store.lay_out(own) == own
    parts = {part.role: part for part in chosen[ModelRole.TABLE_PIPELINE].parts}
    assert parts[ModelRole.WIRELESS_STRUCTURE].model == "SLANet_plus"
    assert parts[ModelRole.WIRELESS_STRUCTURE].side == 488
    structure = {part.role: part for part in chosen[ModelRole.STRUCTURE].parts}
    assert structure[ModelRole.REGIONS].model == "PP-DocLayout_plus-L"  # the only one that it can use
    assert structure[ModelRole.TEXT_DETECTION].folder == str(tmp_path)
    assert {part.device for part in structure.values()} == {"gpu:0"}
    assert chosen[ModelRole.TABLE_STRUCTURE].engine == "onnxruntime"
    assert ModelRole.FORMULA not in chosen
    assert len(selection.problems) == 3  # the file's own, the formulas', the engine's
    assert any("desktop-ocr models install PP-FormulaNet_plus-S" in problem for problem in selection.problems)
    assert chosen["text-recognition:medium"].model == "PP-OCRv6_medium_rec"
    assert "text-recognition:small" not in chosen


def test_what_is_needed_is_named_where_it_is_missing(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch, have: Callable[..., None]
) -> None:
    monkeypatch.setattr(store_module, "_find", lambda _: None)
    chosen = choose_models(store, ModelsFile()).models
    assert {role: folder.model for role, folder in chosen.items()} == {
        role: BUNDLED[ModelRole(role)] for role in chosen
    }
    assert set(chosen) == {ModelRole.TEXT_DETECTION, ModelRole.TEXT_RECOGNITION, ModelRole.LAYOUT}
    have("PP-OCRv6_small_rec", "SLANet_plus")  # as for a Python that has no wheel of them
    chosen = choose_models(store, ModelsFile()).models
    assert chosen[ModelRole.TABLE_STRUCTURE].folder == str(store.ensure("SLANet_plus"))
    assert (Path(chosen[ModelRole.TEXT_RECOGNITION].folder) / "inference.onnx").is_file()
