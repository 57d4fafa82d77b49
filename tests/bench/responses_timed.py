"""Time what the page of response times asks: `python -m tests.bench.responses_timed`.

A thousand mailboxes in twenty teams with 24 months of questions, written as rows of
months directly, and 3,000 domains; the questions themselves of one mailbox.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, insert, select

from core import responses
from core.business import month_number
from core.durations import BUCKETS
from core.responses import By, Question, Side
from core.runtime import Runtime, open_runtime
from core.scopes import Scope
from core.settings import Settings
from core.store.bulk import insert_rows
from core.store.counting_tables import correspondent, response, response_month, team
from core.store.engine import writing
from core.store.packed import pack
from core.store.response_months import COLUMNS
from core.store.schema import integration, message, owner
from tests.store.building import connected, listed, put, some

MAILBOXES, TEAMS, MONTHS, DOMAINS = 1_000, 20, 24, 3_000
QUESTIONS = 120  # of a mailbox in a month
TIMES = 5
DAY_MS = 86_400_000


def fill(runtime: Runtime) -> None:
    """Write mailboxes, and what was counted of each."""
    drawn = np.random.default_rng(1)
    model = connected(runtime, "Model", "model@example.org")
    folders = listed(runtime, model, "Inbox")
    put(runtime, model, folders["Inbox"], some(100))
    with writing(runtime.engine) as conn:
        row = dict(conn.execute(select(integration)).mappings().one())
        conn.execute(insert(team), [{"name": f"Team {n}"} for n in range(TEAMS)])
        people = [
            {"id": n, "name": f"Owner {n}", "folded": f"owner {n}",
             "team": f"Team {n % TEAMS}", "created_at": runtime.clock()}
            for n in range(2, MAILBOXES + 2)
        ]  # fmt: skip
        conn.execute(insert(owner), people)
        boxes = [row | {"id": n, "owner_id": n} for n in range(2, MAILBOXES + 2)]
        conn.execute(insert(integration), boxes)
        names = [(f"@d{n}.example",) for n in range(DOMAINS)]
        insert_rows(conn, correspondent, ("name",), names)
    last = month_number(runtime.clock().date())
    for month in range(last - MONTHS + 1, last + 1):
        with writing(runtime.engine) as conn:
            insert_rows(conn, response_month, COLUMNS, _rows(drawn, month))
    with writing(runtime.engine) as conn:
        _questions(runtime, conn, drawn)


def _rows(drawn: np.random.Generator, month: int) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for side in ("ours", "theirs"):
        scopes = [*range(2, MAILBOXES + 2), 0, *(-n for n in range(1, TEAMS + 1))]
        for scope in scopes:
            many = QUESTIONS * (1 if scope > 0 else 50 if scope else MAILBOXES)
            rows.append((scope, side, "all", month, 0, *_row(drawn, many)))
            rows += [
                (scope, side, "weekday", month, day, *_row(drawn, many // 7))
                for day in range(1, 8)
            ]
            domains = range(1, 1 + (0 if scope > 0 else DOMAINS))
            few = max(many // DOMAINS, 2)
            rows += [
                (scope, side, "domain", month, one, *_row(drawn, few))
                for one in (domains if not scope else domains[: DOMAINS // 6])
            ]
    return rows


def _row(drawn: np.random.Generator, many: int) -> tuple[int, int, bytes, bytes, bytes]:
    answered = many * 6 // 10
    calendar, business = (
        drawn.normal(centre, 18, min(answered, 2_000)).clip(0, BUCKETS - 1)
        for centre in (60, 45)
    )
    waits = drawn.integers(1, 29, min(many - answered, 200))
    return (
        answered,
        many - answered,
        _packed(calendar.astype(np.int64)),
        _packed(business.astype(np.int64)),
        _packed(waits),
    )


def _packed(columns: np.ndarray[tuple[int], np.dtype[np.int64]]) -> bytes:
    found, n = np.unique(columns, return_counts=True)
    return pack(np.zeros(len(found), np.int64), found, n, 1)[0]


def _questions(runtime: Runtime, conn: Connection, drawn: np.random.Generator) -> None:
    """Write the questions of mailboxes: half a million in all, two in five wait."""
    now_ms = int(runtime.clock().timestamp() * 1000)
    ids = conn.scalars(select(message.c.id)).all()
    rows = []
    for number in range(500_000):
        asked = now_ms - int(drawn.integers(0, 700 * DAY_MS))
        took = int(np.exp(drawn.normal(9, 2)) * 1000)
        done = drawn.random() < 0.6
        id_ = ids[number] if number < len(ids) else 1_000 + number
        rows.append(
            (id_, 2 + number % MAILBOXES if number > 15_000 else 2,
             "ours", 1 + number % DOMAINS, number, asked,
             asked + took if done else None, None)
        )  # fmt: skip
    names = [c.name for c in response.columns]
    insert_rows(conn, response, names, rows)


def timed(what: Callable[[], object]) -> float:
    """Give the middle of a few times, in milliseconds of this process alone."""
    what()
    took = []
    for _ in range(TIMES):
        start = time.process_time()
        what()
        took.append((time.process_time() - start) * 1000)
    return sorted(took)[TIMES // 2]


def main() -> None:
    """Fill, ask, and tell."""
    folder = Path(tempfile.mkdtemp(prefix="malote-responses-"))
    runtime = open_runtime(Settings(data=folder))
    start = time.perf_counter()
    fill(runtime)
    sys.stdout.write(f"filled in {time.perf_counter() - start:.0f} s\n")
    last = month_number(runtime.clock().date())
    for scope in (Scope(), Scope(-3, "Team 2"), Scope(2, "Owner 2"), Scope(9, "Owner")):
        for months in (3, 24):
            for by in (By.CALENDAR, By.BUSINESS):
                asked = Question(scope, last - months + 1, last, Side.OURS, by)
                took = timed(partial(responses.report, runtime, asked))
                list_ = timed(partial(responses.waiting, runtime, asked))
                sys.stdout.write(
                    f"{scope.text:8} {months:2} months {by:8}: report {took:6.1f} ms,"
                    f" waiting {list_:6.1f} ms\n"
                )


if __name__ == "__main__":
    main()
