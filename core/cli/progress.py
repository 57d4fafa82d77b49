"""How far a command is that writes a file, and how it ends before it is done."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import BadInput
from core.exporting import OnDone
from core.i18n import Texts

EACH_S = 0.2
TWICE_S = 1.0  # sooner, a signal is the one that came already
CLEARED = "\r\x1b[K"


@contextmanager
def unwritten() -> Iterator[None]:
    """Turn a file that cannot be written into our error."""
    try:
        yield
    except OSError as error:
        raise BadInput("file", "file_unwritten", reason=error.strerror) from None


@contextmanager
def progress(t: Texts, what: str = "export") -> Iterator[OnDone]:
    """Give what tells a person in a terminal how far it is, on one line.

    `what`: whose texts `so_far` and `of` say it.
    """
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    said = 0.0

    def on_done(done: int, total: int | None) -> None:
        nonlocal said
        if time.monotonic() - said >= EACH_S:
            said = time.monotonic()
            key = "so_far" if total is None else "of"
            text = t(f"{what}.{key}", done=done, total=total or 0)
            print(CLEARED + text, end="", file=sys.stderr, flush=True)

    try:
        yield on_done
    finally:
        print(CLEARED, end="", file=sys.stderr, flush=True)


@contextmanager
def ending_in_good_order(told: OnDone) -> Iterator[OnDone]:
    """Let SIGTERM and Ctrl-C end us between two steps: with nothing half written.

    An exception raised by a handler is lost if it comes while an object is being
    deleted; so it is only noted. One press often comes twice (from the terminal and
    from make): only a second one, later, ends us at once, wherever we are.
    """
    came: list[tuple[int, float]] = []

    def note(number: int, _frame: object) -> None:
        if not came:
            came.append((number, time.monotonic()))
        elif time.monotonic() - came[0][1] > TWICE_S:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    def on_done(done: int, total: int | None) -> None:
        if came:
            sys.exit(128 + came[0][0])
        told(done, total)

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, note) for number in numbers}
    try:
        yield on_done
    finally:
        if not came:  # else we clear up and end: nothing may come between
            for number, handler in before.items():
                signal.signal(number, handler)
