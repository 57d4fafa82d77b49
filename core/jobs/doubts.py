"""The doubts that only time raises: no mail for too long, or nobody looked for it.

Each function is a job of its own, and cheap with thousands of mailboxes: it asks the
store for those that may be concerned, and writes only what is new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from core import silence
from core.runtime import Runtime
from core.settings import Settings
from core.store import doubts, habits, incidents, workers
from core.store.bulk import chunks
from core.store.doubts import Late
from core.store.engine import reading, writing
from core.store.habits import Kept, Passed

SILENT, BEHIND = "silent", "behind"
BEHIND_S, SILENT_S, LEARN_S, OUTLIVED_S = 10.0, 60.0, 10.0, 300.0
LEARN_AT_ONCE = 8  # mailboxes; 5,000 are learnt within two hours
WRITE_AT_ONCE = 50
LEAST = timedelta(minutes=5)
IDLE_PROOF_S = 600  # after which IDLE is renewed at the latest (core.imap.profiles)
FACTOR, SLACK = 3, 1.5
Facts = dict[str, str]


def jobs(runtime: Runtime) -> list[tuple[str, Callable[[], None], float]]:
    """Give the name of each job, and after how many seconds it is done again."""
    return [
        ("find_behind", partial(find_behind, runtime), BEHIND_S),
        ("find_silent", partial(find_silent, runtime), SILENT_S),
        ("learn_habits", partial(learn, runtime), LEARN_S),
        ("end_outlived", partial(end_outlived, runtime), OUTLIVED_S),
    ]


def learn(runtime: Runtime) -> None:
    """Learn the habits of mailboxes whose turn it is; each has its turn once a day."""
    now = runtime.clock()
    with reading(runtime.engine) as conn:
        ids = habits.due(conn, now, LEARN_AT_ONCE)
        found = [(one, habits.learnt(conn, one, now)) for one in ids]
    if found:
        with writing(runtime.engine) as conn:
            for one, kept in found:
                habits.keep(conn, one, kept, now)


# ---- silence


def find_silent(runtime: Runtime) -> None:
    """Tell which mailboxes had no mail for longer than is probable, and which again.

    Only up to the runtime clock: where nobody looked, nothing is silent.
    """
    now = runtime.clock()
    with reading(runtime.engine) as conn:
        judged = [(one, _judge(conn, one, now)) for one in habits.passed(conn)]
        before = doubts.open_ones(conn, SILENT)
    silent = {one.integration_id: _facts(one, k) for one, k in judged if _is(one, k)}
    over = [o.integration_id for o in before if o.stopped or not o.failing]
    _move(runtime, [(i, k) for (i, last, _), k in judged if k.last_arrival_at != last])
    known = {o.integration_id: o.facts for o in before}
    _observe(runtime, SILENT, silent, known)
    _end(runtime, [(one, SILENT) for one in over if one not in silent])


def _judge(conn: Connection, one: Passed, now: datetime) -> Kept:
    """Give the habit of a mailbox with its newest arrival."""
    mailbox = one.integration_id
    kept = habits.of(conn, mailbox) or habits.learnt(conn, mailbox, now)
    last = habits.last_arrival(conn, mailbox, now)
    if last is None or last == kept.last_arrival_at:
        return kept
    return Kept(kept.habit, last, silence.silent_from(last, kept.habit))


def _move(runtime: Runtime, moved: Iterable[tuple[int, Kept]]) -> None:
    """Keep that mail came since, whether or not that was long ago."""
    for some in chunks(moved, WRITE_AT_ONCE):
        with writing(runtime.engine) as conn:
            for one, kept in some:
                habits.moved(conn, one, kept)


def _is(one: Passed, kept: Kept) -> bool:
    return kept.silent_at is not None and kept.silent_at <= one.seen_at


def _facts(one: Passed, kept: Kept) -> Facts:
    since = kept.last_arrival_at or one.last_arrival_at
    means = silence.expected(kept.habit, since, one.seen_at)
    p = silence.probability(kept.habit, since, one.seen_at)
    return {
        "since_at": since.isoformat(),
        "expected": str(max(1, round(means))),
        "p": silence.written(p),
    }


# ---- nobody looked


def find_behind(runtime: Runtime) -> None:
    """Tell in which mailboxes new mail was not looked for in too long."""
    now, settings = runtime.clock(), runtime.settings
    with reading(runtime.engine) as conn:
        late = doubts.late(conn, now - LEAST, now)
        before = doubts.open_ones(conn, BEHIND)
        up_since = workers.up_since(conn, now)
    overdue = [one for one in late if now - one.since > limit(one, settings)]
    known = {o.integration_id: o.facts for o in before}
    begun = up_since is not None and now - up_since < LEAST
    behind = {
        one.integration_id: {"since_at": (one.seen_at or one.begun_at).isoformat()}
        for one in overdue
        if one.integration_id in known or not (begun or _has_turn(one, now))
    }
    _observe(runtime, BEHIND, behind, known)
    well = [o.integration_id for o in before if o.stopped or not o.failing]
    _end(runtime, [(one, BEHIND) for one in well if one not in behind])


def limit(one: Late, settings: Settings) -> timedelta:
    """Give how long nobody may look at a mailbox, by the way in which it is followed.

    Three times what that way promises: the time between two polls, or between two
    proofs of IDLE. At most the setting, at least five minutes; and never less than the
    promise with half of it to spare, however rarely an operator wants to poll.
    """
    most_s = settings.behind_after_s
    if one.seen_at is None:
        return timedelta(seconds=most_s)
    promise_s = settings.sync_every_s if _is_polled(one, settings) else IDLE_PROOF_S
    seconds = max(min(FACTOR * promise_s, most_s), SLACK * promise_s)
    return max(LEAST, timedelta(seconds=seconds))


def _is_polled(one: Late, settings: Settings) -> bool:
    """Tell how a mailbox is followed by when it is to be synced next."""
    if one.next_at is None or one.last_sync_at is None:
        return True
    wait_s = (one.next_at - one.last_sync_at).total_seconds()
    return wait_s <= SLACK * settings.sync_every_s


def _has_turn(one: Late, now: datetime) -> bool:
    """Tell whether a mailbox is due since a moment only: it was paused before."""
    return one.next_at is not None and now - LEAST < one.next_at <= now


# ---- what was told for long enough


def end_outlived(runtime: Runtime) -> None:
    """End what nobody will take back: folders that vanished, another issuer."""
    with reading(runtime.engine) as conn:
        found = doubts.outlived(conn, runtime.clock())
    _end(runtime, found)


def _observe(
    runtime: Runtime, code: str, found: dict[int, Facts], known: dict[int, Facts]
) -> None:
    """Write what is new, or is to be said in other words."""
    now = runtime.clock()
    news = [(one, facts) for one, facts in found.items() if known.get(one) != facts]
    for some in chunks(news, WRITE_AT_ONCE):
        with writing(runtime.engine) as conn:
            for one, facts in some:
                incidents.observe(conn, one, code, now, **facts)


def _end(runtime: Runtime, over: Iterable[tuple[int, str]]) -> None:
    now = runtime.clock()
    for some in chunks(over, WRITE_AT_ONCE):
        with writing(runtime.engine) as conn:
            for one, code in some:
                incidents.end(conn, one, [code], now)
