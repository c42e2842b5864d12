"""Starts an engine host: `python -m desktop_ocr.engine_host`, by the parent only."""

from __future__ import annotations

import sys

from desktop_ocr.host_child.serve import Handler, serve


def make_handler() -> Handler:
    """Import what the host needs, and return what answers requests."""
    from desktop_ocr.engine_host.environment import prepare

    prepare()
    from desktop_ocr.engine_host.handler import EngineHandler

    return EngineHandler().handle


def main() -> int:
    """Run the host until its parent ends it."""
    return serve("engine", make_handler)


if __name__ == "__main__":
    sys.exit(main())
