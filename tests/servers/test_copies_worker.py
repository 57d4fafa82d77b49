"""A running worker sees to what is left to do for sent mail, without being asked."""

from __future__ import annotations

import pytest

from core.outgoing import CopyStage, Stage, Step
from tests.servers.device import Device, compose, deliver_by_lmtp, snapshot
from tests.servers.dovecot import Account, Dovecot
from tests.servers.installation import Installation
from tests.servers.listening import working
from tests.servers.reporting import dsn
from tests.servers.sent import BOB, Sent

pytestmark = pytest.mark.server


def test_a_worker_stores_copies_and_hears_of_answers(
    installation: Installation, dovecot: Dovecot, account: Account
) -> None:
    dovecot.fill(account, {"INBOX": 3, "Sent": 1})
    sent = Sent.of(installation, installation.connect(account))
    with working(installation.runtime) as worker:
        worker.until_quiet(sent.one)
        stored, unsure = sent.mail(), sent.mail(Stage.UNCERTAIN)
        worker.until(lambda: sent.got(stored).copy is CopyStage.STORED)
        with Device(account) as provider:
            provider.deliver("Sent", raw=sent.content(unsure))
        worker.until(lambda: sent.got(unsure).copy is CopyStage.FOUND)
        answered = sent.got(stored).message_id
        deliver_by_lmtp(account, compose(in_reply_to=answered))
        deliver_by_lmtp(account, dsn(sent.got(unsure).message_id, [BOB]))
        worker.until(lambda: sent.got(stored).answered_at is not None)
        worker.until(lambda: Step.FAILED in sent.steps(unsure))
    held = [one.message_id for one in snapshot(account)["Sent"].values()]
    assert held.count(answered) == 1
    assert held.count(sent.got(unsure).message_id) == 1
