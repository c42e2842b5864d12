"""The models that are downloaded when the user agrees, and the pipelines that are made of several.

Sizes are those that PaddleOCR's documentation names, of one format or another; what a model host has is known when it
is asked. Nobody has measured their memory here: it is guessed from the size and the picture they look at.
"""

from __future__ import annotations

from desktop_ocr.models.entries import ModelEntry, PackageFormat, Part
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.jobs import TextModel
from desktop_ocr.schema.roles import ModelRole

_ANY = (PackageFormat.ONNX, PackageFormat.PADDLE, PackageFormat.SAFETENSORS)
_PADDLE = (PackageFormat.PADDLE,)
_MB = 1_000_000


def _model(
    model: str,
    role: ModelRole,
    title: str,
    size_mb: float,
    memory_mb: float,
    *features: Feature,
    formats: tuple[PackageFormat, ...] = _ANY,
    also: tuple[ModelRole, ...] = (),
    language: str = "",
    text_model: TextModel = TextModel.AUTO,
    preference: int = 1,
) -> ModelEntry:
    return ModelEntry(
        id=model,
        role=role,
        title=title,
        source=None,
        size=round(size_mb * _MB),
        sha256="",
        licence="Apache-2.0",
        memory_mb=memory_mb,
        formats=formats,
        features=features,
        also=also,
        language=language,
        text_model=text_model,
        preference=preference,
        estimated=True,
    )


LANGUAGES: dict[str, str] = {
    "arabic": "Arabic script (Arabic, Persian, Urdu, Uyghur, ...)",
    "cyrillic": "Cyrillic script (Russian, Bulgarian, Serbian, Mongolian, ...)",
    "devanagari": "Devanagari script (Hindi, Marathi, Nepali, Sanskrit, ...)",
    "el": "Greek",
    "en": "English alone",
    "eslav": "East Slavic languages (Russian, Belarusian, Ukrainian)",
    "korean": "Korean",
    "latin": "Latin script alone",
    "ta": "Tamil",
    "te": "Telugu",
    "th": "Thai",
}
"""Of recognition packs, as in `JobOptions.language`, with their names for the user."""

_PACK_MB = {
    "arabic": 7.6,
    "cyrillic": 7.7,
    "devanagari": 7.5,
    "el": 7.4,
    "en": 7.5,
    "eslav": 14,
    "korean": 14,
    "latin": 14,
    "ta": 7.6,
    "te": 7.7,
    "th": 7.5,
}

_TEXT = (
    _model(
        "PP-OCRv6_tiny_det",
        ModelRole.TEXT_DETECTION,
        "Text detection, tiny",
        1.8,
        200,
        text_model=TextModel.TINY,
        preference=0,
    ),
    _model(
        "PP-OCRv6_tiny_rec",
        ModelRole.TEXT_RECOGNITION,
        "Text recognition, tiny (without Japanese)",
        4.5,
        60,
        text_model=TextModel.TINY,
        preference=0,
    ),
    _model(
        "PP-OCRv6_medium_det",
        ModelRole.TEXT_DETECTION,
        "Text detection, medium",
        62,
        700,
        text_model=TextModel.MEDIUM,
        preference=2,
    ),
    _model(
        "PP-OCRv6_medium_rec",
        ModelRole.TEXT_RECOGNITION,
        "Text recognition, medium",
        77,
        250,
        also=(ModelRole.SECOND_RECOGNITION,),
        text_model=TextModel.MEDIUM,
        preference=2,
    ),
    *(
        _model(
            f"{language}_PP-OCRv5_mobile_rec",
            ModelRole.TEXT_RECOGNITION,
            f"Text recognition: {title}",
            _PACK_MB[language],
            80,
            language=language,
            preference=-1,
        )
        for language, title in LANGUAGES.items()
    ),
    _model(
        "PP-LCNet_x1_0_textline_ori",
        ModelRole.LINE_ORIENTATION,
        "Lines that stand on their head",
        6.5,
        20,
    ),
)

_LAYOUT = (
    _model(
        "PP-DocLayout_plus-L",
        ModelRole.REGIONS,
        "Layout seen in the page's picture: tables, pictures, formulas, charts, seals",
        126,
        500,
        Feature.TABLES,
        Feature.PICTURES,
        Feature.FORMULAS,
        Feature.CHARTS,
        Feature.SEALS,
    ),
    _model("PP-DocBlockLayout", ModelRole.PAGE_BLOCKS, "Columns and sections seen in the page's picture", 124, 500),
    _model("UVDoc", ModelRole.UNWARP, "Flattening of photographed pages", 30.3, 350, Feature.UNWARP),
)

_TABLES = (
    _model(
        "PP-LCNet_x1_0_table_cls",
        ModelRole.TABLE_CLASSIFICATION,
        "Ruled or unruled tables",
        6.6,
        20,
        Feature.TABLES,
    ),
    _model("SLANeXt_wired", ModelRole.WIRED_STRUCTURE, "Cells of ruled tables", 351, 700, Feature.TABLES),
    _model("SLANeXt_wireless", ModelRole.WIRELESS_STRUCTURE, "Cells of unruled tables", 351, 700, Feature.TABLES),
    _model(
        "RT-DETR-L_wired_table_cell_det",
        ModelRole.WIRED_CELLS,
        "Places of the cells of ruled tables",
        124,
        500,
        Feature.TABLES,
    ),
    _model(
        "RT-DETR-L_wireless_table_cell_det",
        ModelRole.WIRELESS_CELLS,
        "Places of the cells of unruled tables",
        124,
        500,
        Feature.TABLES,
    ),
)

_OTHERS = (
    _model(
        "PP-FormulaNet_plus-S",
        ModelRole.FORMULA,
        "Formulas, small",
        248,
        900,
        Feature.FORMULAS,
        formats=_PADDLE,
        preference=1,
    ),
    _model(
        "PP-FormulaNet_plus-M",
        ModelRole.FORMULA,
        "Formulas, medium",
        592,
        1700,
        Feature.FORMULAS,
        formats=_PADDLE,
        preference=2,
    ),
    _model(
        "PP-FormulaNet_plus-L",
        ModelRole.FORMULA,
        "Formulas, large",
        698,
        2000,
        Feature.FORMULAS,
        formats=(PackageFormat.PADDLE, PackageFormat.SAFETENSORS),
        preference=3,
    ),
    # Its other package holds pickled weights, which can run programs when they are read: it is never taken.
    _model(
        "PP-Chart2Table",
        ModelRole.CHART,
        "Charts",
        1400,
        3500,
        Feature.CHARTS,
        formats=(PackageFormat.SAFETENSORS,),
    ),
    _model(
        "PP-OCRv4_mobile_seal_det",
        ModelRole.SEAL_DETECTION,
        "Seals, small",
        4.7,
        250,
        Feature.SEALS,
        formats=_PADDLE,
        preference=1,
    ),
    _model(
        "PP-OCRv4_server_seal_det",
        ModelRole.SEAL_DETECTION,
        "Seals, large",
        109,
        800,
        Feature.SEALS,
        formats=_PADDLE,
        preference=2,
    ),
)

TABLE_PARTS = (
    Part(ModelRole.TABLE_CLASSIFICATION, ("PP-LCNet_x1_0_table_cls",)),
    Part(ModelRole.WIRED_STRUCTURE, ("SLANeXt_wired",)),
    Part(ModelRole.WIRELESS_STRUCTURE, ("SLANeXt_wireless", "SLANet_plus"), download="SLANet_plus"),
    Part(ModelRole.WIRED_CELLS, ("RT-DETR-L_wired_table_cell_det",)),
    Part(ModelRole.WIRELESS_CELLS, ("RT-DETR-L_wireless_table_cell_det",)),
)

_TABLE_PIPELINE = "table_recognition_v2"
_TEXT_DETECTORS = ("PP-OCRv6_medium_det", "PP-OCRv6_small_det", "PP-OCRv6_tiny_det")
_TEXT_READERS = ("PP-OCRv6_medium_rec", "PP-OCRv6_small_rec", "PP-OCRv6_tiny_rec")

_PIPELINES = (
    ModelEntry(
        id=_TABLE_PIPELINE,
        role=ModelRole.TABLE_PIPELINE,
        title="Tables by several models: ruled and unruled ones apart",
        source=None,
        size=0,
        sha256="",
        licence="Apache-2.0",
        memory_mb=2400,
        features=(Feature.TABLES,),
        estimated=True,
        parts=TABLE_PARTS,
    ),
    ModelEntry(
        id="PP-StructureV3",
        role=ModelRole.STRUCTURE,
        title="PP-StructureV3: pages as a whole",
        source=None,
        size=0,
        sha256="",
        licence="Apache-2.0",
        memory_mb=9000,
        features=(
            Feature.ORIENTATION,
            Feature.UNWARP,
            Feature.TABLES,
            Feature.FORMULAS,
            Feature.CHARTS,
            Feature.SEALS,
        ),
        estimated=True,
        parts=(
            Part(ModelRole.REGIONS, ("PP-DocLayout_plus-L",)),
            Part(ModelRole.TEXT_DETECTION, _TEXT_DETECTORS, download="PP-OCRv6_small_det"),
            Part(ModelRole.TEXT_RECOGNITION, _TEXT_READERS, download="PP-OCRv6_small_rec"),
            Part(ModelRole.PAGE_BLOCKS, ("PP-DocBlockLayout",), required=False),
            Part(ModelRole.LINE_ORIENTATION, ("PP-LCNet_x1_0_textline_ori",), required=False),
            Part(ModelRole.PAGE_ORIENTATION, ("PP-LCNet_x1_0_doc_ori",), False, Feature.ORIENTATION),
            Part(ModelRole.UNWARP, ("UVDoc",), False, Feature.UNWARP),
            *(Part(part.role, part.models, False, Feature.TABLES, part.download) for part in TABLE_PARTS),
            Part(
                ModelRole.FORMULA,
                ("PP-FormulaNet_plus-L", "PP-FormulaNet_plus-M", "PP-FormulaNet_plus-S"),
                False,
                Feature.FORMULAS,
            ),
            Part(ModelRole.CHART, ("PP-Chart2Table",), False, Feature.CHARTS),
            Part(
                ModelRole.SEAL_DETECTION,
                ("PP-OCRv4_server_seal_det", "PP-OCRv4_mobile_seal_det"),
                False,
                Feature.SEALS,
            ),
        ),
    ),
)

DOWNLOADS: tuple[ModelEntry, ...] = (*_TEXT, *_LAYOUT, *_TABLES, *_OTHERS, *_PIPELINES)
