"""Other recognisers, run on the corpus as their users run them: each in a process of its own."""

from __future__ import annotations

RAPID = """
import sys, pathlib, json
import numpy as np, pymupdf
from rapidocr import RapidOCR
engine = RapidOCR()
for source, target in json.load(sys.stdin):
    texts = []
    try:
        document = pymupdf.open(source)
        for page in document:
            if document.is_pdf:
                pixmap = page.get_pixmap(dpi=200)
            else:
                pixmap = page.get_pixmap()
                if len(document) == 1:
                    pixmap = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.Pixmap(source))
            if pixmap.alpha:
                pixmap = pymupdf.Pixmap(pixmap, 0)
            rows = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.h, pixmap.stride)[:, : pixmap.w * 3]
            texts += engine(np.ascontiguousarray(rows.reshape(pixmap.h, pixmap.w, 3)[:, :, ::-1])).txts or []
    except Exception as error:
        print(source, error, file=sys.stderr)
    pathlib.Path(target).write_text("\\n".join(texts), encoding="utf-8")
"""
"""RapidOCR 3.10 with its defaults, page by page at 200 dpi."""

PYMUPDF4LLM = """
import importlib, json, pathlib, re, sys
import pymupdf, pymupdf4llm
ocr = importlib.import_module("pymupdf4llm.ocr.rapidocr_api")
for source, target in json.load(sys.stdin):
    text = ""
    try:
        document = pymupdf.open(source)
        if not document.is_pdf:
            document = pymupdf.open("pdf", document.convert_to_pdf())
        text = pymupdf4llm.to_markdown(document, force_ocr=True, ocr_function=ocr.exec_ocr, ocr_dpi=200)
    except Exception as error:
        print(source, error, file=sys.stderr)
    if target.endswith(".txt"):  # its Markdown without the markup
        text = re.sub(r"<[^>]+>|[*#|`]+|^ *[-:| ]+$", " ", text, flags=re.MULTILINE)
    pathlib.Path(target).write_text(text, encoding="utf-8")
"""
"""pymupdf4llm 2.0 made to recognise every page, by RapidOCR: `pip install pymupdf4llm==2.0`."""

PEERS = {"RapidOCR": RAPID, "pymupdf4llm": PYMUPDF4LLM}
"""Python programs by name. Each reads a JSON list of pairs from its input: a document, and the file to write."""
