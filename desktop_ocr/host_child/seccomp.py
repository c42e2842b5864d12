"""System calls that a host never needs are refused for it and for whatever it starts: network, tracing, mounting, ...

A filter of our own for Linux' seccomp: a program for the kernel's small machine ("classic BPF") that looks at a call's
number and arguments. What is refused fails with EPERM, so that libraries that try go on without.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys
from collections.abc import Callable
from typing import NamedTuple

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2  # linux/prctl.h, linux/seccomp.h
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data; arguments are 8 bytes each
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_X32 = 0x40000000  # marks calls of the x32 interface, which has numbers of its own
_UNIX, _STREAM, _KIND = 1, 1, 0xF
# CLONE_NEWNS, _NEWCGROUP, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET: linux/sched.h
_NAMESPACES = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000
# Typing into a terminal that somebody else reads: TIOCSTI, TIOCLINUX.
_TYPING = (0x5412, 0x541C)

# Names: numbers on x86-64, and on 64-bit ARM (the kernel's generic table); None where there is no such call.
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "acct": (163, 89),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "unshare": (272, 97),
    "setns": (308, 268),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "syslog": (103, 116),
    "vhangup": (153, 58),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "uselib": (134, None),
    "_sysctl": (156, None),
}


class _Machine(NamedTuple):
    """An architecture: the kernel's name for it (linux/audit.h), and calls whose arguments are looked at."""

    audit: int
    column: int
    socket: int
    socketpair: int
    connect: int
    clone: int
    clone3: int
    ioctl: int
    prlimit: int
    x32: bool


_MACHINES = {
    "x86_64": _Machine(0xC000003E, 0, 41, 53, 42, 56, 435, 16, 302, x32=True),
    "aarch64": _Machine(0xC00000B7, 1, 198, 199, 203, 220, 435, 29, 261, x32=False),
}


def supported() -> bool:
    """Whether there is a filter for this machine."""
    return sys.platform == "linux" and platform.machine() in _MACHINES and sys.maxsize > 2**32


def program(machine: str, *, local_sockets: bool = False) -> bytes:
    """The filter, as the kernel takes it: 8 bytes an instruction.

    Args:
        machine: "x86_64" or "aarch64".
        local_sockets: allow sockets to programs of this machine (AF_UNIX); otherwise only pairs of connected ones,
            which reach nobody else.
    """
    this = _MACHINES[machine]
    code: list[bytes] = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, this.audit, 1, 0),
        _step(_RETURN, _KILL),  # 32-bit calls have other numbers, and nothing of ours makes them
        _step(_LOAD, _NUMBER),
    ]
    if this.x32:
        code += [_step(_AT_LEAST, _X32, 0, 1), _step(_RETURN, _KILL)]
    for number in sorted(numbers[this.column] or 0 for numbers in _REFUSED.values() if numbers[this.column]):
        code += _where(number, [_refusal(errno.EPERM)])
    if local_sockets:
        code += _where(this.socket, [_argument(0), _step(_EQUAL, _UNIX, 1, 0), _refusal(errno.EPERM)])
        code += _where(this.socketpair, [_argument(0), _step(_EQUAL, _UNIX, 1, 0), _refusal(errno.EPERM)])
    else:
        code += _where(this.socket, [_refusal(errno.EPERM)])
        code += _where(this.connect, [_refusal(errno.EPERM)])
        # Sockets for datagrams could be told another address with each: only streams.
        pair = [
            _argument(0),
            _step(_EQUAL, _UNIX, 0, 3),
            _argument(1),
            _step(_AND, _KIND),
            _step(_EQUAL, _STREAM, 1, 0),
        ]
        code += _where(this.socketpair, [*pair, _refusal(errno.EPERM)])
    code += _where(this.clone, [_argument(0), _step(_ANY_BIT, _NAMESPACES, 0, 1), _refusal(errno.EPERM)])
    # Its flags lie in memory, where no filter looks: C libraries fall back to `clone` where it is not there.
    code += _where(this.clone3, [_refusal(errno.ENOSYS)])
    first, second = _TYPING
    typing = [_argument(1), _step(_EQUAL, first, 1, 0), _step(_EQUAL, second, 0, 1), _refusal(errno.EPERM)]
    code += _where(this.ioctl, typing)
    # Limits of other processes; 0 is its own.
    code += _where(this.prlimit, [_argument(0), _step(_EQUAL, 0, 1, 0), _refusal(errno.EPERM)])
    code.append(_step(_RETURN, _ALLOW))
    return b"".join(code)


def install(prctl: Callable[..., int], *, local_sockets: bool = False) -> None:
    """Put the filter on this thread, and on all threads and processes that it starts; it cannot be taken off.

    Args:
        prctl: libc's; "no new privileges" is set already.
        local_sockets: as in `program`.

    Raises:
        OSError: the kernel does not take it.
    """
    code = program(platform.machine(), local_sockets=local_sockets)
    steps = ctypes.create_string_buffer(code, len(code))
    header = _Header(len(code) // 8, ctypes.addressof(steps))
    if prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(header), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_SECCOMP) failed")


class _Header(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One instruction; jumps count the instructions that are left out."""
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _refusal(error: int) -> bytes:
    return _step(_RETURN, _ERRNO | error)


def _argument(index: int) -> bytes:
    """Load an argument's lower half: those that are looked at are 32-bit numbers, or flags in their lower half."""
    return _step(_LOAD, _ARGUMENTS + 8 * index)


def _where(number: int, body: list[bytes]) -> list[bytes]:
    """Do `body` for one call; where that returns nothing, the call is allowed."""
    return [_step(_EQUAL, number, 0, len(body) + 1), *body, _step(_RETURN, _ALLOW)]
