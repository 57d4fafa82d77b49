"""Write down how an integration stands after a run, and tell what is worth it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from core.errors import MailError
from core.model import Outcome, Problem, State
from core.store import health, incidents, integrations, runs
from core.sync import state
from core.sync.syncer import Report, Syncer
from core.text import harmless

ALERT = "server_alert"


class Clocks(NamedTuple):
    """Both clocks of an integration, as far as a run has moved them.

    `login_ok_at`: when a login worked; `seen_at`: new mail of before that was seen.
    """

    integration_id: int
    login_ok_at: datetime | None
    seen_at: datetime | None

    def values(self) -> dict[str, datetime]:
        """Give the columns to set."""
        moved = {"login_ok_at": self.login_ok_at, "seen_at": self.seen_at}
        return {name: at for name, at in moved.items() if at is not None}


def conclude(
    conn: Connection,
    run_id: int,
    report: Report,
    clocks: Clocks,
    alerts: Iterable[str],
    syncer: Syncer,
) -> None:
    """Write how a run ended, and how the integration stands after it."""
    now, one, error, problem = syncer.clock(), clocks.integration_id, report.error, None
    if error is not None and report.outcome is Outcome.FAILED:
        problem = Problem(error.code, error.facts)
    runs.finish(conn, run_id, report.outcome, report.changes, problem, now)
    tell_alerts(conn, one, alerts, now)
    if report.outcome is Outcome.OK:
        stand_well(conn, clocks, syncer.every_s, now)
        again = [f.title for f in report.folders if f.was_read_again]
        warn(conn, one, again, now)
    elif problem is not None and error is not None:
        stand_badly(conn, clocks, error, syncer.jitter, now)


def stand_well(conn: Connection, clocks: Clocks, every_s: int, now: datetime) -> None:
    """Write that a run went well; tell a recovery."""
    one = clocks.integration_id
    before = integrations.standing(conn, one)
    follows = state.after_success(now, every_s)
    integrations.change(
        conn,
        one,
        state=str(follows.state),
        failures=0,
        next_at=follows.at,
        problem_code=None,
        problem_facts=None,
        problem_since=None,
        **clocks.values(),
    )
    if before.problem is not None:
        runs.tell(conn, one, "recovered", now, problem=before.problem.code)
    incidents.end_errors(conn, one, now)


def stand_badly(
    conn: Connection,
    clocks: Clocks,
    error: MailError,
    jitter: Callable[[], float],
    now: datetime,
) -> None:
    """Write that a run failed, and when to try again; tell a new problem."""
    one = clocks.integration_id
    before = integrations.standing(conn, one)
    follows = state.after_failure(error, before.failures, now, jitter)
    again = before.problem is not None and before.problem.code == error.code
    integrations.change(
        conn,
        one,
        state=str(follows.state),
        failures=follows.failures,
        next_at=follows.at,
        problem_code=error.code,
        problem_facts=error.facts,
        problem_since=before.problem_since if again else now,
        **clocks.values(),
    )
    incidents.observe(conn, one, error.code, now, **error.facts)
    incidents.end_errors(conn, one, now, but=error.code)
    if not again:
        runs.tell(conn, one, "problem", now, problem=error.code)
    if follows.state is not State.RETRYING and before.state != follows.state:
        runs.tell(conn, one, "state", now, state=str(follows.state))


def warn(
    conn: Connection, integration_id: int, renumbered: Collection[str], now: datetime
) -> None:
    """Write what is to be doubted of a mailbox although its run went well.

    `renumbered`: titles of folders whose UIDVALIDITY was another in this run.
    """
    found = health.measure(conn, integration_id, now)
    health.keep(conn, integration_id, found)
    named = ", ".join(found.vanished[: health.NAMED])
    doubts = {
        "short": {"n": str(found.short)} if found.short else None,
        "folder_vanished": {"folders": named, "n": str(len(found.vanished))}
        if found.vanished
        else None,
        "renumbered": {"folders": ", ".join(renumbered)} if renumbered else None,
    }
    for code, facts in doubts.items():
        if facts is not None:
            incidents.observe(conn, integration_id, code, now, **facts)
        elif code != "renumbered":  # it is over in seconds; people are told for longer
            incidents.end(conn, integration_id, [code], now)


def tell_alerts(
    conn: Connection, integration_id: int, alerts: Iterable[str], now: datetime
) -> None:
    """Tell once what the server wants a person to read (THREATS, fault 17)."""
    for words in map(harmless, alerts):
        if not runs.was_told(conn, integration_id, ALERT, words=words):
            runs.tell(conn, integration_id, ALERT, now, words=words)
