"""`desktop-ocr models list`."""

from __future__ import annotations

import sys

import msgspec

from desktop_ocr.core.paths import user_paths
from desktop_ocr.models.store import ModelStore


def run_models(*, as_json: bool) -> int:
    """Print the models: role, name, source, size, and whether they are installed."""
    status = ModelStore(user_paths().models).status()
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(status), indent=2).decode() + "\n")
        return 0
    rows = [("ROLE", "MODEL", "SOURCE", "SIZE", "INSTALLED")]
    rows += [
        (item.role, item.id, item.source, f"{item.size / 1e6:.1f} MB", "yes" if item.installed else "no")
        for item in status
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        sys.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n")
    return 0
