"""Twelve ways to break a mailbox: each is told at once, once, and so is its end.

A worker follows a mailbox on a Dovecot of its own; the fleet page, the mailbox's page,
a webhook and the metrics have to say the same, within one interval of sync and probe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from console import runtime as shared
from core import alerts, fleet, watch
from core.alerting import Rule
from core.fleet import Question
from core.i18n import Texts
from core.incidents import Incident
from core.jobs import doubts, embedded, probes
from core.model import State
from core.secret import Secret
from core.store import health, incidents
from core.store.engine import reading
from core.words import Explanation, explain_code
from tests.certificates import Certificates
from tests.console.conftest import visit, words
from tests.servers.breaking import HOST, Breakable, breakable
from tests.servers.hook import Hook, hook
from tests.servers.installation import HOSTS, Installation, installed
from tests.servers.scraping import Scraped, scraping
from tests.servers.smtp import Submission
from tests.servers.ways import WAYS, Way

pytestmark = pytest.mark.server

INTERVAL_S = 2  # of syncs and probes
PATIENCE_S = 45.0  # the machine may be busy; what is found is found by an interval
LONG_S = 20  # of probes, where the next one ends it: pages are to be read before
NEVER_S = 3600
ACTOR = "test"
UTC = ZoneInfo("UTC")


@dataclass
class Seen:
    """What operators and machines see of one mailbox."""

    installation: Installation
    one: int
    told: Hook
    scraped: Scraped

    def until(self, reached: Callable[[], bool]) -> None:
        self.scraped.worker.until(reached, PATIENCE_S)

    def wrong(self) -> list[Incident]:
        with reading(self.installation.runtime.engine) as conn:
            return incidents.open_of(conn, self.one)

    def is_wrong(self, code: str) -> bool:
        return code in {incident.code for incident in self.wrong()}

    def row(self) -> dict[str, Any]:
        (row,) = fleet.page(self.installation.runtime, Question(), UTC).rows.to_dict(
            "records"
        )
        return {str(name): value for name, value in row.items()}

    def metric(self, code: str) -> float:
        return self.scraped.value("malote_incidents", code=code)

    def rounds(self, job: str) -> float:
        return self.scraped.value("malote_job_duration_seconds_count", name=job)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the worker look more often than operators need it."""
    monkeypatch.setattr(embedded, "ALERT_S", 0.5)
    monkeypatch.setattr(probes, "GRACE_S", 0.5)
    monkeypatch.setattr(health, "RENUMBERED_FOR", timedelta(seconds=10))
    for name in ("SILENT_S", "BEHIND_S", "LEARN_S", "OUTLIVED_S"):
        monkeypatch.setattr(doubts, name, 0.5)


@contextmanager
def followed(
    way: Way, it: Breakable, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Seen]:
    """Follow the mailbox, with a rule for what is to come and a webhook."""
    way.prepare(it)
    ca_file = it.certificates.ca_file
    with installed(folder / "data", ca_file) as bare, hook() as told:
        changes = {
            "allow_hosts": frozenset(HOSTS.split(",")) | {HOST},
            "dns_server": it.names.place,
            "sync_every_s": INTERVAL_S,
            "watched_every_s": NEVER_S if way.unnoticed else INTERVAL_S,
            "probe_every_s": LONG_S if way.unnoticed else INTERVAL_S,
            "alert_group_s": 0,
        }
        settings = bare.runtime.settings.model_copy(update=changes)
        installation = Installation(
            replace(bare.runtime, settings=settings), bare.ca_file
        )
        for name, value in installation.environment.items():
            monkeypatch.setenv(name, value)
        shared.runtime.cache_clear()
        one = installation.connect(it.account, imap=it.imap)
        now = installation.runtime.clock()
        alerts.create_rule(
            installation.runtime, Rule(0, "This one", (way.code,), 0, now), ACTOR
        )
        alerts.add_sink(installation.runtime, "Hook", "en", Secret(told.url()), ACTOR)
        with scraping(installation) as scraped:
            worker = scraped.worker
            worker.until_quiet(one)
            # Each of both connections asks for one sync when it begins.
            worker.until(lambda: len(worker.noticed) > 1, PATIENCE_S)
            worker.until_quiet(one)
            yield Seen(installation, one, told, scraped)
    shared.runtime.cache_clear()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", WAYS)
def test_it_is_told_at_once_and_once_and_so_is_its_end(
    name: str,
    tmp_path: Path,
    certificates: Certificates,
    submission: Submission,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    way = WAYS[name]
    ports = (submission.port, submission.starttls_port)
    with breakable(certificates, ports, way.config) as it:
        with followed(way, it, tmp_path, monkeypatch) as seen:
            check_well_before(way, seen)
            way.breaks(it)
            seen.until(lambda: seen.is_wrong(way.code))
            seen.until(lambda: seen.row()["code"] == way.code)
            check_pages(way, seen)
            seen.told.until(1, PATIENCE_S)
            seen.until(lambda: seen.metric(way.code) == 1)
            way.mends(it)
            watch.check_again(seen.installation.runtime, seen.one, ACTOR)
            seen.until(lambda: not seen.is_wrong(way.code))
            seen.told.until(2, PATIENCE_S)
            check_well_again(way, seen)


def check_well_before(way: Way, seen: Seen) -> None:
    """See that nothing was told before there was a reason."""
    if way.breaks_nothing:
        return
    seen.until(lambda: seen.row()["state"] == State.OK)
    assert not seen.is_wrong(way.code)
    assert seen.metric(way.code) == 0
    assert seen.told.titles == []


def _told(way: Way, seen: Seen, t: Texts) -> Explanation:
    (incident,) = [i for i in seen.wrong() if i.code == way.code]
    return explain_code(t, way.code, incident.facts)


def check_pages(way: Way, seen: Seen) -> None:
    """See that both pages say state, reason and what to do, in both languages."""
    passing = {way.state, State.SYNCING} if way.state == State.OK else {way.state}
    assert seen.row()["state"] in passing
    for language in ("pt_BR", "en"):
        t = Texts(language, "America/Sao_Paulo")
        told = _told(way, seen, t)
        at = visit("fleet", language)
        assert not at.exception
        (shown,) = at.dataframe[0].value.to_dict("records")
        assert t(f"short.{way.code}").lower() in str(shown).lower()
        assert told.do in str(shown)
        said = words(visit("sync", language, integration=str(seen.one)))
        # A probe may have measured again while the page was drawn.
        assert told.what in said or _told(way, seen, t).what in said
        assert told.do in said
        assert any(t(f"state.{state}") in said for state in passing)


def check_well_again(way: Way, seen: Seen) -> None:
    """See that it is well, that machines know, and that nothing is told twice."""
    seen.until(lambda: seen.row()["state"] == State.OK)
    seen.until(lambda: seen.metric(way.code) == 0)
    rounds = seen.rounds("alerts"), seen.rounds("send_alerts")
    seen.until(lambda: seen.rounds("alerts") > rounds[0] + 2)
    seen.until(lambda: seen.rounds("send_alerts") > rounds[1] + 2)
    fired, recovered = seen.told.titles
    assert fired != recovered
