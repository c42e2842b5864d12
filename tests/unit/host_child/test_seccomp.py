"""The filter's program, run by a small machine like the kernel's; tests/process has processes that live behind it."""

from __future__ import annotations

import errno
import struct

import pytest

from desktop_ocr.host_child import seccomp

ALLOWED, KILLED, REFUSED = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
X86, ARM = 0xC000003E, 0xC00000B7
CALLS = {
    "x86_64": {"read": 0, "socket": 41, "connect": 42, "socketpair": 53, "clone": 56, "clone3": 435, "ioctl": 16}
    | {"ptrace": 101, "unshare": 272, "io_uring_setup": 425, "prlimit64": 302, "execve": 59, "setrlimit": 160},
    "aarch64": {"read": 63, "socket": 198, "connect": 203, "socketpair": 199, "clone": 220, "clone3": 435, "ioctl": 29}
    | {"ptrace": 117, "unshare": 97, "io_uring_setup": 425, "prlimit64": 261, "execve": 221, "setrlimit": 164},
}
AUDIT = {"x86_64": X86, "aarch64": ARM}


def verdict(code: bytes, number: int, *arguments: int, audit: int = X86) -> int:
    """What a filter says of a system call: the part of classic BPF that seccomp has."""
    values = [argument & 0xFFFFFFFFFFFFFFFF for argument in (*arguments, *[0] * 6)][:6]
    data = struct.pack("=IIQ6Q", number & 0xFFFFFFFF, audit, 0, *values)
    steps = [struct.unpack_from("=HBBI", code, offset) for offset in range(0, len(code), 8)]
    accumulator, at = 0, 0
    while True:
        operation, if_true, if_false, value = steps[at]
        at += 1
        match operation:
            case 0x20:
                (accumulator,) = struct.unpack_from("=I", data, value)
            case 0x54:
                accumulator &= value
            case 0x15:
                at += if_true if accumulator == value else if_false
            case 0x35:
                at += if_true if accumulator >= value else if_false
            case 0x45:
                at += if_true if accumulator & value else if_false
            case 0x06:
                return value
            case _:
                raise AssertionError(f"no such operation: {operation:#x}")


@pytest.mark.parametrize("machine", CALLS)
def test_what_a_host_does_is_allowed_and_what_it_never_needs_is_not(machine: str) -> None:
    code, calls, audit = seccomp.program(machine), CALLS[machine], AUDIT[machine]
    for name in ("read", "execve", "setrlimit"):
        assert verdict(code, calls[name], audit=audit) == ALLOWED, name
    for name in ("ptrace", "unshare", "io_uring_setup", "connect"):
        assert verdict(code, calls[name], audit=audit) == REFUSED, name
    assert verdict(code, calls["clone3"], audit=audit) == 0x00050000 | errno.ENOSYS


@pytest.mark.parametrize("machine", CALLS)
def test_sockets(machine: str) -> None:
    code, calls, audit = seccomp.program(machine), CALLS[machine], AUDIT[machine]
    local = seccomp.program(machine, local_sockets=True)
    unix, inet, stream, datagram, close_on_exec = 1, 2, 1, 2, 0o2000000
    assert verdict(code, calls["socketpair"], unix, stream | close_on_exec, audit=audit) == ALLOWED
    assert verdict(code, calls["socketpair"], unix, datagram, audit=audit) == REFUSED
    assert verdict(code, calls["socketpair"], inet, stream, audit=audit) == REFUSED
    for family in (unix, inet, 10, 16, 17, 40):
        assert verdict(code, calls["socket"], family, stream, audit=audit) == REFUSED
        allowed = ALLOWED if family == unix else REFUSED
        assert verdict(local, calls["socket"], family, stream, audit=audit) == allowed
    # The upper half of a 32-bit argument is whatever was in the register.
    assert verdict(local, calls["socket"], 0xDEAD00000000 | inet, stream, audit=audit) == REFUSED


@pytest.mark.parametrize("machine", CALLS)
def test_arguments_that_make_the_difference(machine: str) -> None:
    code, calls, audit = seccomp.program(machine), CALLS[machine], AUDIT[machine]
    thread = 0x3D0F00  # what glibc starts a thread with
    assert verdict(code, calls["clone"], thread, audit=audit) == ALLOWED
    for namespace in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert verdict(code, calls["clone"], 17 | namespace, audit=audit) == REFUSED
    assert verdict(code, calls["ioctl"], 1, 0x5401, audit=audit) == ALLOWED
    assert verdict(code, calls["ioctl"], 1, 0x5412, audit=audit) == REFUSED
    assert verdict(code, calls["ioctl"], 1, 0xFFFFFFFF00005412, audit=audit) == REFUSED
    assert verdict(code, calls["prlimit64"], 0, audit=audit) == ALLOWED
    assert verdict(code, calls["prlimit64"], 1, audit=audit) == REFUSED


@pytest.mark.parametrize("machine", CALLS)
def test_another_architectures_calls_end_the_process(machine: str) -> None:
    code = seccomp.program(machine)
    assert verdict(code, 0, audit=0x40000003) == KILLED  # 32-bit x86
    other = ARM if machine == "x86_64" else X86
    assert verdict(code, 0, audit=other) == KILLED


def test_x32_calls_end_the_process() -> None:
    code = seccomp.program("x86_64")
    assert verdict(code, 0x40000000 | 41) == KILLED
    assert verdict(code, 0x40000000 | 0) == KILLED


def test_the_kernel_takes_programs_of_that_length() -> None:
    assert all(len(seccomp.program(machine)) // 8 < 4096 for machine in CALLS)
