"""What libraries raise, in their own words, and what the parent is told."""

from __future__ import annotations

import errno

import cv2
import numpy as np
import pytest
from onnxruntime.capi import onnxruntime_pybind11_state as ort

from desktop_ocr.engine_host.failures import classify, first_line
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode


class OutOfMemoryError(RuntimeError):
    """Named as torch's, which cannot be had here."""


def numpys() -> BaseException:
    with pytest.raises(MemoryError) as caught:
        np.empty((1 << 40, 1 << 20), np.uint8)
    return caught.value


OF_RAM = [
    MemoryError(),
    numpys(),
    OSError(errno.ENOMEM, "Cannot allocate memory"),
    cv2.error("OpenCV(4.10.0) alloc.cpp:73: error: (-4:Insufficient memory) Failed to allocate 46645248 bytes"),
    ort.RuntimeException(
        "[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : running Conv node. Status Message: std::bad_alloc"
    ),
    ort.Fail("bad allocation"),
    RuntimeError("can't start new thread"),
    RuntimeError("code=5: malloc (123456 bytes) failed"),
    ImportError("libfoo.so: failed to map segment from shared object"),
]
OF_EITHER = [
    ort.RuntimeException(
        "bfc_arena.cc:376 AllocateRawInternal Failed to allocate memory for requested buffer of size 9"
    ),
    ort.Fail("Available memory of 100 is smaller than requested bytes of 200"),
]
OF_GPU = [
    ort.RuntimeException("CUDA failure 2: out of memory ; GPU=0 ; hostname=x ; expr=cudaMalloc((void**)&p, size);"),
    ort.Fail("CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0"),
    ort.Fail("CUDNN failure 4: CUDNN_STATUS_ALLOC_FAILED ; GPU=0"),
    OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 4 GiB"),
    SystemError("ResourceExhaustedError: Out of memory error on GPU 0. Cannot allocate 2.0GB memory on GPU 0"),
    MemoryError("ResourceExhaustedError: Out of memory error on GPU 0."),
]
LOST = [
    ort.Fail("CUDA failure 100: no CUDA-capable device is detected ; GPU=-1 ; expr=cudaSetDevice(info_.device_id);"),
    ort.Fail("CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version"),
    ort.EPFail("CUDA failure 46: all CUDA-capable devices are busy or unavailable"),
    RuntimeError("cudaErrorNoDevice"),
    RuntimeError("cudaErrorDevicesUnavailable"),
    RuntimeError("CUDA error: device-side assert triggered"),
    RuntimeError("CUDA driver initialization failed, you might not have a CUDA gpu."),
    RuntimeError("The NVIDIA driver on your system is too old (found version 11040)."),
    RuntimeError("Found no NVIDIA driver on your system."),
    ImportError("libcudart.so.12: cannot open shared object file: No such file or directory"),
    RuntimeError(
        "ONNX Runtime GPU inference is unavailable because `CUDAExecutionProvider` is not available. "
        "Available providers: ['AzureExecutionProvider', 'CPUExecutionProvider']."
    ),
    RuntimeError("Requested ONNX Runtime providers are unavailable: ['CUDAExecutionProvider']."),
]
OTHERS = [
    ValueError("a number is not finite"),
    FileNotFoundError(errno.ENOENT, "No such file"),
    ort.InvalidArgument("[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Got invalid dimensions for input: x"),
    cv2.error("OpenCV(4.10.0) resize.cpp:4152: error: (-215:Assertion failed) !ssize.empty() in function 'resize'"),
    ImportError("libgomp.so.1: cannot allocate memory in static TLS block"),
    DesktopOcrError(ErrorCode.DAMAGED, "The page's picture is damaged."),
]


@pytest.mark.parametrize("device", ["cpu", "gpu:0"])
@pytest.mark.parametrize("error", OF_RAM, ids=repr)
def test_no_more_ram(error: BaseException, device: str) -> None:
    told = classify(error, device, "this page")
    assert told is not None
    assert told.code is ErrorCode.OUT_OF_MEMORY
    assert told.retryable
    assert told.info.message == "There was not enough memory for this page."


@pytest.mark.parametrize("error", [*OF_GPU, *OF_EITHER], ids=repr)
def test_no_more_gpu_memory(error: BaseException) -> None:
    told = classify(error, "gpu:0", "the model")
    assert told is not None
    assert told.code is ErrorCode.OUT_OF_MEMORY
    assert told.info.message == "The graphics card did not have enough memory for the model."


@pytest.mark.parametrize("error", OF_EITHER, ids=repr)
def test_the_same_words_on_a_cpu_are_of_ram(error: BaseException) -> None:
    told = classify(error, "cpu", "this page")
    assert told is not None
    assert "graphics card" not in told.info.message


@pytest.mark.parametrize("error", LOST, ids=repr)
def test_a_gpu_that_cannot_be_used(error: BaseException) -> None:
    told = classify(error, "gpu:1", "this page")
    assert told is not None
    assert told.code is ErrorCode.GPU_LOST
    assert classify(error, "cpu", "this page") is None


@pytest.mark.parametrize("device", ["cpu", "gpu:0"])
@pytest.mark.parametrize("error", OTHERS, ids=repr)
def test_anything_else_is_left_alone(error: BaseException, device: str) -> None:
    assert classify(error, device, "this page") is None


def test_what_a_library_wrapped_is_seen() -> None:
    wrapped = RuntimeError("A dependency error occurred during predictor creation.")
    wrapped.__cause__ = ImportError("libcublas.so.12: cannot open shared object file")
    told = classify(wrapped, "gpu:0", "the model")
    assert told is not None
    assert told.code is ErrorCode.GPU_LOST


def test_the_log_gets_one_short_line() -> None:
    assert first_line(RuntimeError("a" * 500 + "\nb")).endswith("a")
    assert len(first_line(RuntimeError("a" * 500))) == 200
