from __future__ import annotations

import errno

import pytest

from desktop_ocr.host_child.serve import Handler, _made, os_error_info
from desktop_ocr.schema.engine_messages import MeasureMemory
from desktop_ocr.schema.errors import ErrorCode
from desktop_ocr.schema.messages import Failed


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, ErrorCode.DISK_FULL),
        (errno.EROFS, ErrorCode.NO_PERMISSION),
        (errno.ENOENT, ErrorCode.NOT_FOUND),
        (errno.EIO, ErrorCode.INTERNAL),
    ],
)
def test_the_systems_errors_in_words(number: int, code: ErrorCode) -> None:
    assert os_error_info(OSError(number, "x")).code is code


def test_an_error_without_a_number_is_not_called_a_success() -> None:
    assert "Success" not in str(os_error_info(OSError("image file is truncated")))


@pytest.mark.parametrize(
    ("error", "code"), [(MemoryError(), ErrorCode.OUT_OF_MEMORY), (ImportError("no numpy"), ErrorCode.INTERNAL)]
)
def test_a_host_whose_libraries_do_not_start_says_why(error: Exception, code: ErrorCode) -> None:
    def make() -> Handler:
        raise error

    reply = _made(make)(MeasureMemory())
    assert isinstance(reply, Failed)
    assert reply.error.code is code
