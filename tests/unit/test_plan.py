"""A table of situations and what each of them calls for."""

import pytest

from core.imap.features import Features
from core.model import Cursor, Status
from core.sync.plan import (
    Build,
    CompareFlags,
    FetchChanged,
    FetchNew,
    Fill,
    Step,
    Swap,
    Verify,
    plan,
)

OLD = Features()
CONDSTORE = Features(condstore=True)


def known(
    uidvalidity: int = 1, low: int = 1, high: int = 5, modseq: int = 9, held: int = 4
) -> Cursor:
    return Cursor(uidvalidity, low, high, modseq, held)


def begin(uidvalidity: int, uidnext: int, modseq: int) -> Cursor:
    return Cursor(uidvalidity, uidnext, uidnext, modseq, 0)


@pytest.mark.parametrize(
    ("held", "now", "features", "steps"),
    [
        # the first time
        (None, Status(1, 5, 9, 4), CONDSTORE, (Fill(begin(1, 5, 9)), Verify(4))),
        (None, Status(1, 1, 1, 0), CONDSTORE, (Fill(begin(1, 1, 1)), Verify(0))),
        # nothing happened
        (known(), Status(1, 5, 9, 4), CONDSTORE, ()),
        (known(modseq=0), Status(1, 5, 0, 4), OLD, (CompareFlags(4), Verify(4))),
        # two arrived
        (
            known(),
            Status(1, 7, 11, 6),
            CONDSTORE,
            (FetchChanged(9, 4), FetchNew(5, 7), Verify(6)),
        ),
        (
            known(modseq=0),
            Status(1, 7, 0, 6),
            OLD,
            (CompareFlags(4), FetchNew(5, 7), Verify(6)),
        ),
        # one is gone
        (known(), Status(1, 5, 11, 3), CONDSTORE, (FetchChanged(9, 4), Verify(3))),
        # a first sync that was cut off goes on where it was
        (
            known(low=3, held=2),
            Status(1, 5, 9, 4),
            CONDSTORE,
            (Fill(known(low=3, held=2)), Verify(4)),
        ),
        # the folder was made anew
        (
            known(),
            Status(2, 3, 4, 2),
            CONDSTORE,
            (Build(begin(2, 3, 4)), Swap()),
        ),
        (
            known(),
            Status(2, 1, 4, 0),
            CONDSTORE,
            (Build(begin(2, 1, 4)), Swap()),
        ),
        # CONDSTORE server, NOMODSEQ folder
        (known(), Status(1, 5, 0, 4), CONDSTORE, (CompareFlags(4), Verify(4))),
        # HIGHESTMODSEQ went down: the baseline tells nothing any more
        (known(), Status(1, 5, 3, 4), CONDSTORE, (CompareFlags(4), Verify(4))),
        # an empty folder got its first message
        (
            known(high=1, modseq=1, held=0),
            Status(1, 2, 3, 1),
            CONDSTORE,
            (FetchNew(1, 2), Verify(1)),
        ),
        # UIDNEXT went down: believe no arithmetic, compare
        (known(), Status(1, 3, 9, 4), CONDSTORE, (Verify(4),)),
    ],
)
def test_plan(
    held: Cursor | None, now: Status, features: Features, steps: tuple[Step, ...]
) -> None:
    assert plan(held, None, now, features) == steps


def test_a_half_built_generation_is_gone_on_with() -> None:
    half = known(uidvalidity=2, low=3, high=9, held=4)
    assert plan(known(), half, Status(2, 9, 4, 6), OLD)[0] == Build(half)


def test_a_generation_built_for_another_uidvalidity_is_begun_anew() -> None:
    half = known(uidvalidity=2, low=3, high=9, held=4)
    assert plan(known(), half, Status(3, 9, 4, 6), OLD)[0] == Build(begin(3, 9, 4))
