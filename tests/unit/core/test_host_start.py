"""Which limits hosts get."""

from __future__ import annotations

import pytest

from desktop_ocr.core.host_start import LEAST_ADDRESS_MB, limits_of
from desktop_ocr.schema.confinement import HostLimits
from desktop_ocr.schema.memory import HostRole
from desktop_ocr.schema.settings import Settings


@pytest.mark.parametrize(("wanted", "given"), [(8000, 8000), (0, 0), (20, LEAST_ADDRESS_MB)])
def test_the_document_host_gets_the_settings_limits_but_never_too_little_to_start(wanted: int, given: int) -> None:
    settings = Settings(document_limit_mb=wanted, document_files=99, low_priority=False)
    assert limits_of(settings, HostRole.DOCUMENT) == HostLimits(given, 99, low_priority=False)


def test_engine_hosts_get_no_users_files_and_no_such_limits() -> None:
    assert limits_of(Settings(), HostRole.ENGINE) == HostLimits(low_priority=True)
