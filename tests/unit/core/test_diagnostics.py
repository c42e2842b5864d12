"""The diagnostics that somebody copies: what is in them, and what is not."""

from __future__ import annotations

from pathlib import Path

from desktop_ocr import __version__
from desktop_ocr.core.diagnostics import diagnostics_text
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.memory import MemorySample, MemoryStats, PoolView, Pressure, ServiceView
from desktop_ocr.schema.settings import Settings


def test_versions_settings_memory_and_the_log_are_in_it_and_nothing_private(tmp_path: Path) -> None:
    home = Path.home()
    (tmp_path / "window.log").write_text(f"job 3 is done\nmy diary could not be read: {home}/x/of 1987.pdf\n")
    settings = Settings(options=JobOptions(dpi=300), proxy="http://proxy.of-my-employer.example:3128", attempts=3)
    pool = PoolView("cpu", (ServiceView("cpu/0", "cpu", 4711, False, 12, ("PP-OCRv6_small_det",)),), 1, 0, 0, 0, 0.0)
    stats = MemoryStats(MemorySample(16_000.0, 8000.0, 1.0), Pressure(), pools=(pool,))
    text = diagnostics_text([("Qt", "6.10, xcb")], settings, stats, tmp_path, [f"{home}/letters/my diary.pdf"])
    assert text.startswith(f"Desktop OCR: {__version__}\nPython: 3.")
    for part in (
        "Qt: 6.10, xcb",
        "msgspec ",
        "[documents] dpi = 300",
        "[limits] attempts = 3",
        "[models] proxy = (an address)",
        "memory MB: ram 8000/16000",
        "cpu/0: process 4711, 12 pages, PP-OCRv6_small_det",
        "job 3 is done",
    ):
        assert part in text, part
    for secret in ("employer", "1987", str(home), "letters"):
        assert secret not in text
    bare = diagnostics_text([], Settings(), None, tmp_path / "none")
    assert "Settings that are not the default\nnone\n\nMemory\nnot known\n\nLog\nempty" in bare
