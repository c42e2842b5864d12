"""`desktop-ocr free` and `resume`: have running programs give their memory back, and go on afterwards."""

from __future__ import annotations

import asyncio

import msgspec

from desktop_ocr.cli.programs import ask_all, complain, put, put_json
from desktop_ocr.core.control_client import ask_free, ask_resume
from desktop_ocr.core.memory_words import free_words
from desktop_ocr.core.paths import user_paths
from desktop_ocr.schema.memory import FreeReport


class Freeing(msgspec.Struct, frozen=True):
    """What one program gave back, as `--json` prints it."""

    pid: int
    words: str
    report: FreeReport


def run_free(*, as_json: bool, seconds: float) -> int:
    """Run the subcommand; returns its exit code.

    Args:
        as_json: print JSON.
        seconds: how long to wait for a program.
    """
    answers = asyncio.run(ask_all(user_paths().runtime, lambda path: ask_free(path, seconds)))
    freed = [Freeing(pid, free_words(report), report) for pid, report in answers.of.items()]
    if as_json:
        put_json({"programs": freed, "errors": answers.errors})
    elif answers.none_runs:
        put("Desktop OCR is not running: there is nothing to free.")
    else:
        several = len(freed) + len(answers.errors) > 1
        for item in freed:
            put(f"Process {item.pid}: {item.words}" if several else item.words)
    complain(answers.errors)
    return 1 if answers.errors else 0


class Resuming(msgspec.Struct, frozen=True):
    """What one program goes on with, as `--json` prints it."""

    pid: int
    documents: int


def run_resume(*, as_json: bool, seconds: float) -> int:
    """Run the subcommand; returns its exit code. The arguments are as those of `run_free`."""
    answers = asyncio.run(ask_all(user_paths().runtime, lambda path: ask_resume(path, seconds)))
    resumed = [Resuming(pid, documents) for pid, documents in answers.of.items()]
    count = sum(item.documents for item in resumed)
    if as_json:
        put_json({"programs": resumed, "errors": answers.errors})
    elif answers.none_runs:
        put("Desktop OCR is not running: there is nothing to resume.")
    elif count:
        put("1 document goes on." if count == 1 else f"{count} documents go on.")
    else:
        put("No document was paused.")
    complain(answers.errors)
    return 1 if answers.errors else 0
