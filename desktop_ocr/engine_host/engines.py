"""The engines that paddleocr runs models with: how each is set up, which are installed, and that none downloads."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping
from typing import Any

from desktop_ocr.schema.engine_messages import EngineOptions, ModelFolder
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

_ERRORS = 3
_DTYPES = {"fp16": "float16", "bf16": "bfloat16", "fp32": "float32"}
_PACKAGES: Mapping[str, tuple[str, ...]] = {
    "onnxruntime": ("onnxruntime",),
    "paddle_static": ("paddle",),
    "paddle_dynamic": ("paddle",),
    "transformers": ("transformers", "torch"),
}
"""Top-level packages that each engine needs."""
_INSTALL = {
    "onnxruntime": "pip install onnxruntime",
    "paddle_static": "pip install 'paddlepaddle>=3.2,<3.3'",
    "paddle_dynamic": "pip install 'paddlepaddle>=3.2,<3.3'",
    "transformers": "pip install transformers torch",
}


def engine_config(engine: str, device: str, precision: str, threads: int) -> dict[str, Any]:
    """An engine's own settings.

    ONNX Runtime's arena and memory pattern keep the largest page's memory for good: without them a host held
    0.65 GB instead of 1.7 GB after 8 pages, at the same speed (measured with paddleocr 3.7, onnxruntime 1.31). Of its
    log only errors: SLANet_plus warns of a loop's shapes some hundred times a table. Without a number it takes a thread
    for each core: lines, which are read several at a time, took a third more of the CPU. Paddle goes without oneDNN on
    the CPU: 3.3.0 and 3.3.1 crash with it, and its cache grows with every new size of a picture.

    Args:
        engine: as in `ModelFolder`.
        device: "cpu", "gpu:0", ...
        precision: "fp16", "bf16", "fp32"; "" for the engine's default.
        threads: of the CPU.
    """
    match engine:
        case "onnxruntime":
            return {
                "enable_cpu_mem_arena": False,
                "enable_mem_pattern": False,
                "intra_op_num_threads": threads,
                "log_severity_level": _ERRORS,
            }
        case "paddle_static" if device.startswith("gpu"):
            return {"run_mode": "paddle_fp16" if precision == "fp16" else "paddle"}
        case "paddle_static":
            return {"run_mode": "paddle", "cpu_threads": threads}
        case "transformers" if precision in _DTYPES:
            return {"dtype": _DTYPES[precision]}
    return {}


def buckets(folders: Iterable[ModelFolder], device: str, precision: str, threads: int) -> dict[str, dict[str, Any]]:
    """The settings of all engines that some models need, by engine: a pipeline of several takes them so."""
    return {engine: engine_config(engine, device, precision, threads) for engine in {one.engine for one in folders}}


def device_of(folder: ModelFolder, options: EngineOptions) -> str:
    """Where a model runs."""
    return folder.device or options.device


def require(folder: ModelFolder) -> None:
    """Make sure that a model's engine is installed, and its parts' engines.

    Raises:
        DesktopOcrError: MODEL_MISSING.
    """
    for one in folder.parts or (folder,):
        if not all(map(_installed, _PACKAGES.get(one.engine, ()))):
            raise DesktopOcrError(
                ErrorCode.MODEL_MISSING,
                f"The model {one.model} needs the engine {one.engine}, which is not installed.",
                f"Install it with: {_INSTALL[one.engine]}",
            )


def require_structure_libraries(subject: str) -> None:
    """Make sure that what paddlex's pipelines of several models, and its readers of formulas, import is installed.

    Raises:
        DesktopOcrError: MODEL_MISSING.
    """
    from paddlex.utils.deps import is_extra_available

    if not is_extra_available("ocr"):
        raise DesktopOcrError(
            ErrorCode.MODEL_MISSING,
            f"{subject} cannot be used: libraries that PaddleX needs for it are not installed.",
            'Install them with: pip install "paddlex[ocr]"',
        )


def forbid_downloads() -> None:
    """Have paddlex fail where it would fetch a model: a host gets its models from its parent, or does without."""
    from paddlex.inference.utils import official_models

    official_models._ModelManager._get_model_local_path = _refuse
    for hoster in official_models._ModelManager.hoster_candidates:
        hoster.get_model = _refuse


def _refuse(_: object, name: object) -> Any:
    names = (name,) if isinstance(name, str) else name
    wanted = next(iter(names), "") if isinstance(names, (tuple, list)) else ""
    raise DesktopOcrError(
        ErrorCode.MODEL_MISSING,
        f"The model {wanted} is not installed.",
        "Install it on the page Models, or with: desktop-ocr models install",
    )


def _installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):  # what is half installed cannot be used
        return False
