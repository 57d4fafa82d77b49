"""Whether what the server has newest is what we hold: a table."""

import pytest

from core.model import Cursor, Status
from core.sync.verdict import Held, Verdict, judge

LEVEL, BEHIND = Verdict.LEVEL, Verdict.BEHIND
MOVED, UNKNOWN = Verdict.MOVED, Verdict.UNKNOWN


def cursor(high: int = 10, low: int = 1, uidvalidity: int = 7) -> Cursor:
    return Cursor(uidvalidity, low, high, 0, high - low)


def states(uidnext: int = 10, messages: int = 9, uidvalidity: int = 7) -> Status:
    return Status(uidvalidity, uidnext, 0, messages)


@pytest.mark.parametrize(
    ("why", "held", "stated", "newest", "verdict"),
    [
        ("all is here", Held(cursor(), True), states(), 9, LEVEL),
        ("a message came", Held(cursor(), False), states(11, 10), 10, BEHIND),
        ("three came", Held(cursor(), False), states(13, 12), 12, BEHIND),
        ("it came after EXAMINE", Held(cursor(), False), states(), 10, BEHIND),
        ("it was stored since", Held(cursor(11), True), states(), 10, LEVEL),
        ("the newest was deleted", Held(cursor(), True), states(10, 8), 8, LEVEL),
        ("one came and went", Held(cursor(), True), states(11), 9, MOVED),
        ("the inbox is empty", Held(cursor(1), False), states(1, 0), 0, LEVEL),
        ("it was emptied", Held(cursor(), False), states(10, 0), 0, LEVEL),
        ("one came and it was emptied", Held(cursor(), False), states(11, 0), 0, MOVED),
        ("no UIDNEXT was told", Held(cursor(), True), states(0), 9, LEVEL),
        ("none, and a message came", Held(cursor(), False), states(0), 10, BEHIND),
        ("it went here since", Held(cursor(), False), states(), 9, MOVED),
        ("the first sync begins", Held(cursor(10, 10), False), states(), 9, UNKNOWN),
        ("it is under way", Held(cursor(10, 5), True), states(), 9, LEVEL),
        ("nothing was read yet", Held(None, False), states(), 9, UNKNOWN),
        ("another UIDVALIDITY", Held(cursor(), True), states(uidvalidity=8), 9, MOVED),
        ("UIDs do not last", Held(cursor(), True), states(uidvalidity=0), 9, UNKNOWN),
        ("read again", Held(cursor(), True, True), states(), 9, UNKNOWN),
    ],
)
def test_what_a_probe_shows(
    why: str, held: Held, stated: Status, newest: int, verdict: Verdict
) -> None:
    assert judge(held, stated, newest, awaited=False) is verdict, why
    # What lacks while a sync is on its way is no surprise; what is level is level.
    later = verdict if verdict is LEVEL else UNKNOWN
    assert judge(held, stated, newest, awaited=True) is later, why
