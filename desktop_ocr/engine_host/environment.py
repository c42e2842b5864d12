"""What the libraries must be told before they are imported: be quiet, stay offline, write nowhere else."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import tempfile
from pathlib import Path

from desktop_ocr.engine_host import late_imports

if sys.platform == "linux":
    import resource

# glibc's malloc.h
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_LARGE = 16 << 20


def prepare() -> None:
    """Set the process up. Call before numpy, onnxruntime or paddleocr is imported.

    - paddlex asks model hosts whether they can be reached, and makes folders under the home folder.
    - onnxruntime 1.31 writes a device id under the home folder and reports its use to its maker
      (its Privacy.md) unless told not to.
    - The Hugging Face and ModelScope clients that paddlex imports are told to stay offline.
    """
    # The parent's own temporary folder, which goes when the parent goes.
    scratch = Path(tempfile.mkdtemp(prefix="libraries-"))
    os.environ.update(
        {
            "PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK": "True",
            "PADDLE_PDX_CACHE_HOME": str(scratch),
            "ORT_DISABLE_TELEMETRY": "1",
            "HF_HUB_OFFLINE": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "TRANSFORMERS_OFFLINE": "1",
            "DISABLE_TELEMETRY": "1",
            "DO_NOT_TRACK": "1",
            "MODELSCOPE_CACHE": str(scratch / "modelscope"),
            "AISTUDIO_LOG": "critical",
            "NO_ALBUMENTATIONS_UPDATE": "1",
            # numpy's BLAS is not used for anything large: its threads would only hold buffers.
            "OPENBLAS_NUM_THREADS": "1",
        }
    )
    late_imports.postpone()
    _tune_malloc()


def limit_threads(threads: int) -> None:
    """Tell OpenMP libraries how many threads they may use. Call before they are imported."""
    os.environ["OMP_NUM_THREADS"] = str(threads)


def trim() -> None:
    """Give free heap pages back to the system (glibc only)."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):
            ctypes.CDLL(None).malloc_trim(0)


class DataLimit:
    """How much data (heap, private memory, stacks) this process may hold: RLIMIT_DATA, on Linux only.

    Beyond it allocations fail, as they do where memory is really at its end. Only the soft limit is moved, so that
    it can be raised again.
    """

    def __init__(self) -> None:
        """Note the limit that the process was started with."""
        self._started_with = resource.getrlimit(resource.RLIMIT_DATA) if sys.platform == "linux" else None

    def set(self, megabytes: int) -> None:
        """Allow so many MB (10^6 bytes); 0 for what the process was started with."""
        if self._started_with is None or sys.platform != "linux":
            return
        soft, hard = self._started_with
        wanted = megabytes * 1_000_000
        if megabytes > 0 and (soft == resource.RLIM_INFINITY or wanted < soft):
            soft = wanted
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _tune_malloc() -> None:
    """Few arenas, and large blocks from mmap: what a model frees goes back to the system (glibc only)."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_ARENA_MAX, 2)
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGE)
        libc.mallopt(_M_TRIM_THRESHOLD, _LARGE)
