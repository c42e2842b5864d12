"""Tables: how close their cells come to the truth (TEDS, and TEDS of the structure alone).

    python -m tests.benchmarks.tables CORPUS [--show NAME]

CORPUS is the folder that holds `eval_text.py` and `extra/tables`: pictures of tables with NAME.html beside them. Each
goes through a real engine host as a page. Beside ours, on the same recognised lines: PyMuPDF's `find_tables` on a page
of the words with the rulings drawn, and rapid_table's own SLANet_plus. Needs table_recognition_metric.
"""

from __future__ import annotations

import argparse
import html
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from desktop_ocr.models.store import ModelStore
from desktop_ocr.schema.document_messages import Bitmap
from desktop_ocr.schema.engine_messages import Recognise, Recognised
from desktop_ocr.schema.features import STAGES, FeatureMode, Features
from desktop_ocr.schema.results import BlockKind, PageResult, polygon_box
from desktop_ocr.text.tables import table_html
from tests.real.engine_client import EngineClient, render

ON = Features(tables=FeatureMode.ON)


def ours(result: PageResult) -> str:
    """The page's largest table."""
    tables = [block.table for block in result.blocks if block.kind is BlockKind.TABLE and block.table]
    return table_html(max(tables, key=lambda table: len(table.cells))) if tables else ""


def by_pymupdf(result: PageResult, image: np.ndarray[Any, Any]) -> str:
    """PyMuPDF's largest table on a page of the words, the picture's rulings drawn."""
    import pymupdf

    from desktop_ocr.engine_host.features.ruling_finder import find_rulings

    heights = [polygon_box(line.polygon)[3] - polygon_box(line.polygon)[1] for line in result.lines]
    rulings = find_rulings(image, statistics.median(heights)) if heights else []
    scale = 72 / result.dpi
    with pymupdf.open() as document:
        page = document.new_page(width=result.width * scale, height=result.height * scale)
        for line in result.lines:
            for word in line.words:
                x0, y0, _, y1 = (value * scale for value in polygon_box(word.polygon))
                page.insert_text((x0, y1 - 0.22 * (y1 - y0)), word.text, fontsize=max(1.0, 0.9 * (y1 - y0)))
        for box in rulings:
            page.draw_rect(pymupdf.Rect(*(value * scale for value in box)), fill=(0, 0, 0), width=0)
        found = page.find_tables(strategy="lines" if len(rulings) > 8 else "text").tables
        if not found:
            return ""
        rows = max(found, key=lambda table: table.row_count * table.col_count).extract()
    cells = ("".join(f"<td>{html.escape(text or '')}</td>" for text in row) for row in rows)
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"


def by_rapid_table() -> Callable[[PageResult, np.ndarray[Any, Any]], str]:
    """rapid_table with its SLANet_plus."""
    from rapid_table import RapidTable

    model = RapidTable()

    def read(result: PageResult, image: np.ndarray[Any, Any]) -> str:
        lines = [[np.array(line.polygon).reshape(4, 2).tolist(), line.text, line.confidence] for line in result.lines]
        found: str = model(np.ascontiguousarray(image[:, :, ::-1]), lines)[0] if lines else ""
        return found

    return read


def pixels(bitmap: Bitmap) -> np.ndarray[Any, Any]:
    """A bitmap's pixels."""
    return np.fromfile(bitmap.path, np.uint8).reshape(bitmap.height, bitmap.width, 3)


def main() -> None:
    """Print a row a table, and the means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--show", default="", help="print our HTML of the tables whose names begin so")
    arguments = parser.parse_args()
    sys.path.insert(0, str(arguments.corpus))
    from eval_text import score_table  # type: ignore[import-not-found]

    rapid = by_rapid_table()
    names = ("Desktop OCR", "PyMuPDF", "rapid_table")
    means: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    seconds: list[tuple[float, float]] = []
    print(f"{'':34}" + "".join(f"{name:>16}" for name in names) + "    TEDS / structure; text s, tables s")
    with tempfile.TemporaryDirectory(prefix="tables-") as temporary, EngineClient() as client:
        folder = Path(temporary)
        client.configure(ModelStore(folder / "models"))
        for file in sorted((arguments.corpus / "extra" / "tables").glob("*.[pj][np]g")):
            bitmap = render(file, folder)
            reply = client.ask(Recognise(0, bitmap, ON, inline=STAGES))
            assert isinstance(reply, Recognised), reply
            result, image = reply.result, pixels(bitmap)
            made = (ours(result), by_pymupdf(result, image), rapid(result, image))
            truth = file.with_suffix(".html").read_text(encoding="utf-8")
            row = f"{file.stem:34}"
            for name, text in zip(names, made, strict=True):
                score = score_table(text, truth)
                means[name].append((score["teds"], score["teds_s"]))
                row += f"{score['teds']:9.3f} {score['teds_s']:6.3f}"
            cost = {step.step: step.seconds for step in result.steps}
            seconds.append((cost["text"], cost.get("regions", 0.0) + cost.get("tables", 0.0)))
            print(f"{row}    {seconds[-1][0]:.2f} {seconds[-1][1]:.2f}", flush=True)
            if arguments.show and file.stem.startswith(arguments.show):
                print(made[0])
    columns = (
        (statistics.fmean(s[0] for s in scores), statistics.fmean(s[1] for s in scores)) for scores in means.values()
    )
    print(f"{'mean':34}" + "".join(f"{teds:9.3f} {structure:6.3f}" for teds, structure in columns), end="    ")
    print(f"{statistics.fmean(s[0] for s in seconds):.2f} {statistics.fmean(s[1] for s in seconds):.2f}")


if __name__ == "__main__":
    main()
