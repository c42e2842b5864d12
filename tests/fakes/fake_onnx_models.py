"""Models that know nothing, with the true inputs, outputs and `inference.yml` of those whose weights cannot be had.

paddleocr's own classes load and run them. Each answers the same whatever it is shown, in the form of the real one:
boxes by fractions of the page, one table, one formula. Its numbers lie in a file beside it, which ONNX Runtime maps
into memory for as long as the model is loaded: who looks at a host's maps sees which models it holds.

A file FAKE in their folders makes the program refuse them; hosts of tests are told to take them all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import yaml
from onnx import TensorProto, helper, numpy_helper

from desktop_ocr.engine_host.model_folders import ALLOW_FAKES, FAKE
from desktop_ocr.schema.engine_messages import ModelFolder

ALLOWED = {ALLOW_FAKES: "1"}
"""Environment of a host that takes fakes."""

WEIGHTS = "inference.onnx.data"
_WEIGHT_COUNT = 500_000
_OPSET = 17
_F, _I32, _I64 = TensorProto.FLOAT, TensorProto.INT32, TensorProto.INT64

LAYOUT_LABELS = [
    "paragraph_title",
    "image",
    "text",
    "number",
    "abstract",
    "content",
    "figure_title",
    "formula",
    "table",
    "reference",
    "doc_title",
    "footnote",
    "header",
    "algorithm",
    "footer",
    "seal",
    "chart",
    "formula_number",
    "aside_text",
    "reference_content",
]
"""Of PP-DocLayout_plus-L."""

_SPANS = [f' {kind}span="{size}"' for kind in ("col", "row") for size in range(2, 21)]
TABLE_TOKENS = [
    "<thead>",
    "</thead>",
    "<tbody>",
    "</tbody>",
    "<tr>",
    "</tr>",
    "<td></td>",
    "<td",
    ">",
    "</td>",
    *_SPANS,
]
"""What the structure models write tables with."""

Found = tuple[str, float, tuple[float, float, float, float]]
"""A label, a score, and a box in fractions of the picture."""


def fake_detector(
    folder: Path, role: str, model: str, labels: Sequence[str], found: Sequence[Found], side: int
) -> ModelFolder:
    """RT-DETR as exported by paddle2onnx: PP-DocLayout_plus-L, PP-DocBlockLayout, the detectors of table cells."""
    classes = np.array([[labels.index(label), score] for label, score, _ in found], np.float32).reshape(-1, 2)
    boxes = np.array([box for _, _, box in found], np.float32).reshape(-1, 4)
    nodes = [
        helper.make_node("Div", ["im_shape", "scale_factor"], ["sizes"]),
        helper.make_node("Gather", ["sizes", "first"], ["size"], axis=0),
        helper.make_node("Gather", ["size", "wide_high"], ["scale"], axis=0),
        helper.make_node("Mul", ["fractions", "scale"], ["boxes"]),
        helper.make_node("Concat", ["classes", "boxes"], ["plain"], axis=1),
        *_touching("image", "plain", "fetch_name_0"),
        helper.make_node("Identity", ["count"], ["fetch_name_1"]),
    ]
    constants = {
        "first": np.array(0, np.int64),
        "wide_high": np.array([1, 0, 1, 0], np.int64),
        "fractions": boxes,
        "classes": classes,
        "count": np.array([len(found)], np.int32),
    }
    graph = _graph(
        nodes,
        [("im_shape", _F, [None, 2]), ("image", _F, [None, 3, side, side]), ("scale_factor", _F, [None, 2])],
        [("fetch_name_0", _F, [None, 6]), ("fetch_name_1", _I32, [None])],
        constants,
    )
    config = {
        "mode": "paddle",
        "draw_threshold": 0.5,
        "metric": "COCO",
        "use_dynamic_shape": False,
        "arch": "DETR",
        "min_subgraph_size": 3,
        "Preprocess": [
            {"type": "Resize", "interp": 2, "keep_ratio": False, "target_size": [side, side]},
            {"type": "NormalizeImage", "mean": [0.0] * 3, "std": [1.0] * 3, "norm_type": "none"},
            {"type": "Permute"},
        ],
        "label_list": list(labels),
    }
    return _write(folder, role, model, graph, config)


def fake_classifier(folder: Path, role: str, model: str, labels: Sequence[str], answer: str) -> ModelFolder:
    """PP-LCNet: ruled or unruled tables, which way up a line is."""
    scores = np.array([[0.9 if label == answer else 0.1 / (len(labels) - 1) for label in labels]], np.float32)
    graph = _graph(
        [*_for_each("x", "scores", scores.ndim), *_touching("x", "each", "fetch_name_0")],
        [("x", _F, [None, 3, None, None])],
        [("fetch_name_0", _F, [None, len(labels)])],
        {"scores": scores, **_numbers(scores.ndim)},
    )
    config = {
        "PreProcess": {
            "transform_ops": [
                {"ResizeImage": {"resize_short": 256}},
                {"CropImage": {"size": 224}},
                {
                    "NormalizeImage": {
                        "channel_num": 3,
                        "mean": [0.485, 0.456, 0.406],
                        "std": [0.229, 0.224, 0.225],
                        "scale": 1 / 255,
                        "order": "",
                    }
                },
                {"ToCHWImage": None},
            ]
        },
        "PostProcess": {"Topk": {"topk": 1, "label_list": list(labels)}},
    }
    return _write(folder, role, model, graph, config)


def fake_table_structure(folder: Path, role: str, model: str, rows: int, columns: int, side: int = 512) -> ModelFolder:
    """SLANeXt: a grid of so many cells."""
    tokens = ["<tbody>", *(["<tr>", *["<td></td>"] * columns, "</tr>"] * rows), "</tbody>"]
    alphabet = ["sos", *TABLE_TOKENS, "eos"]
    written = [alphabet.index(token) for token in [*tokens, "eos"]]
    probabilities = np.zeros((1, len(written), len(alphabet)), np.float32)
    probabilities[0, np.arange(len(written)), written] = 1
    places = np.zeros((1, len(written), 8), np.float32)
    cell = 0
    for number, tag in enumerate(tokens):
        if tag == "<td></td>":
            (row, column), cell = divmod(cell, columns), cell + 1
            x0, x1, y0, y1 = column / columns, (column + 1) / columns, row / rows, (row + 1) / rows
            places[0, number] = [x0, y0, x1, y0, x1, y1, x0, y1]
    graph = _graph(
        [
            *_for_each("x", "places", 3),
            *_touching("x", "each", "fetch_name_0"),
            helper.make_node("Expand", ["probabilities", "shape"], ["fetch_name_1"]),
        ],
        [("x", _F, [None, 3, side, side])],
        [("fetch_name_0", _F, [None, len(written), 8]), ("fetch_name_1", _F, [None, len(written), len(alphabet)])],
        {"places": places, "probabilities": probabilities, **_numbers(3)},
    )
    config = {
        "PreProcess": {
            "transform_ops": [
                {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
                {
                    "TableLabelEncode": {
                        "learn_empty_box": False,
                        "loc_reg_num": 8,
                        "max_text_length": 500,
                        "merge_no_span_structure": True,
                        "replace_empty_cell_token": False,
                    }
                },
                {"TableBoxEncode": {"in_box_format": "xyxyxyxy", "out_box_format": "xyxyxyxy"}},
                {"ResizeTableImage": {"max_len": side}},
                {
                    "NormalizeImage": {
                        "mean": [0.485, 0.456, 0.406],
                        "std": [0.229, 0.224, 0.225],
                        "scale": "1./255.",
                        "order": "hwc",
                    }
                },
                {"PaddingTableImage": {"size": [side, side]}},
                {"ToCHWImage": None},
                {"KeepKeys": {"keep_keys": ["image", "structure", "bboxes", "bbox_masks", "length", "shape"]}},
            ]
        },
        "PostProcess": {
            "name": "TableLabelDecode",
            "merge_no_span_structure": True,
            "character_dict": list(TABLE_TOKENS),
        },
    }
    return _write(folder, role, model, graph, config)


def fake_formula_model(folder: Path, latex: Sequence[str], model: str = "PP-FormulaNet_plus-S") -> ModelFolder:
    """PP-FormulaNet: writes these tokens for every picture."""
    vocabulary = ["<s>", "<pad>", "</s>", "<unk>", *dict.fromkeys(latex)]
    written = np.array([[0, *(vocabulary.index(token) for token in latex), 2]], np.int64)
    nodes = [*_for_each("x", "written", 2), *_touching("x", "each", "fetch_name_0", kind=_I64)]
    graph = _graph(
        nodes,
        [("x", _F, [None, 1, 384, 384])],
        [("fetch_name_0", _I64, [None, written.shape[1]])],
        {"written": written, **_numbers(2)},
    )
    special = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    tokenizer = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": number, "content": vocabulary[number], **special} for number in range(4)],
        "normalizer": None,
        "pre_tokenizer": byte_level,
        "post_processor": None,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": "<unk>",
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "vocab": {token: number for number, token in enumerate(vocabulary)},
            "merges": [],
        },
    }
    config = {
        "PreProcess": {
            "transform_ops": [
                {"UniMERNetImgDecode": {"input_size": [384, 384]}},
                {"UniMERNetTestTransform": None},
                {"LatexImageFormat": None},
                {"UniMERNetLabelEncode": {"max_seq_len": 1024, "rec_char_dict_path": "unimernet_tokenizer"}},
                {"KeepKeys": {"keep_keys": ["image", "label", "attention_mask", "filename"]}},
            ]
        },
        "PostProcess": {"name": "UniMERNetDecode", "character_dict": {"fast_tokenizer_file": tokenizer}},
    }
    return _write(folder, "formula", model, graph, config)


def fake_seal_detector(folder: Path, model: str = "PP-OCRv4_mobile_seal_det") -> ModelFolder:
    """PP-OCRv4's detector for seals: whatever is dark is writing."""
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["grey"], axes=[1], keepdims=1),
        helper.make_node("Sub", ["middle", "grey"], ["dark"]),
        # Letters become lines.
        helper.make_node("MaxPool", ["dark"], ["wide"], kernel_shape=[9, 61], pads=[4, 30, 4, 30]),
        helper.make_node("Mul", ["wide", "steep"], ["steeper"]),
        helper.make_node("Sigmoid", ["steeper"], ["plain"]),
        *_touching("x", "plain", "fetch_name_0"),
    ]
    graph = _graph(
        nodes,
        [("x", _F, [None, 3, None, None])],
        [("fetch_name_0", _F, [None, 1, None, None])],
        {"middle": np.array(0.5, np.float32), "steep": np.array(4.0, np.float32)},
    )
    config = {
        "PreProcess": {
            "transform_ops": [
                {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
                {"DetLabelEncode": None},
                {"DetResizeForTest": {"resize_long": 736}},
                {
                    "NormalizeImage": {
                        "mean": [0.485, 0.456, 0.406],
                        "std": [0.229, 0.224, 0.225],
                        "scale": "1./255.",
                        "order": "hwc",
                    }
                },
                {"ToCHWImage": None},
                {"KeepKeys": {"keep_keys": ["image", "shape", "polys", "ignore_tags"]}},
            ]
        },
        "PostProcess": {
            "name": "DBPostProcess",
            "thresh": 0.2,
            "box_thresh": 0.6,
            "max_candidates": 1000,
            "unclip_ratio": 0.5,
            "box_type": "poly",
        },
    }
    return _write(folder, "seal-detection", model, graph, config)


def fake_unwarper(folder: Path) -> ModelFolder:
    """UVDoc: mirrors the page, so that one sees that it was there."""
    nodes = [
        helper.make_node("Slice", ["image", "start", "end", "axis", "step"], ["plain"]),
        *_touching("image", "plain", "fetch_name_0"),
    ]
    graph = _graph(
        nodes,
        [("image", _F, [None, 3, None, None])],
        [("fetch_name_0", _F, [None, 3, None, None])],
        {
            "start": np.array([-1], np.int64),
            "end": np.array([np.iinfo(np.int64).min], np.int64),
            "axis": np.array([3], np.int64),
            "step": np.array([-1], np.int64),
        },
    )
    return _write(folder, "unwarp", "UVDoc", graph, {})


def fake_table_parts(folder: Path, rows: int = 2, columns: int = 2) -> tuple[ModelFolder, ...]:
    """All models of the pipeline for tables; they see a ruled table of so many cells."""
    cells: list[Found] = [
        ("cell", 0.9, (column / columns, row / rows, (column + 1) / columns, (row + 1) / rows))
        for row in range(rows)
        for column in range(columns)
    ]
    return (
        fake_classifier(
            folder, "table-classification", "PP-LCNet_x1_0_table_cls", ["wired_table", "wireless_table"], "wired_table"
        ),
        fake_table_structure(folder, "wired-structure", "SLANeXt_wired", rows, columns),
        fake_table_structure(folder, "wireless-structure", "SLANeXt_wireless", rows, columns),
        fake_detector(folder, "wired-cells", "RT-DETR-L_wired_table_cell_det", ["cell"], cells, 640),
        fake_detector(folder, "wireless-cells", "RT-DETR-L_wireless_table_cell_det", ["cell"], cells, 640),
    )


# --- graphs -------------------------------------------------------------------------------------------------------


def _numbers(dimensions: int) -> dict[str, np.ndarray[Any, Any]]:
    """Constants of `_for_each`."""
    return {"batch": np.array([0], np.int64), "ones": np.ones(dimensions - 1, np.int64)}


def _for_each(source: str, constant: str, dimensions: int) -> list[Any]:
    """Nodes that repeat a constant of so many dimensions for each picture of a batch, as "each"."""
    del dimensions
    return [
        helper.make_node("Shape", [source], ["shapes"]),
        helper.make_node("Gather", ["shapes", "batch"], ["pictures"], axis=0),
        helper.make_node("Concat", ["pictures", "ones"], ["shape"], axis=0),
        helper.make_node("Expand", [constant, "shape"], ["each"]),
    ]


def _touching(source: str, result: str, output: str, kind: int = _F) -> list[Any]:
    """Nodes that need the picture and the weights for a result, which stays what it is.

    A weight is looked up by the number of pictures, multiplied by zero, and added: no optimizer can leave it out.
    """
    return [
        helper.make_node("Shape", [source], [f"{output}_shape"]),
        helper.make_node("Gather", [f"{output}_shape", "weights_first"], [f"{output}_many"], axis=0),
        helper.make_node("Gather", ["weights", f"{output}_many"], [f"{output}_weight"], axis=0),
        helper.make_node("Cast", [f"{output}_weight"], [f"{output}_cast"], to=kind),
        helper.make_node("Cast", ["weights_zero"], [f"{output}_zero"], to=kind),
        helper.make_node("Mul", [f"{output}_cast", f"{output}_zero"], [f"{output}_nothing"]),
        helper.make_node("Add", [result, f"{output}_nothing"], [output]),
    ]


def _graph(
    nodes: Sequence[Any],
    inputs: Sequence[tuple[str, int, list[Any]]],
    outputs: Sequence[tuple[str, int, list[Any]]],
    constants: dict[str, np.ndarray[Any, Any]],
) -> Any:
    random = np.random.default_rng(7)
    constants = {
        **constants,
        "weights": random.random(_WEIGHT_COUNT, np.float32),
        "weights_first": np.array(0, np.int64),
        "weights_zero": np.array(0.0, np.float32),
    }
    return helper.make_graph(
        nodes,
        "fake",
        [helper.make_tensor_value_info(*one) for one in inputs],
        [helper.make_tensor_value_info(*one) for one in outputs],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )


def _write(folder: Path, role: str, model: str, graph: Any, config: dict[str, Any]) -> ModelFolder:
    target = folder / model
    target.mkdir(parents=True)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=8)
    helper.set_model_props(made, {"fake": "made by a test; it knows nothing"})
    onnx.checker.check_model(made)
    onnx.save_model(
        made, str(target / "inference.onnx"), save_as_external_data=True, location=WEIGHTS, size_threshold=100_000
    )
    whole = {"Global": {"model_name": model}, **config}
    (target / "inference.yml").write_text(yaml.safe_dump(whole, sort_keys=False), encoding="utf-8")
    (target / FAKE).write_text("Made by a test.\n")
    return ModelFolder(role, model, str(target))
