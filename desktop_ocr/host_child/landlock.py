"""A host signals nobody but what it started itself: Linux' Landlock, from version 6 of its interface on.

Landlock can close folders, too. A host writes exports into any folder that the user chooses, and what is closed once
stays closed: so it closes none.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Callable

# The same numbers on all architectures.
_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_TELL_VERSION = 1
_SCOPES_SINCE = 6
_ABSTRACT_SOCKETS, _SIGNALS = 1, 2


def install(syscall: Callable[..., int]) -> None:
    """Close this thread, and all that it starts, off from other programs' signals and nameless sockets.

    Args:
        syscall: libc's; "no new privileges" is set already.

    Raises:
        OSError: the kernel has no Landlock, or an older one.
    """
    version = syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _TELL_VERSION)
    if version < 0:
        raise OSError(ctypes.get_errno(), "there is no Landlock")
    if version < _SCOPES_SINCE:
        raise OSError(errno.ENOSYS, f"Landlock is of version {version}")
    # struct landlock_ruleset_attr: what is handled of files and of the network, then the scopes.
    attributes = struct.pack("=QQQ", 0, 0, _ABSTRACT_SOCKETS | _SIGNALS)
    rules = syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        raise OSError(ctypes.get_errno(), "landlock_create_ruleset failed")
    try:
        if syscall(_RESTRICT_SELF, rules, 0) != 0:
            raise OSError(ctypes.get_errno(), "landlock_restrict_self failed")
    finally:
        os.close(rules)
