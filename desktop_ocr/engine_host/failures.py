"""What libraries raise when memory runs out or a GPU cannot be used, as errors that the parent can act on.

None of the libraries is imported here: their exceptions are known by name and wording.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

UNUSABLE = frozenset({ErrorCode.MODEL_MISSING, ErrorCode.MODEL_DAMAGED})
"""A model cannot be loaded now, and not for the next page either: what it does is left out."""
_DEPTH = 8
"""Causes of causes that are looked at."""

_OUT_OF_MEMORY = re.compile(
    r"out of memory|out-of-memory|outofmemory"
    r"|insufficient memory"  # OpenCV
    r"|failed to allocate memory|bad allocation|bad_alloc"  # ONNX Runtime
    r"|bfcarena|bfc_arena|smaller than requested bytes"
    r"|resourceexhausted"  # paddle
    r"|(cublas|cudnn|cusolver|cufft)_(status_)?(alloc_failed|internal_error_host_allocation_failed)"
    r"|cudaerrormemoryallocation|cuda failure 2\b"
    r"|unable to allocate"  # numpy
    r"|[mcre]+alloc[ (][^\n]* failed"  # MuPDF
    r"|can't start new thread"  # a thread's stack is memory
    r"|failed to map segment from shared object"  # a library that is loaded late
    r"|cannot allocate memory(?! in static tls)",
    re.IGNORECASE,
)
_OF_GPU = re.compile(
    r"cuda|cublas|cudnn|\bgpu\b"
    r"|bfcarena|bfc_arena|failed to allocate memory|smaller than requested bytes",  # on a GPU these are of its arena
    re.IGNORECASE,
)
_OF_RAM = re.compile(r"bad alloc|bad_alloc|pinned|failed to map segment", re.IGNORECASE)
_GPU_LOST = re.compile(
    r"cuda failure|cuda error|cudaerror\w|cuda runtime error|cuda driver|cudnn failure|cublas failure"
    r"|(cublas|cudnn)_status_\w"
    r"|no cuda-capable device|cuda-capable device\(s\) is/are busy|device-side"
    r"|cudaexecutionprovider\W+is not available|providers are unavailable.*cudaexecutionprovider"
    r"|driver (on your system )?is too old|no nvidia driver|not compiled with cuda"
    r"|lib(cuda|cudart|cublas|cublaslt|cudnn|cufft|curand|cusparse|cusolver|nvrtc)\w*\.so"
    r"|gpu is lost|fallen off the bus|invalid device (ordinal|id)",
    re.IGNORECASE | re.DOTALL,
)


def classify(error: BaseException, device: str, subject: str) -> DesktopOcrError | None:
    """What an exception means, where it is about memory or the GPU.

    Args:
        error: what a library raised.
        device: that the host works on: "cpu", "gpu:0", ...
        subject: what there was not enough memory for: "this page", "the model".

    Returns:
        OUT_OF_MEMORY, GPU_LOST (on a GPU only), or None where it is something else.
    """
    on_gpu = device.startswith("gpu")
    chain = list(_chain(error))
    for one in chain:
        if _is_out_of_memory(one):
            return out_of_memory(subject, of_gpu=on_gpu and _is_of_gpu(one))
    if on_gpu and any(_GPU_LOST.search(_words(one)) for one in chain):
        return gpu_lost()
    return None


def out_of_memory(subject: str, *, of_gpu: bool = False) -> DesktopOcrError:
    """Memory, or the graphics card's memory, did not suffice."""
    if of_gpu:
        return DesktopOcrError(
            ErrorCode.OUT_OF_MEMORY,
            f"The graphics card did not have enough memory for {subject}.",
            "Close other programs that use it.",
        )
    return DesktopOcrError(
        ErrorCode.OUT_OF_MEMORY, f"There was not enough memory for {subject}.", "Close other programs."
    )


def gpu_lost() -> DesktopOcrError:
    """The graphics card cannot be used, or not any more."""
    return DesktopOcrError(
        ErrorCode.GPU_LOST,
        "The graphics card cannot be used.",
        "Run 'desktop-ocr doctor' to see why, or choose the CPU in the settings.",
    )


def first_line(error: BaseException) -> str:
    """An exception for the log: its kind, and the first 200 characters of what it says."""
    return _words(error).partition("\n")[0][:200]


def _is_out_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError):  # numpy's is one, too
        return True
    if isinstance(error, DesktopOcrError):
        return error.code is ErrorCode.OUT_OF_MEMORY
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno == errno.ENOMEM
    return _OUT_OF_MEMORY.search(_words(error)) is not None


def _is_of_gpu(error: BaseException) -> bool:
    """Whether it was the GPU's memory, of a host that works on one."""
    words = _words(error)
    return not isinstance(error, OSError) and _OF_GPU.search(words) is not None and _OF_RAM.search(words) is None


def _words(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__name__}: {error}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what it was raised from: libraries wrap each other's."""
    one: BaseException | None = error
    for _ in range(_DEPTH):
        if one is None:
            return
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
