"""Settings of the program, with their defaults. Files and dialogs come with a later version."""

from __future__ import annotations

import os

import msgspec

from desktop_ocr.schema.jobs import JobOptions


def default_threads() -> int:
    """CPU threads for one engine host: the cores this process may use, at most four (more gain little)."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on Windows and macOS
        cores = os.cpu_count() or 1
    return max(1, min(4, cores))


class Settings(msgspec.Struct, frozen=True):
    """How the program works.

    Attributes:
        options: for new jobs.
        engine_hosts: how many engine hosts may run at a time.
        engine_threads: CPU threads of each.
        detection_side: longest side in pixels of the picture the text detector sees.
        pages_in_flight: pages that may be prepared or recognised at a time; bounds the temporary folder.
        engine_idle_seconds, document_idle_seconds: a host that has had nothing to do for so long is ended.
        inspect_seconds, prepare_seconds, picture_seconds, page_seconds, export_seconds: deadlines of one request;
            a host past one is ended.
        attempts: how often a page is tried when its host dies.
    """

    options: JobOptions = JobOptions()
    engine_hosts: int = 1
    engine_threads: int = msgspec.field(default_factory=default_threads)
    detection_side: int = 1280
    pages_in_flight: int = 3
    engine_idle_seconds: float = 60.0
    document_idle_seconds: float = 60.0
    inspect_seconds: float = 60.0
    prepare_seconds: float = 60.0
    picture_seconds: float = 30.0
    page_seconds: float = 120.0
    export_seconds: float = 300.0
    attempts: int = 2
