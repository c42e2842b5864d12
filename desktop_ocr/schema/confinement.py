"""What a host may take of the machine, and the walls around it: told by the parent at its start, and told back."""

from __future__ import annotations

import enum

import msgspec

LIMITS_VARIABLE = "DESKTOP_OCR_LIMITS"
"""A host finds its `HostLimits` as JSON in this variable of its environment; without it, it gets the defaults."""


class HostLimits(msgspec.Struct, frozen=True):
    """What a host may have; 0 is no limit of ours.

    Attributes:
        address_mb: of address space, in MB (10^6 bytes).
        files: open at a time.
        low_priority: other programs come first.
    """

    address_mb: int = 0
    files: int = 0
    low_priority: bool = False


NO_LIMITS = HostLimits()


class Wall(enum.StrEnum):
    """What stands between a host and the rest of the machine; the values are what a person reads."""

    NO_CORE = "no memory dumps"
    FILE_SIZE = "limited file sizes"
    OPEN_FILES = "limited open files"
    ADDRESS_SPACE = "limited address space"
    CPU_TIME = "limited processor time"
    NO_PRIVILEGES = "no new privileges"
    SYSTEM_CALLS = "no network, no dangerous system calls"
    SIGNALS = "no signals to other programs"


ALL_WALLS = frozenset(Wall)
