r"""The copy of a sent mail in Sent, on real servers: one, and read already."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from core.imap import profiles
from core.model import Outcome
from core.outgoing import CopyStage, Step
from tests.servers.cyrus import MailServer
from tests.servers.device import Device, snapshot
from tests.servers.dovecot import Account
from tests.servers.installation import Installation
from tests.servers.sent import Sent
from tests.servers.wire import How, between

pytestmark = pytest.mark.server
BIG = "x" * 70 + "\r\n"


@pytest.fixture
def sent(installation: Installation, server: MailServer, box: Account) -> Sent:
    """Give a mailbox with some mail, as it stands after a sync."""
    server.fill(box, {"INBOX": 2, "Sent": 3})
    made = Sent.of(installation, installation.connect(box))
    made.sync_well()
    return made


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every server be one that stores copies itself."""
    usual = profiles.choose
    monkeypatch.setattr(
        "core.imap.opening.choose",
        lambda *said: replace(usual(*said), stores_sent=True),
    )


def copies(box: Account, message_id: str) -> list[frozenset[str]]:
    """Give the flags of each copy in Sent."""
    there = snapshot(box)["Sent"].values()
    return [held.flags for held in there if held.message_id == message_id]


def test_a_copy_is_stored_once_and_read_already(sent: Sent, box: Account) -> None:
    mail_id = sent.mail()
    sent.sync_well()
    mail = sent.got(mail_id)
    assert copies(box, mail.message_id) == [frozenset({r"\Seen"})]
    assert (mail.copy, mail.copy_next_at, mail.problem) == (
        CopyStage.STORED,
        None,
        None,
    )
    assert sent.content(mail_id) == b""
    sent.installation.check(sent.one, box)  # the same run has read it
    with Device(box) as device:
        uid = max(device.uids("Sent"))
        row = device.client.fetch([uid], ["INTERNALDATE", "BODY.PEEK[]"])[uid]
    assert mail.sent_at is not None
    at = row[b"INTERNALDATE"].astimezone(UTC)  # a naive one, of this machine's zone
    assert abs(at - mail.sent_at) < timedelta(seconds=2)
    assert row[b"BODY[]"].endswith(b"Text\r\n")
    (step,) = sent.evidence(mail_id)
    assert step.step is Step.IN_SENT
    assert step.message_id is not None
    sent.pass_time(days=1)
    sent.sync_well()
    assert len(copies(box, mail.message_id)) == 1
    assert len(sent.evidence(mail_id)) == 1


def test_hundreds_of_copies(sent: Sent, box: Account) -> None:
    ids = [sent.mail() for _ in range(120)]
    sent.sync_well()
    assert {sent.got(one).copy for one in ids} == {CopyStage.STORED}
    assert len(snapshot(box)["Sent"]) == 123


@pytest.mark.usefixtures("provider")
@pytest.mark.parametrize("place", ["full", "cyrus"], indirect=True)
def test_a_copy_of_the_provider_is_waited_for(sent: Sent, box: Account) -> None:
    mail_id = sent.mail()
    sent.sync_well()
    assert sent.got(mail_id).copy is CopyStage.WANTED
    sent.pass_time(seconds=16)
    sent.sync_well()
    content, message_id = sent.content(mail_id), sent.got(mail_id).message_id
    assert copies(box, message_id) == []
    with Device(box) as provider:
        provider.deliver("Sent", raw=content)
    sent.pass_time(minutes=2)
    sent.sync_well()
    assert sent.got(mail_id).copy is CopyStage.FOUND
    assert len(copies(box, message_id)) == 1
    assert sent.steps(mail_id) == [Step.IN_SENT]
    assert sent.content(mail_id) == b""


@pytest.mark.usefixtures("provider")
@pytest.mark.parametrize("place", ["full"], indirect=True)
def test_a_provider_that_stores_none_is_not_waited_for_for_ever(
    sent: Sent, box: Account
) -> None:
    mail_id = sent.mail()
    for _ in range(3):
        sent.sync_well()
        assert copies(box, sent.got(mail_id).message_id) == []
        sent.pass_time(minutes=6)
    sent.sync_well()
    assert sent.got(mail_id).copy is CopyStage.STORED
    assert len(copies(box, sent.got(mail_id).message_id)) == 1


@pytest.mark.parametrize("place", ["full", "cyrus"], indirect=True)
@pytest.mark.parametrize("how", [How.CLOSE, How.RESET, How.TRUNCATE])
def test_an_append_that_is_cut_off_leaves_one_copy_in_the_end(
    sent: Sent, box: Account, how: How
) -> None:
    drawn = random.Random(7)
    with between(box.imap_port, box.host) as wire:
        sent.installation.use_port(sent.one, wire.port)
        for _ in range(4):
            mail_id = sent.mail(body=BIG * 3_000)
            wire.how, wire.cut_up = how, drawn.randrange(20_000, 200_000)
            cut = sent.sync()
            assert cut.outcome is Outcome.FAILED
            assert sent.got(mail_id).copy is CopyStage.BEGUN
            wire.mend()
            for _ in range(3):
                sent.pass_time(minutes=1)
                sent.sync_well()
            mail = sent.got(mail_id)
            assert mail.copy is CopyStage.STORED
            assert len(copies(box, mail.message_id)) == 1
    sent.installation.check(sent.one, box)
