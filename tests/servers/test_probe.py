"""Probes by a running worker, against real servers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core import watch
from core.jobs import probes
from core.jobs.gate import Ask
from core.model import State
from core.store.engine import reading
from core.store.schema import integration
from tests.certificates import Certificates
from tests.servers.device import compose, deliver_by_lmtp
from tests.servers.dovecot import Account, Dovecot, Kind, running
from tests.servers.installation import Installation
from tests.servers.listening import Observed, holds, working
from tests.servers.probing import (
    PROBED_S,
    card_of,
    often,
    probes_of,
    told,
    until_probed,
    wrong,
)
from tests.servers.smtp import Submission
from tests.servers.wire import How, between

pytestmark = pytest.mark.server


def clocks(installation: Installation, one: int) -> dict[str, datetime | None]:
    c = integration.c
    names = (c.seen_at, c.login_ok_at, c.probed_at, c.probe_at)
    with reading(installation.runtime.engine) as conn:
        row = conn.execute(select(*names).where(c.id == one)).one()
    return dict(row._mapping)


# ---- level


def test_a_level_mailbox_moves_the_clocks(
    installation: Installation, dovecot: Dovecot, account: Account
) -> None:
    dovecot.fill(account, {"INBOX": 3})
    one = installation.connect(account)
    with working(often(installation)) as worker:
        worker.until_quiet(one)
        until_probed(worker)
        before = clocks(installation, one)
        synced = len(worker.synced)
        until_probed(worker)
        after = clocks(installation, one)
        assert len(worker.synced) == synced  # it is the probe that moves them
    for name in ("seen_at", "login_ok_at", "probed_at", "probe_at"):
        assert after[name] > before[name], name  # type: ignore[operator]  # None fails, too
    assert wrong(installation, one) == {}
    card = card_of(installation, one)
    assert card is not None
    assert card.tls is not None
    assert card.software.startswith("Dovecot")
    assert {"IMAP4REV1", "IDLE", "CONDSTORE"} <= set(card.capabilities)
    assert card.tls.version == "TLSv1.3"
    assert card.tls.cipher.startswith("TLS_")
    assert card.tls.issuer == "Malote test CA"
    assert len(card.tls.fingerprint) == 64
    assert card.tls.expires_at is not None
    assert card.tls.expires_at > datetime.now(UTC) + timedelta(days=80)
    assert (card.quota, card.clock_ahead_s, card.issuer_before) == (None, None, "")


def test_who_is_not_followed_is_not_probed(
    installation: Installation, account: Account
) -> None:
    one = installation.connect(account)
    runtime = often(installation)
    with working(runtime) as worker:
        until_probed(worker)
        watch.pause(runtime, one, "test")
        worker.until(lambda: not worker._probes._busy)
        paused = probes_of(worker)
        at = clocks(installation, one)["probe_at"]
        worker.until(lambda: at < runtime.clock() - timedelta(seconds=2))  # type: ignore[operator]
        assert probes_of(worker) <= paused + 1  # the one that was under way
        watch.resume(runtime, one, "test")
        until_probed(worker)


def test_no_probes_where_they_are_switched_off(
    installation: Installation, account: Account
) -> None:
    one = installation.connect(account)
    with working(often(installation, probe_every_s=0)) as worker:
        worker.until_quiet(one)
        worker._probes.tick()
        assert clocks(installation, one)["probe_at"] is None
    assert card_of(installation, one) is None


def test_nobody_is_sent_away_for_a_probe(
    installation: Installation, account: Account
) -> None:
    one = installation.connect(account)
    with working(often(installation)) as worker:
        worker.until_quiet(one)
        until_probed(worker)
        worker.until(lambda: not worker._probes._busy)
        gate, place = worker._watching.watcher.gate, worker._watching.place(one)
        others = range(place.bounds.account - 1)  # one is watched
        for other in others:
            gate.ask(Ask(other, place, lambda: None))
        worker.until(lambda: not gate.has_room(place))
        probed = probes_of(worker)
        worker.until(lambda: probes_of(worker, "skipped") > 1, PROBED_S)
        assert probes_of(worker) <= probed + 1  # one may have been under way
        assert worker.watched() == {one}
        for other in others:
            gate.give_back(other)
        until_probed(worker)
        assert worker.stats().get("lost", 0) == 0


def test_a_probe_that_breaks_is_tried_again(
    installation: Installation, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = installation.connect(account)
    tries: list[object] = []

    def broken(*args: object) -> None:
        tries.append(args)
        raise RuntimeError("a bug of ours")

    with working(often(installation)) as worker:
        worker.until_quiet(one)
        monkeypatch.setattr("core.sync.probe.look", broken)
        worker.until(lambda: len(tries) > 1, PROBED_S)
        monkeypatch.undo()
        until_probed(worker)
        worker.until(lambda: not worker._probes._busy)
        assert worker._watching.watcher.gate.open_of(account.host) == 1


def test_a_polled_mailbox_that_lacks_a_message_is_synced_at_once(
    installation: Installation, dovecot: Dovecot
) -> None:
    account = dovecot.mailbox(kind=Kind.BARE)
    one = installation.connect(account)
    with working(often(installation, sync_every_s=3600)) as worker:
        until_probed(worker)
        deliver_by_lmtp(account, compose())
        worker.until(lambda: holds(installation, one, "INBOX", 1), PROBED_S)
        assert worker.stats()["probe_behind"] == 1
        assert worker.noticed == []
    assert "deaf" not in {found.code for found in told(installation, one)}


def counted(worker: Observed, outcome: str) -> float:
    """Give the metric."""
    registry = worker._counting.registry
    return registry.get_sample_value("malote_probes_total", {"outcome": outcome}) or 0


# ---- IDLE that stands and tells nothing


def test_a_deaf_connection_is_found_and_replaced(
    installation: Installation, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "GRACE_S", 0.5)
    monkeypatch.setattr("core.jobs.embedded.WRITE_S", 0.2)
    one = installation.connect(account)
    with between(account.imap_port) as wire:
        installation.use_port(one, wire.port)
        with working(often(installation)) as worker:
            worker.until_quiet(one)
            until_probed(worker)
            worker.until(lambda: not worker._probes._busy)
            wire.how = How.STALL
            wire.cut_now()  # what is open now carries nothing any more; new ones do
            deliver_by_lmtp(account, compose(subject="Nobody tells of this"))
            worker.until(lambda: holds(installation, one, "INBOX", 1), PROBED_S)
            assert worker.stats()["probe_deaf"] == 1
            assert worker.stats()["deaf"] == 1
            assert counted(worker, "deaf") == 1
            worker.until(lambda: "deaf" in wrong(installation, one))
            # The new one hears, and a probe that finds all level ends the incident.
            worker.until(lambda: one in worker.watched())
            worker.until(lambda: "deaf" not in wrong(installation, one), PROBED_S)
            worker.until_quiet(one)
            deliver_by_lmtp(account, compose())
            worker.until(lambda: holds(installation, one, "INBOX", 2))
            assert worker.stats()["probe_deaf"] == 1
            assert worker.stats()["lines"] == 1
    events = list(watch.recent_events(installation.runtime, one)["what"])
    assert events.count("idle_deaf") == 1
    (found,) = told(installation, one)
    assert (found.code, found.times) == ("deaf", 1)
    assert found.ended_at is not None


def test_a_late_notice_is_not_deafness(
    installation: Installation, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The probe may see a message before IDLE tells of it.
    monkeypatch.setattr(probes, "GRACE_S", 1.0)
    one = installation.connect(account)
    with working(often(installation)) as worker:
        worker.until_quiet(one)
        for count in range(1, 6):
            deliver_by_lmtp(account, compose())
            worker.until(lambda n=count: holds(installation, one, "INBOX", n))  # type: ignore[misc]
            until_probed(worker)
        assert "probe_deaf" not in worker.stats()
    assert told(installation, one) == []


# ---- what a connection that lives does not show


def test_a_changed_password_is_found_while_idle_lives(
    installation: Installation, certificates: Certificates, submission: Submission
) -> None:
    ports = (submission.port, submission.starttls_port)
    with running(certificates, ports) as server:
        one = installation.connect(server.mailbox())
        with working(often(installation, sync_every_s=3600)) as worker:
            worker.until_quiet(one)
            until_probed(worker)
            change_password(server)
            assert worker.watched() == {one}  # what is open stays open
            worker.until(lambda: needs_password(installation, one), PROBED_S)
            assert worker.stats().get("lost", 0) == 0
            assert worker.stats()["probe_failed"] >= 1
            assert counted(worker, "failed") >= 1
            assert counted(worker, "seen") >= 1
            failed = worker.stats()["probe_failed"]
            worker.until(lambda: worker.watched() == set())
            # It is left alone; one may have been under way.
            assert worker.stats()["probe_failed"] <= failed + 1
    assert "wrong_password" in wrong(installation, one)


def change_password(server: Dovecot) -> None:
    """Let another password be right for whoever logs in from now on."""
    config = Path(server._config)
    text = config.read_text()
    assert "args = password=pw\n" in text
    config.write_text(text.replace("args = password=pw\n", "args = password=new\n"))
    server.doveadm("reload")


def needs_password(installation: Installation, one: int) -> bool:
    return watch.standing(installation.runtime, one).state is State.NEEDS_PASSWORD
