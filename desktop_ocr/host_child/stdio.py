"""Keeps a host's pipe for frames alone. Call `claim_pipes` before any other import."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO


def claim_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Move stdin and stdout to private descriptors; point 0 at nothing and 1 at stderr.

    Libraries print to descriptor 1 (from C, too), which would break the frames: it is pointed at stderr, where
    the parent reads a log.

    Returns:
        The pipes to read frames from and to write frames to, unbuffered reading left to the caller.
    """
    reader, writer = os.dup(0), os.dup(1)
    os.set_inheritable(reader, False)
    os.set_inheritable(writer, False)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - stays open for the process' life
    sys.stdout = sys.stderr
    return os.fdopen(reader, "rb"), os.fdopen(writer, "wb")
