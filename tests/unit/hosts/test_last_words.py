"""What a dying process said of memory."""

from __future__ import annotations

import pytest

from desktop_ocr.hosts.outcome import tells_of_no_memory


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["terminate called after throwing an instance of 'std::bad_alloc'", "  what():  std::bad_alloc"], True),
        (["OSError: [Errno 12] Cannot allocate memory"], True),
        (["Traceback (most recent call last):", "MemoryError"], True),
        (["numpy.core._exceptions._ArrayMemoryError: Unable to allocate 3 GiB"], True),
        (["Segmentation fault", "memory is fine"], False),
        ([], False),
    ],
)
def test_want_of_memory_is_recognised(lines: list[str], expected: bool) -> None:
    assert tells_of_no_memory(lines) is expected
