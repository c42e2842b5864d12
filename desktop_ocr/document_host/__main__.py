"""`python -m desktop_ocr.document_host`: the child process that opens users' files. Started by the parent."""

from __future__ import annotations

import sys

from desktop_ocr.host_child.serve import Handler, serve


def make_handler() -> Handler:
    """Import the document libraries and return the function that answers requests."""
    from desktop_ocr.document_host.handler import DocumentHandler

    return DocumentHandler()


if __name__ == "__main__":
    sys.exit(serve("document", make_handler))
