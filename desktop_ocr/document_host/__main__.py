"""`python -m desktop_ocr.document_host`: the child process that opens users' files. Started by the parent."""

from __future__ import annotations

import os
import sys

from desktop_ocr.host_child.lean_imports import without
from desktop_ocr.host_child.serve import Handler, serve


def make_handler() -> Handler:
    """Import the document libraries and return the function that answers requests."""
    # What a third party's exporter may load writes a device id under the home folder and reports its use to its maker
    # unless told not to.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    # Otherwise PyMuPDF brings in its layout, with three models, and pymupdf4llm: 85 MB and most of a second (measured)
    # for what only engine hosts do.
    with without("pymupdf.layout", "pymupdf4llm"):
        import pymupdf  # noqa: F401
    from desktop_ocr.document_host.handler import DocumentHandler

    return DocumentHandler()


if __name__ == "__main__":
    sys.exit(serve("document", make_handler))
