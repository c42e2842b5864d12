"""PP-StructureV3 as one model.

What it looks for is decided when it is built: flags at call time leave the models of what is not wanted loaded.
"""

from __future__ import annotations

import copy
from typing import Any

import msgspec
from paddleocr import PPStructureV3

from desktop_ocr.engine_host.bitmap import Image
from desktop_ocr.engine_host.features import looking
from desktop_ocr.engine_host.features.paddle_results import bgr
from desktop_ocr.engine_host.features.structure_convert import Answer, convert
from desktop_ocr.engine_host.features.table_pipeline import config_of, reads_whole, table_modules
from desktop_ocr.engine_host.runtime import build_pipeline
from desktop_ocr.schema.engine_messages import EngineOptions, ModelFolder
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.features import Feature, FeatureMode, Features
from desktop_ocr.schema.results import BlockKind, PageNote, PageResult
from desktop_ocr.schema.roles import ModelRole

_TABLES = (
    ModelRole.TABLE_CLASSIFICATION,
    ModelRole.WIRED_STRUCTURE,
    ModelRole.WIRELESS_STRUCTURE,
    ModelRole.WIRED_CELLS,
    ModelRole.WIRELESS_CELLS,
)
_NEEDED = {
    Feature.ORIENTATION: (ModelRole.PAGE_ORIENTATION,),
    Feature.UNWARP: (ModelRole.UNWARP,),
    Feature.TABLES: _TABLES,
    Feature.FORMULAS: (ModelRole.FORMULA,),
    Feature.CHARTS: (ModelRole.CHART,),
    Feature.SEALS: (ModelRole.SEAL_DETECTION,),
}
"""The parts of a feature; without one of them it is left out."""
_READ = {
    BlockKind.TABLE: Feature.TABLES,
    BlockKind.FORMULA: Feature.FORMULAS,
    BlockKind.CHART: Feature.CHARTS,
    BlockKind.SEAL: Feature.SEALS,
}
"""Kinds of blocks that the parts of a feature are given."""
_ALWAYS = (ModelRole.REGIONS, ModelRole.TEXT_DETECTION, ModelRole.TEXT_RECOGNITION)
_FORMULAS_AT_A_TIME = 4


class StructureReaderPaddle:
    """paddleocr's PPStructureV3."""

    def __init__(self, folder: ModelFolder, options: EngineOptions) -> None:
        """Load the models among the folder's parts, and no others.

        Raises:
            DesktopOcrError: as `runtime.build_pipeline`; MODEL_MISSING where a part that all pages need is not there.
        """
        self._name = folder.model
        self._parts = {ModelRole(part.role): part for part in folder.parts}
        self._how = reads_whole(folder.parts)
        self._can = frozenset(feature for feature, roles in _NEEDED.items() if self._parts.keys() >= set(roles))
        for role in _ALWAYS:
            if role not in self._parts:
                raise DesktopOcrError(
                    ErrorCode.MODEL_MISSING,
                    f"{folder.model} cannot be used: its model for {role} is not installed.",
                    "Install it on the page Models, or with: desktop-ocr models install",
                )
        self._pipeline: Any = build_pipeline(PPStructureV3, folder, options, self._config(options.detection_side))
        self._share_recogniser()

    def read(self, image: Image, page: int, dpi: float, features: Features) -> PageResult:
        """The page's result."""
        turn, flatten = self._before(image, features)
        result = self._pipeline.predict(
            bgr(image),
            use_doc_orientation_classify=turn,
            use_doc_unwarping=flatten,
            use_textline_orientation=ModelRole.LINE_ORIENTATION in self._parts,
            # It would load the text models a second time, to read turned tables; pages are turned as a whole.
            use_table_orientation_classify=False,
            # It would read lines that cross cells once more, with text models of the table pipeline's own.
            use_ocr_results_with_table_cells=False,
            **self._how,
        )[0]
        answer = Answer.of(result)
        del result  # and its pictures
        rotation = (360 - answer.angle) % 360 if turn and answer.angle > 0 else 0
        made = convert(answer, page, dpi, rotation, unwarped=flatten)
        return _named(made, self._worked(made, turn=turn), self._missing(features))

    def _before(self, image: Image, features: Features) -> tuple[bool, bool]:
        """Whether the page is to be turned upright, and flattened."""
        turn = Feature.ORIENTATION in self._can and features.wants(Feature.ORIENTATION)
        flatten = Feature.UNWARP in self._can and (
            features.unwarp is FeatureMode.ON or (features.unwarp is FeatureMode.AUTO and looking.seems_bent(image))
        )
        return turn, flatten

    def _worked(self, result: PageResult, *, turn: bool) -> tuple[str, ...]:
        """The parts that worked on a page: those of a feature where the page has what they are for."""
        kinds = {block.kind for block in result.blocks}
        done = {feature for kind, feature in _READ.items() if kind in kinds}
        done |= {Feature.FORMULAS} if any(line.text.startswith("$") for line in result.lines) else set()
        done |= {Feature.ORIENTATION} if turn else set()
        done |= {Feature.UNWARP} if result.unwarped else set()
        idle = {role for feature, roles in _NEEDED.items() if feature not in done for role in roles}
        parts = (part.model for role, part in self._parts.items() if role not in idle)
        return tuple(dict.fromkeys((self._name, *parts)))

    def _missing(self, features: Features) -> tuple[PageNote, ...]:
        from desktop_ocr.engine_host.features import stages

        wanted = (feature for feature in _NEEDED if features.wants(feature) and feature not in self._can)
        return tuple(stages.missing(feature) for feature in wanted)

    def _config(self, side: int) -> dict[str, Any]:
        """paddlex's own settings for the pipeline, with our models in it, and nothing that could be downloaded."""
        from paddlex.inference import load_pipeline_config

        config: dict[str, Any] = copy.deepcopy(dict(load_pipeline_config("PP-StructureV3")))
        modules, pipelines = config["SubModules"], config["SubPipelines"]
        config |= {
            "batch_size": 1,
            "use_doc_preprocessor": bool(self._can & {Feature.ORIENTATION, Feature.UNWARP}),
            "use_doc_orientation_classify": False,  # those two are asked for here, and set in a place of their own
            "use_doc_unwarping": False,
            "use_table_recognition": Feature.TABLES in self._can,
            "use_formula_recognition": Feature.FORMULAS in self._can,
            "use_chart_recognition": Feature.CHARTS in self._can,
            "use_seal_recognition": Feature.SEALS in self._can,
            "use_region_detection": ModelRole.PAGE_BLOCKS in self._parts,
        }
        self._fill(modules, "LayoutDetection", ModelRole.REGIONS, batch_size=1)
        self._fill(modules, "RegionDetection", ModelRole.PAGE_BLOCKS)
        self._fill(modules, "ChartRecognition", ModelRole.CHART, batch_size=1)
        before = pipelines["DocPreprocessor"]
        before |= {
            "batch_size": 1,
            "use_doc_orientation_classify": Feature.ORIENTATION in self._can,
            "use_doc_unwarping": Feature.UNWARP in self._can,
        }
        self._fill(before["SubModules"], "DocOrientationClassify", ModelRole.PAGE_ORIENTATION, batch_size=1)
        self._fill(before["SubModules"], "DocUnwarping", ModelRole.UNWARP)
        text = pipelines["GeneralOCR"]
        text |= {"batch_size": 1, "use_textline_orientation": ModelRole.LINE_ORIENTATION in self._parts}
        self._fill(text["SubModules"], "TextDetection", ModelRole.TEXT_DETECTION, limit_side_len=side, limit_type="max")
        self._fill(text["SubModules"], "TextLineOrientation", ModelRole.LINE_ORIENTATION, batch_size=1)
        # Singly: padding lines to a common width only costs time.
        self._fill(
            text["SubModules"], "TextRecognition", ModelRole.TEXT_RECOGNITION, batch_size=1, return_word_box=True
        )
        table = pipelines["TableRecognition"]
        table["SubModules"], table["SubPipelines"] = table_modules(list(self._parts.values())), {}
        seal = pipelines["SealRecognition"]["SubPipelines"]["SealOCR"]
        seal["batch_size"] = 1
        self._fill(seal["SubModules"], "TextDetection", ModelRole.SEAL_DETECTION)
        self._fill(seal["SubModules"], "TextRecognition", ModelRole.TEXT_RECOGNITION, batch_size=1)
        formula = pipelines["FormulaRecognition"]
        formula["batch_size"] = 1
        self._fill(formula["SubModules"], "FormulaRecognition", ModelRole.FORMULA, batch_size=_FORMULAS_AT_A_TIME)
        return config

    def _fill(self, modules: dict[str, Any], name: str, role: ModelRole, **more: object) -> None:
        part = self._parts.get(role)
        if part is None:
            del modules[name]
        else:
            modules[name] |= {**config_of(part, modules[name]["module_name"]), **more}

    def _share_recogniser(self) -> None:
        """Let seals be read by the recogniser of all lines: paddlex loads it twice."""
        if Feature.SEALS in self._can:
            whole = self._pipeline.paddlex_pipeline
            seals = _inner(_inner(whole.seal_recognition_pipeline).seal_ocr_pipeline)
            seals.text_rec_model = _inner(whole.general_ocr_pipeline).text_rec_model


def _inner(pipeline: Any) -> Any:
    """What does the work in one of paddlex's pipelines for several devices."""
    return vars(pipeline).get("_pipeline", pipeline)


def _named(result: PageResult, models: tuple[str, ...], notes: tuple[PageNote, ...]) -> PageResult:
    return msgspec.structs.replace(result, models=models, notes=(*result.notes, *notes))
