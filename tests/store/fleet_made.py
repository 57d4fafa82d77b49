"""A made-up fleet: any number of integrations with weeks of history, quickly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, text

from core.clock import to_ms
from core.incidents import level_of
from core.runtime import Runtime
from core.store.bulk import insert_rows
from core.store.engine import writing
from core.store.rollups import SLOT_MS
from core.store.schema import folder, integration, owner
from core.store.watch_tables import incident
from core.text import fold

GIVEN = "Ana Bruno Caio Duda Elisa Fábio Gil Helena Ivo Júlia".split()
FAMILY = "Souza Lima Araújo Costa Dias Farias Melo Nunes Prado Reis Sá".split()
TEAMS = ("Vendas", "Suporte", "Financeiro", "")
# By id of the catalogue; the last is not in it.
PROVIDERS = {
    "locaweb": "empresa.com.br", "uol": "uol.com.br", "google": "gmail.com",
    "outlook": "outlook.com", "terra": "terra.com.br", "": "acme.example",
}  # fmt: skip
ROLES = "inbox sent drafts trash junk archive other other".split()
HOUR = timedelta(hours=1)
DAY_SLOTS = 96
# What is wrong, by the last two digits of the number: 3 % errors, 10 % warnings.
ERRORS = {
    0: ("needs_password", "wrong_password"),
    1: ("retrying", "no_answer"),
    2: ("needs_attention", "certificate_expired"),
}
WARNINGS = (
    "silent", "quota_full", "certificate_7", "short", "folder_vanished", "deaf",
    "behind", "renumbered", "certificate_30", "issuer_changed",
)  # fmt: skip
WAITING, PAUSED, ENDED = (13, 14), (15, 16), 17


def fill(runtime: Runtime, n: int, *, days: int = 30, history: bool = True) -> None:
    """Make n integrations; with `history` also runs, quarters, folders, rollups."""
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        conn.execute(insert(owner), list(_owners(n, now)))
        conn.execute(
            insert(integration), [_integration(k, now) for k in range(1, n + 1)]
        )
        if found := list(_open_incidents(n, now)):
            conn.execute(insert(incident), found)
        if history:
            conn.execute(insert(folder), list(_folders(n)))
            _past_incidents(conn, n, days, now)
            _quarters(conn, now)
            _rollups(conn, n, days, now)
            _runs(conn, days, now)
    if runtime.engine.dialect.name == "sqlite":
        with runtime.engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def provider_of(k: int) -> str:
    """Give the provider of an integration by its number."""
    return list(PROVIDERS)[k % len(PROVIDERS)]


def _owners(n: int, now: datetime) -> Iterator[dict[str, Any]]:
    for k in range(1, n + 1):
        name = f"{GIVEN[k % len(GIVEN)]} {FAMILY[k % len(FAMILY)]} {k}"
        team = TEAMS[k % 7 % len(TEAMS)]
        yield {"id": k, "name": name, "folded": fold(name), "team": team,
               "created_at": now}  # fmt: skip


def _integration(k: int, now: datetime) -> dict[str, Any]:
    given, family = GIVEN[k % len(GIVEN)], FAMILY[k % len(FAMILY)]
    host = PROVIDERS[provider_of(k)]
    address = fold(f"{given}.{family}{k}@{host}")
    kind = k % 100
    state, code = ERRORS.get(kind, ("ok", None))
    seen = now - timedelta(seconds=20 + k * 37 % 280)
    since = now - HOUR * (1 + k * 7919 % 70) if code else None
    server = {"host": f"mail.{host}", "port": 993, "security": "tls"}
    made = {
        "id": k, "owner_id": k, "method": "imap", "address": address,
        "login": address, "acknowledged_version": "1", "acknowledged_by": "made",
        "acknowledged_at": now, "connected_at": now - HOUR * 24 * (20 + k % 300),
        "state": state, "paused": kind in PAUSED, "problem_code": code,
        "problem_facts": {"host": server["host"]} if code else None,
        "problem_since": since, "failures": 3 if code else 0,
        "login_ok_at": since or seen - HOUR, "seen_at": since or seen,
        "last_sync_at": since or seen, "unread": k * 7919 % 140,
        "probe_at": now + HOUR * 24 * 365,  # there is no such server
        "short": k % 9 if _warning(k) == "short" else 0,
        "provider": provider_of(k), "disconnected_at": None,
        **{f"{way}_{name}": value for way in ("imap", "smtp")
           for name, value in server.items()},
    }  # fmt: skip
    if kind in WAITING:
        made |= {"last_sync_at": None, "seen_at": None, "unread": 0}
    if kind == ENDED:
        made["disconnected_at"] = now - HOUR * 24
    return made


def _warning(k: int) -> str:
    kind = k % 100 - 3
    return WARNINGS[(kind + k // 100) % 10] if 0 <= kind < len(WARNINGS) else ""


def _open_incidents(n: int, now: datetime) -> Iterator[dict[str, Any]]:
    for k in range(1, n + 1):
        code = _warning(k) or ERRORS.get(k % 100, ("", ""))[1]
        if code:
            yield {
                "integration_id": k, "code": code, "level": str(level_of(code)),
                "facts": _facts(code, k, now),
                "since": now - HOUR * (1 + k * 7919 % 70),
                "last_at": now, "times": 1 + k % 5,
            }  # fmt: skip


def _facts(code: str, k: int, now: datetime) -> dict[str, str]:
    host = f"mail.{PROVIDERS[provider_of(k)]}"
    known = {
        "silent": {"since_at": (now - HOUR * 30).isoformat(), "expected": "41",
                   "p": "0.0003"},
        "behind": {"since_at": (now - HOUR * 2).isoformat()},
        "quota_full": {"used_kib": "1048576", "limit_kib": "1048576"},
        "short": {"n": str(k % 9)},
        "folder_vanished": {"folders": "Clientes", "n": "1"},
        "renumbered": {"folders": "INBOX"},
        "certificate_7": {"host": host, "expires_at": (now + HOUR * 90).isoformat()},
        "certificate_30": {"host": host, "expires_at": (now + HOUR * 400).isoformat()},
        "issuer_changed": {"host": host, "issuer": "R11", "before": "Sectigo"},
    }  # fmt: skip
    return known.get(code, {"host": host})


def _folders(n: int) -> Iterator[dict[str, Any]]:
    for k in range(1, n + 1):
        for number, role in enumerate(ROLES):
            yield {
                "integration_id": k, "name": f"F{number}", "title": f"F{number}",
                "delimiter": "/", "role": role, "selectable": True, "low": 1,
                "high": 1000, "held": 999, "on_server": 999, "uidvalidity": 1,
                "capped": k % 29 == 0 and number == 0,
            }  # fmt: skip


def _past_incidents(conn: Connection, n: int, days: int, now: datetime) -> None:
    """Let each have failed, and recovered, every other day."""
    names = "integration_id code level facts since last_at times ended_at".split()
    day_ms, end = 86_400_000, to_ms(now)
    rows = (
        (k, "no_answer", "error", "{}", end - day * day_ms + k,
         end - day * day_ms + 900_000, 3, end - day * day_ms + 1_800_000)
        for k in range(1, n + 1)
        for day in range(1, days + 1, 2)
    )  # fmt: skip
    insert_rows(conn, incident, names, rows)


def _quarters(conn: Connection, now: datetime) -> None:
    """Make eight days of quarters: good, but for what is broken, slow or paused.

    One provider of six was away from three hours ago until two hours ago.
    """
    last = to_ms(now) // SLOT_MS
    many = len(PROVIDERS)
    failed = (
        "CASE WHEN i.problem_since IS NOT NULL AND slot >= i.problem_since / :slot_ms"
        f" OR i.id % {many} = 2 AND slot > :last - 12 AND slot <= :last - 8"
        " THEN 2 ELSE 0 END"
    )
    conn.execute(
        text(
            "INSERT INTO quarter (integration_id, slot, good, failed, slowest_ms, code)"  # noqa: S608 - names of ours
            " WITH RECURSIVE s(slot) AS (SELECT :first UNION ALL"
            " SELECT slot + 1 FROM s WHERE slot < :last),"
            f" q AS (SELECT i.*, slot, {failed} AS bad FROM integration i, s"
            " WHERE NOT i.paused AND i.last_sync_at IS NOT NULL"
            " AND i.disconnected_at IS NULL)"
            " SELECT id, slot, CASE WHEN bad > 0 THEN 0 ELSE 3 END, bad,"
            " CASE WHEN bad = 0 AND (id + slot) % 61 = 0 THEN 45000 ELSE 900 END,"
            " CASE WHEN bad = 0 THEN NULL ELSE coalesce(problem_code, 'no_answer') END"
            " FROM q ORDER BY id, slot"
        ),
        {"first": last - 8 * DAY_SLOTS + 1, "last": last, "slot_ms": SLOT_MS},
    )


def _rollups(conn: Connection, n: int, days: int, now: datetime) -> None:
    """Let mail come and go in eight quarters of each day."""
    last = to_ms(now) // SLOT_MS
    conn.execute(
        text(
            "INSERT INTO rollup"
            " (integration_id, slot, direction, kind, aside, messages, size_bytes)"
            " WITH RECURSIVE s(slot) AS (SELECT :first UNION ALL"
            " SELECT slot + 12 FROM s WHERE slot + 12 <= :last)"
            " SELECT i.id, slot,"
            " CASE WHEN slot % 5 = 0 THEN 'sent' ELSE 'received' END, 'person',"
            " CASE WHEN slot % 7 = 0 THEN 'junk' ELSE 'no' END,"
            " 1 + (i.id + slot) % 4, 9000 FROM integration i, s WHERE i.id <= :n"
            " ORDER BY i.id, slot"
        ),
        {"first": last - days * DAY_SLOTS, "last": last, "n": n},
    )


def _runs(conn: Connection, days: int, now: datetime) -> None:
    """Let a sync have run every half hour."""
    conn.execute(
        text(
            'INSERT INTO run (integration_id, "trigger", started_at, finished_at,'
            " outcome, folders, done, total, added, read, flagged, moved, gone,"
            " poisoned)"
            " WITH RECURSIVE s(at) AS (SELECT :first UNION ALL"
            " SELECT at + 1800000 FROM s WHERE at + 1800000 < :last)"
            " SELECT i.id, 'schedule', at, at + 900, 'ok', 8, 0, 0, 1, 0, 0, 0, 0, 0"
            " FROM integration i, s ORDER BY i.id, at"
        ),
        {"first": to_ms(now) - days * 86_400_000, "last": to_ms(now)},
    )
