"""At the level of metadata a subject is nowhere; no change counts a message twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from core import bundle, sign_in, watch
from core.connect import reconnect
from core.model import Outcome, Privacy
from core.runtime import Runtime
from core.store import folders, rollups
from core.store.engine import reading, writing
from core.store.schema import audit, message
from tests.planted import Planted, files
from tests.servers.conftest import Place
from tests.servers.cyrus import Cyrus
from tests.servers.device import Device, compose, deliver_by_lmtp
from tests.servers.dovecot import Account
from tests.servers.installation import Installation
from tests.servers.listening import holds
from tests.servers.signing_in import SignedIn
from tests.servers.test_planted import pages, seen
from tests.servers.worker_process import worker_process

pytestmark = pytest.mark.server
SUBJECT = "Zq7-CANARY+9f/3e"
BOTH = pytest.mark.parametrize("place", ["full", "cyrus"], indirect=True)


def planted(at: int = 0) -> bytes:
    return compose(subject=f"{SUBJECT} {at}", sender="Caio <caio@example.net>")


def identities(runtime: Runtime, one: int) -> dict[str, str]:
    """Give the subjects that are kept, by identity."""
    mine = message.c.integration_id == one
    with reading(runtime.engine) as conn:
        assert rollups.held(conn, one) == rollups.counted(conn, one)
        rows = conn.execute(select(message.c.identity, message.c.subject).where(mine))
        return {row.identity: row.subject for row in rows}


@pytest.mark.parametrize("level", [Privacy.METADATA, Privacy.SUBJECT])
def test_a_subject_is_kept_where_it_may_be_and_nowhere_else(
    installation: Installation,
    account: Account,
    level: Privacy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runtime, log = installation.runtime, tmp_path / "log"
    deliver_by_lmtp(account, planted(1))
    with Device(account) as phone:
        phone.deliver("Sent", raw=planted(2))
    one = installation.connect(account, privacy=level)
    watch.record(runtime, one, "test")
    with worker_process(installation, log) as worker:
        worker.until(lambda: worker.value("malote_integrations_watched") >= 1)
        deliver_by_lmtp(account, planted(3))
        worker.until(lambda: holds(installation, one, "INBOX", 2))
        worker.until(lambda: "FETCH (UID" in watch.recording_as_text(runtime, one))
        places = seen(installation, worker)
    places["log"] = log.read_bytes()
    places["recording"] = watch.recording_as_text(runtime, one).encode()
    places["bundle"] = bundle.make(runtime, None)
    places |= pages(installation, monkeypatch, [one])
    runtime.engine.dispose()
    places |= files(runtime.settings.data, "key")

    assert len(identities(runtime, one)) == 3
    assert b"caio@example.net" in places["malote.db"]
    found = {name for name, _ in Planted(SUBJECT).found(places)}
    if level.allows_subject:
        assert {"malote.db", f"page messages {one}"} <= found
    else:
        assert found == set()


@BOTH
def test_identities_are_equal_at_every_level_and_after_a_change(
    installation: Installation, place: Place
) -> None:
    box, runtime = place.box, installation.runtime
    with Device(box) as phone:
        for n in range(3):
            phone.deliver("INBOX", raw=planted(n))
    low = installation.connect(box, owner="Low", privacy=Privacy.METADATA)
    high = installation.connect(box, owner="High", privacy=Privacy.BODY)
    for one in (low, high):
        assert installation.sync(one).outcome is Outcome.OK
    kept = identities(runtime, high)
    assert all(SUBJECT in subject for subject in kept.values())
    assert identities(runtime, low) == dict.fromkeys(kept, "")

    assert watch.set_privacy(runtime, high, Privacy.METADATA, "test") == 3
    assert identities(runtime, high) == dict.fromkeys(kept, "")
    with Device(box) as phone:
        phone.copy("INBOX", phone.uids("INBOX"), "Archive")  # the same ones, again
    assert installation.sync(high).changes.added == 0
    with writing(runtime.engine) as conn:
        folders.distrust(conn, high)  # all of it is read again, from the beginning
    again = installation.sync(high)
    assert (again.outcome, again.changes.added) == (Outcome.OK, 0)
    assert any(f.was_read_again for f in again.folders)
    assert identities(runtime, high) == dict.fromkeys(kept, "")
    installation.check(high, box)

    watch.set_privacy(runtime, high, Privacy.SUBJECT, "test")
    with Device(box) as phone:
        phone.deliver("INBOX", raw=planted(9))
    assert installation.sync(high).changes.added == 1
    shown = identities(runtime, high)
    assert {k: v for k, v in shown.items() if v} == {
        (shown.keys() - kept.keys()).pop(): f"{SUBJECT} 9"
    }


@BOTH
def test_the_subject_is_asked_for_only_where_it_names_the_message(
    installation: Installation, place: Place
) -> None:
    runtime = installation.runtime
    with Device(place.box) as phone:
        phone.deliver("INBOX", raw=planted())
    for level in Privacy:
        one = installation.connect(place.box, owner=str(level), privacy=level)
        watch.record(runtime, one, "test")
        assert installation.sync(one).changes.added == 1
        said = watch.recording_as_text(runtime, one)
        assert "HEADER.FIELDS (FROM TO CC" in said
        named = "EMAILID" in said
        assert named is isinstance(place.server, Cyrus)
        asked = "CC SUBJECT DATE" in said
        assert asked is (level.allows_subject or not named)


def test_a_level_goes_through_the_sign_in_and_stays_after_another(
    people: SignedIn, consenting: Account
) -> None:
    one = people.connect_by_consent(consenting, privacy=Privacy.METADATA)
    assert people.integration(one).privacy is Privacy.METADATA
    ticket = people.begin(integration_id=one)  # to give permission again
    key = people.browser().sign_in(ticket, consenting.address)
    assert sign_in.finish(people.runtime, key) == one
    assert people.integration(one).privacy is Privacy.METADATA


def test_connecting_again_keeps_the_level(
    installation: Installation, account: Account
) -> None:
    one = installation.connect(account, privacy=Privacy.METADATA)
    reconnect(installation.runtime, one, installation.form(account), "test")
    assert installation.integration(one).privacy is Privacy.METADATA
    with reading(installation.runtime.engine) as conn:
        facts = conn.scalar(select(audit.c.facts).where(audit.c.act == "connect"))
    assert dict(facts or {})["privacy"] == "metadata"


def test_the_level_by_command(
    installation: Installation, account: Account, tmp_path: Path
) -> None:
    typed = tmp_path / "password"
    typed.write_text(account.password)
    words = [
        "connect", account.address, "--owner", "Ana", "--imap", account.host,
        "--imap-port", str(account.imap_port), "--smtp", "127.0.0.1",
        "--smtp-port", str(account.smtp_port), "--password-file", str(typed),
        "--accept-limitations", "--privacy", "subject", "--json",
    ]  # fmt: skip
    deliver_by_lmtp(account, planted())
    one = json.loads(installation.command(*words).stdout)["id"]
    installation.sync(one)
    refused = installation.command("privacy", str(one), "metadata")
    assert refused.returncode == 2
    assert "--erase-subjects" in refused.stderr
    assert installation.integration(one).privacy is Privacy.SUBJECT
    told = installation.command(
        "privacy", str(one), "metadata", "--erase-subjects", "--json"
    )
    assert json.loads(told.stdout) == {
        "id": one, "privacy": "metadata", "subjects_erased": 1,
    }  # fmt: skip
    status = json.loads(installation.command("status", "--json").stdout)
    assert status["integrations"][0]["privacy"] == "metadata"
    assert "(metadata only)" in installation.command("status").stdout
    doctor = json.loads(installation.command("doctor", "--json").stdout)
    levels = [c["privacy"] for c in doctor["checks"] if "privacy" in c]
    assert levels == ["metadata"]
