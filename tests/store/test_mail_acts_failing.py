"""Acts on messages that fail while others tell other things, and who begins them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core import mail_acts
from core.acting import Act, Stage
from core.jobs.acts import Acts
from core.jobs.syncs import Want
from core.model import Trigger
from core.runtime import Runtime
from core.store import folders, integrations
from core.store.engine import reading, writing
from tests.store.acted import (
    DELETED,
    FLAGGED,
    SEEN,
    act_of,
    ask,
    audited,
    copy_of,
    fail,
    flags,
    folder_id,
    mailbox,
    server_tells,
    succeed,
)


@pytest.fixture
def one(runtime: Runtime) -> int:
    return mailbox(runtime)


# ---- failing, while others tell other things


def test_a_failure_shows_what_was_and_is_told(runtime: Runtime, one: int) -> None:
    before = flags(runtime)
    act_id = ask(runtime, one, Act.READ, 3, 6)
    fail(runtime, act_id)
    assert flags(runtime) == before
    (told,) = mail_acts.acts_of(runtime, one)
    assert told.problem is not None
    assert (told.stage, told.problem.code) == (Stage.FAILED, "folder_read_only")
    assert audited(runtime)[-1] == ("read_failed", "ana")


@pytest.mark.parametrize("act", [Act.READ, Act.FLAG, Act.DELETE])
@pytest.mark.parametrize("server", [0, SEEN, FLAGGED, SEEN | FLAGGED])
def test_a_failure_never_writes_over_what_the_server_told_since(
    runtime: Runtime, one: int, act: Act, server: int
) -> None:
    act_id = ask(runtime, one, act, 3)
    server_tells(runtime, {3: server})
    assert flags(runtime)[3] == act.shown(server)
    fail(runtime, act_id)
    assert flags(runtime)[3] == server


def test_acts_on_the_same_message_fail_and_succeed_apart(
    runtime: Runtime, one: int
) -> None:
    read, flag = ask(runtime, one, Act.READ, 3), ask(runtime, one, Act.FLAG, 3)
    away = ask(runtime, one, Act.ARCHIVE, 3)
    assert flags(runtime)[3] == SEEN | FLAGGED | DELETED
    fail(runtime, read)
    assert flags(runtime)[3] == FLAGGED | DELETED
    succeed(runtime, flag, {3: FLAGGED})
    fail(runtime, away)
    assert flags(runtime)[3] == FLAGGED


def test_a_sync_that_reads_old_marks_does_not_show_them(
    runtime: Runtime, one: int
) -> None:
    with reading(runtime.engine) as conn:
        inbox = folders.get(conn, folder_id(runtime, "Inbox"))
    copy = copy_of(runtime)
    known = copy.flags(inbox, 1, 100)
    ask(runtime, one, Act.READ, 3)
    copy.write_flags(inbox, known, {3: FLAGGED})
    assert flags(runtime)[3] == SEEN | FLAGGED
    assert copy.flags(inbox, 1, 100)[3] == FLAGGED  # what the next one compares with


# ---- who has them done


def waiting(runtime: Runtime, *, wanted: bool = False) -> list[tuple[int, Want]]:
    asked: list[tuple[int, Want]] = []
    acts = Acts(
        runtime, "test:0:0", lambda i, want: asked.append((i, want)), lambda _: wanted
    )
    acts.tick()
    return asked


def test_a_mailbox_is_synced_because_of_an_act(runtime: Runtime, one: int) -> None:
    assert waiting(runtime) == []
    ask(runtime, one, Act.MOVE, 3, to="Other")
    names = frozenset({"Inbox", "Other"})
    assert waiting(runtime) == [(one, Want(Trigger.REQUEST, names))]
    assert waiting(runtime, wanted=True) == []


def test_while_a_mailbox_backs_off_its_acts_wait_and_are_given_up(
    runtime: Runtime, one: int
) -> None:
    act_id = ask(runtime, one, Act.READ, 3)
    with writing(runtime.engine) as conn:
        soon = runtime.clock() + timedelta(hours=1)
        integrations.change(conn, one, failures=2, next_at=soon, problem_code="no_tls")
    assert waiting(runtime) == []
    assert act_of(runtime, act_id).stage is Stage.ASKED
    late = replace(runtime, clock=lambda: runtime.clock() + timedelta(minutes=11))
    assert waiting(late) == []
    given_up = act_of(runtime, act_id)
    assert given_up.problem is not None
    assert (given_up.stage, given_up.problem.code) == (Stage.FAILED, "no_tls")
    assert flags(runtime)[3] == 0


def test_a_mailbox_that_is_paused_ends_its_acts(runtime: Runtime, one: int) -> None:
    act_id = ask(runtime, one, Act.READ, 3)
    with writing(runtime.engine) as conn:
        integrations.change(conn, one, paused=True)
    assert waiting(runtime) == []
    ended = act_of(runtime, act_id)
    assert ended.problem is not None
    assert ended.problem.code == "ended"
    assert flags(runtime)[3] == 0
