"""Take what was synced into the index of messages, a thousand at a time.

Where nothing waits for that, older messages are counted.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine

from core.store import counting, indexing
from core.store.engine import reading, writing
from core.store.vocabulary import Vocabulary


class Indexer:
    """Takes in whatever waits; one of a process."""

    def __init__(self, engine: Engine, stopping: Callable[[], bool]) -> None:
        """Begin; `stopping` ends it between two thousands."""
        self._engine, self._stopping = engine, stopping
        self._vocabulary = Vocabulary()

    def tick(self) -> None:
        """Take in all that waits, and count what is older.

        Raises:
            StoreUnavailable: nothing is lost, it waits for the next time.

        """
        while not self._stopping():
            with reading(self._engine) as conn:
                waiting, older = indexing.is_behind(conn), counting.left(conn)
            if not (self._some() if waiting else older and self._older()):
                return

    def _older(self) -> int:
        with writing(self._engine) as conn:
            return counting.catch_up(conn)

    def _some(self) -> int:
        try:
            with writing(self._engine) as conn:
                return indexing.take_in(conn, self._vocabulary)
        except BaseException:
            self._vocabulary.forget()  # what it wrote is taken back
            raise
