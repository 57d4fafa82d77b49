"""Rows that were asked for, frame by frame: memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Engine

from core.browse import Count
from core.columns import MESSAGES, Columns, empty
from core.exporting.rows import stream
from core.question import Question, wanted
from core.store import pages
from core.store.engine import reading

Walk = Callable[[], Iterator[pd.DataFrame]]


@dataclass(frozen=True, slots=True)
class Frames:
    """Rows of these columns; nothing is read before it is wanted."""

    columns: Columns
    walk: Walk

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Yield them in frames of at most some thousand rows."""
        return self.walk()

    def frame(self, most: int | None = None) -> pd.DataFrame:
        """Give the first `most` of them, or all, as one frame."""
        some: list[pd.DataFrame] = []
        left = most
        for frame in self:
            some.append(frame if left is None else frame.head(left))
            left = None if left is None else left - len(some[-1])
            if left == 0:
                break
        return pd.concat(some, ignore_index=True) if some else empty(self.columns)


@dataclass(frozen=True, slots=True)
class Messages(Frames):
    """Messages, newest first, in frames of at most 2,000 rows."""

    engine: Engine
    question: Question

    def count(self) -> Count:
        """Count them: exactly up to 10,000."""
        asked = wanted(self.question)
        with reading(self.engine) as conn:
            found, exact = pages.count(conn, asked)
            return Count(found, exact, None if exact else pages.about(conn, asked))


def messages(engine: Engine, question: Question) -> Messages:
    """Give the messages that a question asks for."""
    return Messages(MESSAGES, lambda: stream(engine, question), engine, question)
