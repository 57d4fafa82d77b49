"""A running worker: what happens to a mailbox is in the table at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from core import watch
from core.connect import disconnect
from core.jobs.habit import habit
from core.model import Security, State, Trigger
from core.runtime import Runtime
from core.secret import Secret
from core.store import credentials, integrations
from core.store.engine import writing
from tests.servers.device import Device, compose, deliver_by_lmtp
from tests.servers.dovecot import Account, Dovecot, Kind
from tests.servers.installation import Installation
from tests.servers.listening import holds, working
from tests.servers.wire import between

pytestmark = pytest.mark.server


def with_settings(installation: Installation, **changes: object) -> Runtime:
    """Give the runtime as it would be with other settings."""
    runtime = installation.runtime
    return replace(runtime, settings=runtime.settings.model_copy(update=changes))


def events(installation: Installation, one: int) -> list[str]:
    return list(watch.recent_events(installation.runtime, one)["what"])


def in_plain(installation: Installation, one: int, account: Account) -> Runtime:
    with writing(installation.runtime.engine) as conn:
        plain = {"imap_port": account.plain_port, "imap_security": str(Security.NONE)}
        integrations.change(conn, one, **plain)
    return with_settings(installation, plaintext_hosts=frozenset({account.host}))


@pytest.mark.parametrize("security", [Security.TLS, Security.NONE])
def test_a_delivery_is_in_the_table_within_a_second_of_the_notice(
    installation: Installation, dovecot: Dovecot, account: Account, security: Security
) -> None:
    dovecot.fill(account, {"INBOX": 3})
    one = installation.connect(account)
    runtime = installation.runtime
    if security is Security.NONE:
        runtime = in_plain(installation, one, account)
    runtime = replace(
        runtime, settings=runtime.settings.model_copy(update={"idle_connections": 1})
    )
    with working(runtime) as worker:
        worker.until_quiet(one)
        noticed, synced = len(worker.noticed), len(worker.synced)
        deliver_by_lmtp(account, compose(subject="At once"))
        worker.until(lambda: holds(installation, one, "INBOX", 4))
        worker.until(lambda: len(worker.synced) > synced)
    (at, folders), (stored_at, trigger) = worker.noticed[noticed], worker.synced[synced]
    assert trigger is Trigger.NOTICE
    assert folders == frozenset({"INBOX"})
    assert stored_at - at < 1
    last = watch.recent_runs(installation.runtime, one).iloc[0]
    assert (last["trigger"], last["added"]) == ("notice", 1)
    installation.check(one, account)


def test_what_another_device_does_is_seen(
    installation: Installation, dovecot: Dovecot, account: Account
) -> None:
    dovecot.fill(account, {"INBOX": 3, "Sent": 1})
    one = installation.connect(account)
    with working(installation.runtime) as worker, Device(account) as phone:
        worker.until_quiet(one)
        worker.until(lambda: worker.stats()["lines"] == 2)
        uids = phone.uids("INBOX")
        phone.flag("INBOX", uids[0], r"\Flagged")
        worker.until(lambda: r"\Flagged" in flags(installation, one, uids[0]))
        phone.delete("INBOX", uids[1])
        worker.until(lambda: holds(installation, one, "INBOX", 2))
        phone.deliver("Sent", subject="Written on the phone")
        worker.until(lambda: holds(installation, one, "Sent", 2))
        worker.until_quiet(one)
    installation.check(one, account)


def flags(installation: Installation, one: int, uid: int) -> str:
    known = installation.held(one)["INBOX"][uid][0]
    return " ".join(f"\\{flag.lstrip(chr(92)).title()}" for flag in known)


def test_who_is_watched_is_polled_rarely(
    installation: Installation, account: Account
) -> None:
    one = installation.connect(account)
    with working(installation.runtime) as worker:
        worker.until_quiet(one)
        worker.until(lambda: wait_of(installation, one) > timedelta(minutes=14))
        assert wait_of(installation, one) <= timedelta(minutes=30)
        # One folder after another may be told of: all are due as before.
        due = watch.standing(installation.runtime, one).next_at
        deliver_by_lmtp(account, compose())
        worker.until(lambda: holds(installation, one, "INBOX", 1))
        worker.until_quiet(one)
        again = watch.standing(installation.runtime, one).next_at
        assert due is not None
        assert again is not None
        assert again <= due + timedelta(seconds=1)


def wait_of(installation: Installation, one: int) -> timedelta:
    at = watch.standing(installation.runtime, one).next_at
    assert at is not None
    return at - installation.runtime.clock()


def test_where_only_the_inbox_is_seen_others_are_polled_more_often(
    installation: Installation, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.jobs.post.Post.sees_all", lambda _: False)
    one = installation.connect(dovecot.mailbox())
    with working(installation.runtime) as worker:
        worker.until_quiet(one)
        worker.until(lambda: wait_of(installation, one) > timedelta(minutes=2))
        assert wait_of(installation, one) <= timedelta(minutes=5)


def test_who_cannot_be_watched_is_polled_often(
    installation: Installation, dovecot: Dovecot
) -> None:
    account = dovecot.mailbox(kind=Kind.BARE)
    one = installation.connect(account)
    with working(with_settings(installation, sync_every_s=1)) as worker:
        worker.until(lambda: "polled" in events(installation, one))
        deliver_by_lmtp(account, compose())
        worker.until(lambda: holds(installation, one, "INBOX", 1))
        assert worker.watched() == set()
        assert worker.noticed == []
    assert watch.standing(installation.runtime, one).state is State.OK
    assert events(installation, one).count("polled") == 1


def test_people_s_acts_are_followed(
    installation: Installation, account: Account
) -> None:
    runtime = installation.runtime
    one = installation.connect(account)
    acts: list[tuple[Callable[[], object], set[int]]] = [
        (lambda: watch.pause(runtime, one, "test"), set()),
        (lambda: watch.resume(runtime, one, "test"), {one}),
        (lambda: disconnect(runtime, one, "test"), set()),
    ]
    with working(runtime) as worker:
        worker.until_quiet(one)
        for act, watched in acts:
            act()
            worker.until(lambda watched=watched: worker.watched() == watched)  # type: ignore[misc]
        assert worker.stats()["lines"] == 0


def test_another_password_is_tried_and_a_wrong_one_is_told(
    installation: Installation, account: Account
) -> None:
    one = installation.connect(account)
    with working(installation.runtime) as worker:
        worker.until_quiet(one)
        lost = worker.stats()
        change_password(installation, one, account.password)
        worker.until(lambda: worker.stats()["notices"] > lost["notices"])
        worker.until_quiet(one)
        rename_login(installation, one, "deny@example.org")
        worker.until(lambda: needs(installation, one))
        worker.until(lambda: worker.stats()["lines"] == 0)
        rename_login(installation, one, account.user)
        watch.sync_now(installation.runtime, one, "test")
        worker.until(lambda: "recovered" in events(installation, one))
        worker.until_quiet(one)
    told = events(installation, one)
    assert told.index("recovered") < told.index("problem")


def needs(installation: Installation, one: int) -> bool:
    return watch.standing(installation.runtime, one).state is State.NEEDS_PASSWORD


def change_password(installation: Installation, one: int, password: str) -> None:
    vault = installation.runtime.vault
    with writing(installation.runtime.engine) as conn:
        sealed = vault.seal(Secret(password), one, "password")
        credentials.put_credential(conn, one, "password", vault.key_id, sealed)
        integrations.change(conn, one, credentials_at=installation.runtime.clock())


def rename_login(installation: Installation, one: int, login: str) -> None:
    """Log in as another, as after a reconnection."""
    now = installation.runtime.clock()
    with writing(installation.runtime.engine) as conn:
        integrations.change(conn, one, login=login, credentials_at=now)


def test_proofs_move_the_runtime_clock_and_silence_does_not(
    installation: Installation, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "core.jobs.line.habit", lambda session: habit(session)._replace(idle_s=0.3)
    )
    monkeypatch.setattr("core.jobs.embedded.WRITE_S", 0.2)
    one = installation.connect(account)
    with between(account.imap_port) as wire:
        installation.use_port(one, wire.port)
        with working(with_settings(installation, idle_connections=1)) as worker:
            worker.until_quiet(one)
            worker.until(lambda: "watched" in events(installation, one))
            synced = len(worker.synced)
            first = seen_at(installation, one)
            worker.until(lambda: seen_at(installation, one) - first > 1)
            assert len(worker.synced) == synced  # no sync was needed for it
            assert (
                seen_at(installation, one) <= installation.runtime.clock().timestamp()
            )
            wire.cut_up = wire.cut_down = 0
            wire.cut_now()
            worker.until(lambda: worker.watched() == set())
            last = installation.runtime.clock().timestamp()
            worker.until(lambda: "watch_lost" in events(installation, one))
            assert seen_at(installation, one) <= last
            wire.mend()
            worker.until(lambda: events(installation, one)[0] == "watched", 30)


def seen_at(installation: Installation, one: int) -> float:
    at = watch.standing(installation.runtime, one).seen_at
    return at.timestamp() if at else 0.0
