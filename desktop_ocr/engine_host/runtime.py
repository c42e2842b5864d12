"""How models are run with ONNX Runtime: by paddleocr, or directly where it does not know them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from desktop_ocr.engine_host.failures import gpu_lost
from desktop_ocr.schema.messages import EngineOptions, ModelFolder

CUDA = "CUDAExecutionProvider"


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
        DesktopOcrError: GPU_LOST where it should run on a GPU and does not.
    """
    predictor = model_class(**model_arguments(folder, options, threads=threads), **more)
    stay_on_device(predictor, options.device)
    return predictor


def model_arguments(folder: ModelFolder, options: EngineOptions, *, threads: int | None = None) -> dict[str, Any]:
    """Arguments that every paddleocr model class takes.

    ONNX Runtime's arena and memory pattern keep the largest page's memory for good: without them a host held
    0.65 GB instead of 1.7 GB after 8 pages, at the same speed (measured with paddleocr 3.7, onnxruntime 1.31).
    """
    return {
        "model_name": folder.model,
        "model_dir": folder.folder,
        "engine": "onnxruntime",
        "device": options.device,
        "cpu_threads": threads or options.threads,
        "engine_config": {"enable_cpu_mem_arena": False, "enable_mem_pattern": False},
    }


def stay_on_device(predictor: Any, device: str) -> None:
    """Refuse a model that ONNX Runtime put on the CPU because CUDA did not start, and forbid it to do so later.

    It says so in its log alone, and predicts on: many times slower, in RAM that nobody planned for.

    Args:
        predictor: of paddleocr; paddlex keeps the session in its runner.
        device: where it should be.

    Raises:
        DesktopOcrError: GPU_LOST.
    """
    if not device.startswith("gpu"):
        return
    session = predictor.paddlex_predictor.runner.session
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
    settings.log_severity_level = 3
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
