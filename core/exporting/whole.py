"""Files that are there whole, or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write, of mode 0600; it takes its name once all is written.

    Whatever ends the writing before, Ctrl-C too, leaves nothing behind, and an older
    file of the name as it was.
    """
    # A name of its own: two exports to one file do not write into each other's.
    handle, name = tempfile.mkstemp(".part", f".{path.name[:60]}.", path.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
