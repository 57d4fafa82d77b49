"""Decide what one folder needs. Pure: the same facts give the same plan."""

from __future__ import annotations

from dataclasses import dataclass

from core.imap.features import Features
from core.model import Cursor, Status


@dataclass(frozen=True, slots=True)
class Fill:
    """Fetch what is below the cursor, newest first; `cursor` is where to go on."""

    cursor: Cursor


@dataclass(frozen=True, slots=True)
class Build:
    """The folder was made anew: fill the next generation, beside what is held."""

    cursor: Cursor


@dataclass(frozen=True, slots=True)
class Swap:
    """Let the next generation take the place of what is held."""


@dataclass(frozen=True, slots=True)
class FetchNew:
    """Fetch the metadata of UIDs in [first, end)."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class FetchDelta:
    """Fetch what changed and what vanished after `since`, of UIDs ≤ `upto`.

    RFC 7162 §3.2.6: QRESYNC, in one command.
    """

    since: int
    upto: int


@dataclass(frozen=True, slots=True)
class FetchChanged:
    """Fetch the flags that changed after `since`, of UIDs ≤ `upto` (CONDSTORE)."""

    since: int
    upto: int


@dataclass(frozen=True, slots=True)
class CompareFlags:
    """Fetch the flags of every UID ≤ `upto` and compare."""

    upto: int


@dataclass(frozen=True, slots=True)
class Verify:
    """Compare UIDs unless we hold as many messages as the server states."""

    messages: int


Step = (
    Fill | Build | Swap | FetchNew | FetchDelta | FetchChanged | CompareFlags | Verify
)


def plan(
    known: Cursor | None, building: Cursor | None, now: Status, features: Features
) -> tuple[Step, ...]:
    """List the steps, in order, that make our copy equal to the server's.

    `now.uidnext` is set (the caller derives it where a server gives none). New messages
    come before the rest of a first sync, so that live changes flow meanwhile.
    """
    if known is None:
        return (Fill(_begin(now)), Verify(now.messages))
    if known.uidvalidity != now.uidvalidity:
        # RFC 9051 §2.3.1.1: another UIDVALIDITY, other messages. Once they are swapped
        # in, a plan of its own tells what happened while they were fetched.
        resumed = building is not None and building.uidvalidity == now.uidvalidity
        cursor = building if building is not None and resumed else _begin(now)
        return (Build(cursor), Swap())
    if unchanged(known, now, features):
        return ()
    steps = _flag_steps(known, now, features)
    if now.uidnext > known.high:
        steps.append(FetchNew(known.high, now.uidnext))
    if known.low > 1:
        steps.append(Fill(known))
    return (*steps, Verify(now.messages))


def unchanged(known: Cursor, now: Status, features: Features) -> bool:
    """Tell whether STATUS alone proves that nothing happened (RFC 7162 §3.1)."""
    return (
        features.condstore
        and now.highestmodseq > 0
        and known.low == 1
        and known.uidvalidity == now.uidvalidity
        and known.high == now.uidnext
        and known.modseq == now.highestmodseq
        and known.held == now.messages
    )


def _begin(now: Status) -> Cursor:
    return Cursor(now.uidvalidity, now.uidnext, now.uidnext, now.highestmodseq, 0)


def _flag_steps(known: Cursor, now: Status, features: Features) -> list[Step]:
    upto = known.high - 1
    if not known.held or upto < 1:
        return []
    # RFC 7162 §3.1.2.2: NOMODSEQ folders exist on CONDSTORE servers too.
    # INTEROP 29: HIGHESTMODSEQ may go down; then it tells nothing.
    if not features.condstore or not 0 < known.modseq <= now.highestmodseq:
        return [CompareFlags(upto)]
    if known.modseq == now.highestmodseq:
        return []
    if features.qresync:
        return [FetchDelta(known.modseq, upto)]
    return [FetchChanged(known.modseq, upto)]
