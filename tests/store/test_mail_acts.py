"""Acts on messages in the store: asked for, shown, taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core import mail_acts
from core.acting import Act, Stage
from core.connect import disconnect
from core.errors import BadInput, Ended, NotFound
from core.model import State
from core.runtime import Runtime
from core.store import folders, integrations, mail_acts as kept, rollups
from core.store.engine import reading, writing
from tests.store.acted import (
    SEEN,
    act_of,
    ask,
    audited,
    flags,
    folder_id,
    ids,
    mailbox,
    succeed,
)
from tests.store.building import connected, listed, put, some


@pytest.fixture
def one(runtime: Runtime) -> int:
    return mailbox(runtime)


# ---- asking


def test_a_mark_is_shown_at_once_and_in_the_audit_log(
    runtime: Runtime, one: int
) -> None:
    act = act_of(runtime, ask(runtime, one, Act.READ, 1, 3, 6))
    assert flags(runtime)[3] == SEEN
    assert [(p.uid, p.flags) for p in act.places] == [(3, 0), (6, 0)]
    assert audited(runtime) == [("messages_read", "ana")]
    (told,) = mail_acts.acts_of(runtime, one)
    assert (told.stage, told.total, told.can_undo) == (Stage.ASKED, 2, True)


def test_what_is_so_already_asks_for_nothing(runtime: Runtime, one: int) -> None:
    assert mail_acts.ask(runtime, "ana", one, [1, 2], Act.READ) is None
    assert audited(runtime) == []


def test_what_is_moved_leaves_the_lists_and_no_count(
    runtime: Runtime, one: int
) -> None:
    with reading(runtime.engine) as conn:
        before = rollups.held(conn, one)
        cursor = folders.get(conn, folder_id(runtime, "Inbox")).cursor
    ask(runtime, one, Act.DELETE, 1, 2)
    assert ids(runtime, one) == [3, 4, 5, 6]
    with reading(runtime.engine) as conn:
        assert rollups.held(conn, one) == before
        assert folders.get(conn, folder_id(runtime, "Inbox")).cursor == cursor


@pytest.mark.parametrize(
    ("uids", "act", "to", "problem"),
    [
        ((), Act.READ, "", "how_many_messages"),
        (tuple(range(1, 2002)), Act.READ, "", "how_many_messages"),
        ((1,), Act.MOVE, "", "not_a_target"),
        ((1,), Act.MOVE, "Gone", "not_a_target"),
        ((1,), Act.MOVE, "Theirs", "not_a_target"),
        ((7,), Act.DELETE, "", "in_trash"),
    ],
)
def test_what_cannot_be_asked_for(
    runtime: Runtime, one: int, uids: tuple[int, ...], act: Act, to: str, problem: str
) -> None:
    other = connected(runtime, "Bruno", "bruno@example.org")
    listed(runtime, other, "Theirs")
    put(runtime, one, folder_id(runtime, "Trash"), some(1, first=7))
    target = 999 if to == "Gone" else folder_id(runtime, to) if to else None
    with pytest.raises(BadInput) as refused:
        mail_acts.ask(runtime, "ana", one, uids, act, target)
    assert refused.value.problem == problem


@pytest.mark.parametrize(
    ("act", "problem"), [(Act.ARCHIVE, "no_archive"), (Act.DELETE, "no_trash")]
)
def test_a_mailbox_without_such_a_folder(
    runtime: Runtime, act: Act, problem: str
) -> None:
    one = connected(runtime)
    put(runtime, one, listed(runtime, one, "Inbox")["Inbox"], some(1))
    with pytest.raises(BadInput) as refused:
        mail_acts.ask(runtime, "ana", one, [1], act)
    assert refused.value.problem == problem


def test_another_mailbox_s_messages_are_not_to_be_had(
    runtime: Runtime, one: int
) -> None:
    other = connected(runtime, "Bruno", "bruno@example.org")
    with pytest.raises(NotFound):
        mail_acts.ask(runtime, "bruno", other, ids(runtime, one), Act.READ)
    assert flags(runtime)[3] == 0


def test_a_mailbox_that_nobody_can_act_on(runtime: Runtime, one: int) -> None:
    with writing(runtime.engine) as conn:
        integrations.change(conn, one, state=str(State.NEEDS_PASSWORD))
    with pytest.raises(BadInput, match="mailbox_waits"):
        ask(runtime, one, Act.READ, 3)
    with writing(runtime.engine) as conn:
        integrations.change(conn, one, paused=True)
    with pytest.raises(Ended):
        ask(runtime, one, Act.READ, 3)
    disconnect(runtime, one, "ana")
    with pytest.raises(Ended):
        ask(runtime, one, Act.READ, 3)


# ---- taking back


def test_an_act_that_nobody_began_is_forgotten(runtime: Runtime, one: int) -> None:
    before = flags(runtime)
    act_id = ask(runtime, one, Act.DELETE, 1, 2)
    assert mail_acts.undo(runtime, "bia", act_id) == []
    assert flags(runtime) == before
    assert act_of(runtime, act_id).stage is Stage.UNDONE
    assert mail_acts.acts_of(runtime, one) == []
    assert audited(runtime)[-1] == ("undo_delete", "bia")


def test_an_act_is_taken_back_once_and_for_a_while(runtime: Runtime, one: int) -> None:
    act_id = ask(runtime, one, Act.READ, 3, 6)
    succeed(runtime, act_id, {3: SEEN, 6: SEEN})
    late = replace(runtime, clock=lambda: runtime.clock() + timedelta(minutes=11))
    with pytest.raises(BadInput, match="not_undone"):
        mail_acts.undo(late, "ana", act_id)
    (back,) = mail_acts.undo(runtime, "ana", act_id)
    assert act_of(runtime, back).act is Act.UNREAD
    assert flags(runtime)[3] == flags(runtime)[6] == 0
    with pytest.raises(BadInput, match="not_undone"):
        mail_acts.undo(runtime, "ana", act_id)


def test_an_act_in_hand_is_not_taken_back(runtime: Runtime, one: int) -> None:
    act_id = ask(runtime, one, Act.READ, 3)
    with writing(runtime.engine) as conn:
        assert kept.begin(conn, act_of(runtime, act_id)) is not None
    with pytest.raises(BadInput, match="not_undone"):
        mail_acts.undo(runtime, "ana", act_id)


def test_what_was_taken_back_is_not_begun(runtime: Runtime, one: int) -> None:
    act_id = ask(runtime, one, Act.READ, 3)
    read_before = act_of(runtime, act_id)
    mail_acts.undo(runtime, "ana", act_id)
    with writing(runtime.engine) as conn:
        assert kept.begin(conn, read_before) is None
