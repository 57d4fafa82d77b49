"""What a bundle tells of integrations: states, clocks and codes; no mail, no names.

A value of the store is let through when it is a number, an instant or a word of ours.
Every other text goes through the screen, or is hashed whole.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import Any

from sqlalchemy import Connection, Select, Table, func, select

from core import providers
from core.bundle.shown import Screen
from core.runtime import Runtime
from core.store import followed, frames, integrations as stored, measures
from core.store.alert_tables import alert_notice, alert_sink
from core.store.engine import reading
from core.store.schema import folder, integration, metadata, owner, run, worker
from core.store.watch_tables import incident, recorded as lines, server_card

SILENT = timedelta(seconds=15)
MOST_RUNS = 200
MOST_INCIDENTS = 1000
MOST_FOLDERS = 5000
MOST_LINES = 2000
# Labels of hosts that say nothing of whose they are.
GENERIC = set("mail imap smtp pop mx www webmail com org net gov edu local".split())
# Facts whose whole value is a name that people gave.
NAMES = {"owner", "address", "login", "folder", "folders", "other", "gone", "title"}
PLAIN = (
    "id", "method", "demo", "provider", "imap_port", "imap_security", "smtp_port",
    "smtp_security", "state", "paused", "problem_code", "problem_since", "failures",
    "connected_at", "credentials_at", "disconnected_at", "login_ok_at", "seen_at",
    "next_at", "requested_at", "last_sync_at", "unread", "short", "probe_at",
    "probed_at", "record_until", "lease_until", "privacy", "erased_upto",
)  # fmt: skip
Row = Mapping[str, Any]


class Scope:
    """Which integrations a bundle is about, and what may be shown of each."""

    def __init__(self, runtime: Runtime, only: int | None) -> None:
        """Take one integration, or None for all."""
        self.runtime, self.only = runtime, only
        self.screen = Screen(runtime.vault.derived("bundle"), is_public)
        self._screens: dict[int, Screen] = {}

    def rows(self, query: Select[Any], of: Any = None) -> list[Row]:
        """Read rows; `of` is the column that names their integration."""
        if of is not None and self.only is not None:
            query = query.where(of == self.only)
        with reading(self.runtime.engine) as conn:
            return [dict(row) for row in conn.execute(query).mappings()]

    def of(self, integration_id: int) -> Screen:
        """Give the screen that knows the names in an integration."""
        if integration_id not in self._screens:
            words = self._words(integration_id)
            self._screens[integration_id] = self.screen.of(words)
        return self._screens[integration_id]

    def _words(self, integration_id: int) -> set[str]:
        name, address, login, *hosts = map(str, self._people[integration_id])
        local = {text.partition("@")[0] for text in (address, login)}
        domains = {*hosts, address.partition("@")[2], login.partition("@")[2]}
        private = {one for one in domains if not is_public(one)}
        words = {name, *name.split(), address, login, *local, *private}
        words |= self._titles.get(integration_id, set())
        return words | {piece for one in private for piece in _pieces(one)}

    @cached_property
    def _people(self) -> dict[int, list[str]]:
        """Read who is behind each integration, all at once: there may be thousands."""
        c = integration.c
        who = (owner.c.name, c.address, c.login, c.imap_host, c.smtp_host)
        rows = self.rows(select(c.id, *who).join(owner), c.id)
        return {row["id"]: [v for k, v in row.items() if k != "id"] for row in rows}

    @cached_property
    def _titles(self) -> dict[int, set[str]]:
        """Read how people call their folders."""
        c, found = folder.c, dict[int, set[str]]()
        named = select(c.integration_id, c.title, c.name).where(c.role == "other")
        for row in self.rows(named, c.integration_id):
            words = {row["title"], row["name"]}
            found.setdefault(row["integration_id"], set()).update(words)
        return found


def is_public(host: str) -> bool:
    """Tell whether a host or domain is a provider's, by the catalogue.

    Not where it names all that end like it: what stands before is a customer's name.
    """
    return host.rstrip(".").lower() in _public()


def _pieces(host: str) -> set[str]:
    """Give the words in a private name: what an organisation may be known by."""
    labels = host.lower().split(".")[:-1]
    return {piece for one in labels for piece in (one, *one.split("-"))} - GENERIC


@cache
def _public() -> frozenset[str]:
    found: set[str] = set()
    for one in providers.catalogue().providers:
        servers = [server.host for server in (one.imap, one.smtp) if server]
        found |= {*servers, *one.imap_others, *one.domains}
    return frozenset(name for name in found if "*" not in name)


def integrations(scope: Scope) -> list[dict[str, Any]]:
    """Give how each integration stands."""
    c = integration.c
    query = select(integration, owner.c.name.label("owner_name")).join(owner)
    found = scope.rows(query.order_by(c.id), c.id)
    return [_integration(scope, row) for row in found]


def _integration(scope: Scope, row: Row) -> dict[str, Any]:
    screen = scope.screen
    return {
        **{name: _plain(row[name]) for name in PLAIN},
        "owner": screen.hashed("owner", row["owner_name"]),
        "address": screen.hashed("address", row["address"]),
        "login": screen.hashed("login", row["login"]),
        "imap_host": screen.host(row["imap_host"]),
        "smtp_host": screen.host(row["smtp_host"]),
        "problem_facts": _facts(scope, row["id"], row["problem_facts"]),
    }


def incidents(scope: Scope) -> list[dict[str, Any]]:
    """Give what is and was wrong: open ones first, then the newest."""
    c = incident.c
    newest = select(incident).order_by(c.ended_at.is_not(None), c.since.desc())
    return [
        {
            **{k: _plain(row[k]) for k in ("id", "integration_id", "code", "level")},
            **{k: _plain(row[k]) for k in ("since", "last_at", "times", "ended_at")},
            "facts": _facts(scope, row["integration_id"], row["facts"]),
        }
        for row in scope.rows(newest.limit(MOST_INCIDENTS), c.integration_id)
    ]


def runs(scope: Scope) -> list[dict[str, Any]]:
    """Give the newest runs: when, how long, how they ended, what changed."""
    query = select(run).order_by(run.c.id.desc()).limit(MOST_RUNS)
    hidden = {"current", "problem_facts"}
    return [
        {k: _plain(v) for k, v in row.items() if k not in hidden}
        | {"problem_facts": _facts(scope, row["integration_id"], row["problem_facts"])}
        for row in scope.rows(query, run.c.integration_id)
    ]


def folders(scope: Scope) -> list[dict[str, Any]]:
    """Give folders by role with their counts and cursors; their names are hashed."""
    c = folder.c
    hidden = {"name", "title", "mailbox_id"}
    query = select(folder).order_by(c.integration_id, c.id).limit(MOST_FOLDERS)
    return [
        {k: _plain(v) for k, v in row.items() if k not in hidden}
        | {"title": scope.screen.hashed("folder", row["title"])}
        for row in scope.rows(query, c.integration_id)
    ]


def servers(scope: Scope) -> list[dict[str, Any]]:
    """Give what the servers show of themselves."""
    c = server_card.c
    out = []
    for row in scope.rows(select(server_card), c.integration_id):
        screen = scope.of(row["integration_id"])
        hidden = {"software", "issuer", "issuer_before", "capabilities", "fingerprint"}
        names = [screen.capability(str(one)) for one in row["capabilities"]]
        out.append(
            {k: _plain(v) for k, v in row.items() if k not in hidden}
            | {"capabilities": names}
            | {k: screen.text(row[k]) for k in ("software", "issuer", "issuer_before")}
        )
    return out


def workers(scope: Scope) -> list[dict[str, Any]]:
    """Give who works, and since when."""
    return [
        {
            "worker": scope.screen.hashed("host", row["holder"].partition(":")[0]),
            "started_at": _plain(row["started_at"]),
            "seen_at": _plain(row["seen_at"]),
        }
        for row in scope.rows(select(worker))
    ]


def alerts(scope: Scope) -> dict[str, Any]:
    """Give how sinks do and how many notices wait; not where they lead."""
    c = alert_sink.c
    rows = scope.rows(select(c.id, c.enabled, c.ok_at, c.failed_at, c.failed_words))
    sinks = [
        {k: _plain(v) for k, v in row.items() if k != "failed_words"}
        | {"failed_words": scope.screen.text(row["failed_words"])}
        for row in rows
    ]
    waiting = select(func.count().label("n")).where(alert_notice.c.due_at.is_not(None))
    return {"sinks": sinks, "notices_waiting": scope.rows(waiting)[0]["n"]}


def tables(scope: Scope) -> dict[str, int]:
    """Give how many rows each table has."""
    with reading(scope.runtime.engine) as conn:
        return {t.name: _count(conn, t) for t in metadata.sorted_tables}


def queries(scope: Scope) -> dict[str, float]:
    """Give how long the main queries take, in milliseconds."""
    runtime, now = scope.runtime, scope.runtime.clock()
    asked: dict[str, Callable[[Connection], object]] = {
        "due": lambda conn: stored.due(conn, now),
        "followable": followed.followable,
        "integrations": frames.integrations,
        "measures": lambda conn: measures.measure(conn, now, (), SILENT),
        "newest_runs": lambda conn: conn.execute(
            select(run).order_by(run.c.id.desc()).limit(MOST_RUNS)
        ).all(),
    }
    return {name: _took_ms(runtime, ask) for name, ask in asked.items()}


def recorded(scope: Scope) -> list[str]:
    """Give the newest recorded lines of connections, the oldest of them first."""
    newest = select(lines).order_by(lines.c.id.desc()).limit(MOST_LINES)
    rows = scope.rows(newest, lines.c.integration_id)
    return [
        f"{row['at'].isoformat()} {row['integration_id']} {row['who']} {row['way']} "
        + scope.of(row["integration_id"]).text(row["line"])
        for row in reversed(rows)
    ]


def _facts(scope: Scope, one: int, facts: Mapping[str, Any] | None) -> dict[str, str]:
    """Show facts that are numbers and times; hash names; screen what remains."""
    if not facts:
        return {}
    screen = scope.of(one)
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in facts.items()}
    return {
        name: screen.hashed(name, text) if name in NAMES else screen.text(text)
        for name, text in texts.items()
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _count(conn: Connection, table: Table) -> int:
    return conn.scalar(select(func.count()).select_from(table)) or 0


def _took_ms(runtime: Runtime, ask: Callable[[Connection], object]) -> float:
    with reading(runtime.engine) as conn:
        began = time.perf_counter()
        ask(conn)
        return round((time.perf_counter() - began) * 1000, 2)
