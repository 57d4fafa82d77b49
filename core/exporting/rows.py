"""The messages that a question asks for, a few thousand at a time."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from sqlalchemy import Engine

from core.columns import MESSAGES, typed
from core.positions import END
from core.question import Question, wanted
from core.runtime import Runtime
from core.store import exported, pages
from core.store.engine import reading
from core.store.walks import Reach

CHUNK = 2_000


def rows(runtime: Runtime, question: Question) -> Iterator[pd.DataFrame]:
    """Yield the messages that are asked for, newest first, as `core.columns.MESSAGES`.

    Frames of at most 2,000 rows, each read in a transaction of its own that is over
    before the frame is given: whoever takes long with it holds up nobody who writes.
    So what changes meanwhile is seen chunk by chunk: flags and folders are those of the
    moment in which a chunk was read; what has gone before its chunk is not there; what
    has come since the first one is not there either, unless it is older than what was
    given. No message comes twice: its place in the order of time never changes.
    """
    return stream(runtime.engine, question)


def stream(engine: Engine, question: Question) -> Iterator[pd.DataFrame]:
    """Do the same with a store alone."""
    asked, before = wanted(question), END
    while True:
        with reading(engine) as conn:
            found = pages.find(conn, asked, Reach(-1, before), CHUNK)
            some = exported.rows(conn, found.positions) if found.positions else None
        if some is not None:
            yield typed(some, MESSAGES)
        if found.seen_to is None:
            return
        before = found.seen_to
