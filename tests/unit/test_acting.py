"""On which places of a message an act is done."""

from __future__ import annotations

import pytest

from core.acting import MARKS, Act, Lying, Place, drawn, places_for
from core.model import Flags, Role

INBOX, OTHER, SENT, TRASH, EVERYTHING, ARCHIVE = range(1, 7)
ROLES = {
    INBOX: Role.INBOX,
    OTHER: Role.OTHER,
    SENT: Role.SENT,
    TRASH: Role.TRASH,
    EVERYTHING: Role.ALL,
    ARCHIVE: Role.ARCHIVE,
}
SEEN, DELETED = int(Flags.SEEN), int(Flags.DELETED)


def lying(*folders: int, flags: int = 0, message: int = 1) -> list[Lying]:
    return [
        Lying(Place(f, 1, 10 + f, message, flags), flags, ROLES[f]) for f in folders
    ]


@pytest.mark.parametrize(
    ("act", "where", "seen", "target", "chosen"),
    [
        (Act.READ, (INBOX, OTHER), INBOX, None, [INBOX, OTHER]),
        (Act.READ, (INBOX, EVERYTHING), None, None, [INBOX, EVERYTHING]),
        (Act.MOVE, (INBOX, OTHER), INBOX, ARCHIVE, [INBOX]),
        (Act.MOVE, (INBOX, OTHER), OTHER, INBOX, [OTHER]),
        (Act.MOVE, (INBOX,), INBOX, INBOX, []),
        (Act.MOVE, (SENT, INBOX), None, OTHER, [INBOX]),
        (Act.MOVE, (SENT, OTHER), None, OTHER, []),
        (Act.ARCHIVE, (INBOX, EVERYTHING), INBOX, EVERYTHING, [INBOX]),
        (Act.ARCHIVE, (INBOX, EVERYTHING), None, EVERYTHING, []),
        (Act.DELETE, (INBOX, OTHER), INBOX, TRASH, [INBOX]),
        (Act.DELETE, (INBOX, OTHER, EVERYTHING), None, TRASH, [INBOX, OTHER]),
        (Act.DELETE, (EVERYTHING,), None, TRASH, [EVERYTHING]),
        (Act.DELETE, (INBOX, TRASH), None, TRASH, [INBOX]),
        (Act.DELETE, (TRASH,), TRASH, TRASH, []),
    ],
)
def test_which_places(
    act: Act, where: tuple[int, ...], seen: int | None, target: int, chosen: list[int]
) -> None:
    places = places_for(act, lying(*where), seen, target)
    assert [place.folder_id for place in places] == chosen


def test_what_would_not_change_is_left_out():
    both = [*lying(INBOX, flags=SEEN), *lying(OTHER, message=2)]
    assert [p.message_id for p in places_for(Act.READ, both, None, None)] == [2]
    assert [p.message_id for p in places_for(Act.UNREAD, both, None, None)] == [1]


def test_what_is_on_its_way_out_is_not_moved_again():
    assert places_for(Act.DELETE, lying(INBOX, flags=DELETED), INBOX, TRASH) == []


@pytest.mark.parametrize("act", list(Act))
@pytest.mark.parametrize("flags", [0, 31])
def test_an_act_shows_its_mark_and_no_other(act: Act, flags: int) -> None:
    bit, on = act.mark
    shown = act.shown(flags)
    assert bool(shown & bit) is on
    assert shown & ~bit == flags & ~bit
    assert (act in MARKS) is (bit is not Flags.DELETED)
    assert act.opposite.mark[0] == bit


def test_acts_are_drawn_in_order():
    assert drawn(0, [Act.READ, Act.FLAG, Act.UNREAD]) == Flags.FLAGGED
