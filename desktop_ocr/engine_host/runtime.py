"""How models are run with ONNX Runtime: by paddleocr, or directly where it does not know them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from desktop_ocr.engine_host.engines import (
    buckets,
    device_of,
    engine_config,
    forbid_downloads,
    require,
    require_structure_libraries,
)
from desktop_ocr.engine_host.failures import gpu_lost
from desktop_ocr.schema.engine_messages import EngineOptions, ModelFolder

CUDA = "CUDAExecutionProvider"
_ERRORS = 3


def build(
    model_class: Callable[..., Any],
    folder: ModelFolder,
    options: EngineOptions,
    *,
    threads: int | None = None,
    **more: object,
) -> Any:
    """Load a model, and make sure that it is where it should be.

    Args:
        model_class: of paddleocr.
        folder: of the model.
        options: of the host.
        threads: that one prediction uses; None for the host's.
        more: arguments of the class's own.

    Raises:
        DesktopOcrError: MODEL_MISSING where its engine is not installed, GPU_LOST where it should run on a GPU and
            does not.
    """
    require(folder)
    forbid_downloads()
    predictor = model_class(**model_arguments(folder, options, threads=threads), **more)
    stay_on_device(predictor, device_of(folder, options))
    return predictor


def build_pipeline(
    pipeline_class: Callable[..., Any], folder: ModelFolder, options: EngineOptions, config: object, **more: object
) -> Any:
    """Load a pipeline of several models, all on one device, each with its own engine.

    Args:
        pipeline_class: of paddleocr.
        folder: with the models as its `parts`.
        options: of the host.
        config: paddlex's for the pipeline, which names a model's `engine` beside its name.
        more: arguments of the class's own.

    Raises:
        DesktopOcrError: MODEL_MISSING where an engine or library is not installed, or a model would be downloaded;
            GPU_LOST where it should run on a GPU and does not.
    """
    require(folder)
    require_structure_libraries(folder.model)
    forbid_downloads()
    device = device_of(folder, options)
    pipeline = pipeline_class(
        paddlex_config=config,
        device=device,
        engine="onnxruntime",
        engine_config=buckets(folder.parts, device, folder.precision, options.threads),
        **more,
    )
    for predictor in predictors(pipeline.paddlex_pipeline):
        _stay(predictor, device)
    return pipeline


def model_arguments(folder: ModelFolder, options: EngineOptions, *, threads: int | None = None) -> dict[str, Any]:
    """Arguments that every paddleocr model class takes; see `engines.engine_config`."""
    device = device_of(folder, options)
    return {
        "model_name": folder.model,
        "model_dir": folder.folder,
        "engine": folder.engine,
        "device": device,
        "engine_config": engine_config(folder.engine, device, folder.precision, threads or options.threads),
    }


def predictors(pipeline: Any) -> Iterator[Any]:
    """The models of one of paddlex's pipelines, and of the pipelines in it."""
    from paddlex.inference.models import BasePredictor
    from paddlex.inference.pipelines.base import BasePipeline

    seen: set[int] = set()
    left = [pipeline]
    while left:
        one = left.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, BasePredictor):
            yield one
        elif isinstance(one, BasePipeline):
            left.extend(vars(one).values())


def stay_on_device(predictor: Any, device: str) -> None:
    """Refuse a model that ONNX Runtime put on the CPU because CUDA did not start, and forbid it to do so later.

    It says so in its log alone, and predicts on: many times slower, in RAM that nobody planned for.

    Args:
        predictor: of paddleocr; paddlex keeps the session in its runner.
        device: where it should be.

    Raises:
        DesktopOcrError: GPU_LOST.
    """
    _stay(predictor.paddlex_predictor, device)


def _stay(predictor: Any, device: str) -> None:
    session = getattr(getattr(predictor, "runner", None), "session", None)
    if session is None or not device.startswith("gpu"):
        return
    if CUDA not in session.get_providers():
        raise gpu_lost()
    session.disable_fallback()


def open_session(folder: ModelFolder, options: EngineOptions) -> Any:
    """Weights that paddleocr has no class for, as a session of ONNX Runtime, set up as the others are.

    Raises:
        DesktopOcrError: GPU_LOST where it should run on a GPU and does not.
    """
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.enable_cpu_mem_arena = False
    settings.enable_mem_pattern = False
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = _ERRORS
    device = folder.device or options.device
    on_gpu = device.startswith("gpu")
    providers: list[Any] = ["CPUExecutionProvider"]
    if on_gpu:
        providers.insert(0, (CUDA, {"device_id": int(device.partition(":")[2] or 0)}))
    session = onnxruntime.InferenceSession(str(Path(folder.folder) / "inference.onnx"), settings, providers=providers)
    if on_gpu:
        if CUDA not in session.get_providers():
            raise gpu_lost()
        session.disable_fallback()
    return session
