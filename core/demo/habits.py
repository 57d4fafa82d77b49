"""What becomes of mail to each person of the demo, so that every rung is seen. Pure.

Who is not named here answers after a while. `docs/explain/demo.md` says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial

from core.demo.answers import answer
from core.demo.cast import COLLEAGUES, CONTACTS, Contact
from core.demo.letters import Desk, Letter
from core.demo.reports import Failure, away, bounce, delivered, displayed

Write = Callable[[Desk, Letter, datetime], bytes]


class Habit(StrEnum):
    """What a person, their program or their server does with mail."""

    ANSWERS = "answers"
    DISPLAYS = "displays"  # a read receipt, then an answer
    AWAY = "away"  # an automatic answer, and no other
    GREYLISTS = "greylists"  # 451 the first time, then an answer
    DELAYS = "delays"  # a report of delay, then an answer
    BOUNCES = "bounces"  # accepted, and returned
    REFUSED = "refused"  # 550 at once
    SILENT = "silent"  # it arrives, and nothing follows


HABITS = {
    "beatriz.fagundes@fagundes.example": Habit.DISPLAYS,
    "otavio@brandao-adv.example": Habit.AWAY,
    "daniel@okaforsupply.example": Habit.GREYLISTS,
    "marcus.bell@bellandsons.example": Habit.DELAYS,
    "rogerio@antunes-agro.example": Habit.BOUNCES,
    "patricia@nobregatec.example": Habit.REFUSED,
    "nathan@pricefoods.example": Habit.SILENT,
}
UNKNOWN = Failure("5.1.1", "550 5.1.1 User unknown")
WAITING = Failure("4.4.1", "451 4.4.1 No answer from host")
FAILURE, DELAY, SUCCESS = "FAILURE", "DELAY", "SUCCESS"
USUAL = frozenset({FAILURE, DELAY})  # where NOTIFY says nothing (RFC 3461 §4.1)


@dataclass(frozen=True, slots=True)
class Reply:
    """What comes back, after how much of the usual wait."""

    share: float
    write: Write


def person(address: str) -> Contact | None:
    """Find who has an address, whatever the case of its letters."""
    return _BY_ADDRESS.get(address.lower())


def habit(address: str) -> Habit:
    """Tell what becomes of mail to an address."""
    return HABITS.get(address.lower(), Habit.ANSWERS)


def replies(
    who: Contact, *, notify: Collection[str], automatic: bool, envelope_id: str = ""
) -> list[Reply]:
    """Give what follows a mail: `notify` as in RFC 3461 §4.1.

    An automatic mail gets no automatic answer (RFC 3834 §2).
    """
    kind = habit(who.address)
    report = partial(bounce, envelope_id=envelope_id)
    found = []
    if SUCCESS in notify and kind is not Habit.BOUNCES:
        found.append(Reply(0.2, partial(delivered, envelope_id=envelope_id)))
    match kind:
        case Habit.AWAY if not automatic:
            found.append(Reply(0.3, away))
        case Habit.BOUNCES if FAILURE in notify:
            found.append(Reply(0.5, partial(_reported, report, UNKNOWN)))
        case Habit.DELAYS if DELAY in notify:
            found.append(Reply(0.5, partial(_reported, report, WAITING)))
        case Habit.DISPLAYS:
            # Unasked, as some programs do it: RFC 8098 §2.1 wants it asked for.
            found.append(Reply(0.5, displayed))
    if kind in {Habit.ANSWERS, Habit.GREYLISTS, Habit.DISPLAYS}:
        found.append(Reply(1.0, answer))
    if kind is Habit.DELAYS:
        found.append(Reply(1.5, answer))
    return found


def _reported(
    report: Callable[..., bytes],
    failure: Failure,
    desk: Desk,
    letter: Letter,
    at: datetime,
) -> bytes:
    return report(desk, letter, failure, at)


_BY_ADDRESS = {who.address: who for who in (*CONTACTS, *COLLEAGUES)}
