"""`python -m desktop_ocr.document_host`: the child process that opens users' files. Started by the parent."""

from __future__ import annotations

import os
import sys

from desktop_ocr.host_child.serve import Handler, serve


def make_handler() -> Handler:
    """Import the document libraries and return the function that answers requests."""
    # PyMuPDF loads onnxruntime, which writes a device id under the home folder and reports its use to its maker
    # unless told not to.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    from desktop_ocr.document_host.handler import DocumentHandler

    return DocumentHandler()


if __name__ == "__main__":
    sys.exit(serve("document", make_handler))
