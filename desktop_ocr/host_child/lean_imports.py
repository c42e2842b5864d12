"""Libraries that import others because these are there: here they find them missing, and do without."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Let imports of these modules fail meanwhile; those that are imported already are unchanged afterwards.

    Args:
        names: of modules that whoever imports them can do without: it catches ImportError.
    """
    kept = {name: sys.modules[name] for name in names if name in sys.modules}
    # That is how Python itself marks a module that is not to be imported.
    sys.modules.update(dict.fromkeys(names))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
        sys.modules.update(kept)
