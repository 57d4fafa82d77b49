"""Workers that die with mail in hand, are taken for dead, or end in good order."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from core import outbox
from core.errors import NotThatStage, StoreUnavailable
from core.jobs import outbox as job_of_outbox
from core.jobs.sending import Sending
from core.outbox import conclude
from core.outbox.turn import turn
from core.outgoing import Mail, Stage
from core.runtime import holder
from core.store import outbox as kept, workers
from core.store.engine import writing
from tests.servers.dovecot import Dovecot
from tests.servers.posting import BOTH, Posting
from tests.servers.smtp import Sent
from tests.store.outgoing import ACTOR, Sender

pytestmark = [
    pytest.mark.server,
    pytest.mark.parametrize("database_url", BOTH, indirect=True),
]
ELSEWHERE = "another-host:7:1.00"


def test_mail_in_the_hands_of_the_dead_is_recovered(post: Posting) -> None:
    runtime = post.ana.runtime
    early, late, held = (post.ana.send() for _ in range(3))
    with writing(runtime.engine) as conn:
        for one, who in ((early, ELSEWHERE), (late, ELSEWHERE), (held, "alive:1:1.00")):
            assert kept.take(conn, one, who, runtime.clock())
        assert kept.brink(conn, late, ELSEWHERE)
        for who in (ELSEWHERE, "alive:1:1.00"):
            workers.beat(conn, who, runtime.clock())
    post.tick(2)
    assert post.stages() == {Stage.SENDING: 3}
    post.ana.clock.move(seconds=31)
    with writing(runtime.engine) as conn:
        workers.beat(conn, "alive:1:1.00", runtime.clock())
        workers.leave(conn, ELSEWHERE)
    post.tick(2)
    assert (
        post.ana.stage(early) is Stage.QUEUED
    )  # `held` is being sent: its turn is next
    assert post.ana.stage(late) is Stage.UNCERTAIN
    assert post.ana.stage(held) is Stage.SENDING
    with writing(runtime.engine) as conn:
        workers.leave(conn, "alive:1:1.00")
    post.tick(4)
    assert post.stages() == {Stage.SENT: 2, Stage.UNCERTAIN: 1}
    assert post.arrived(late) == 0


def test_who_lost_a_mail_does_not_send_the_final_dot(
    post: Posting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker recovers it while it is on its way, before the brink."""
    brink = Sending._brink

    def too_late(self: Sending, mail: Mail) -> None:
        with writing(post.ana.runtime.engine) as conn:
            kept.recover(conn, mail.id, holder(), post.ana.clock())
        brink(self, mail)

    mail_id = post.ana.send()
    monkeypatch.setattr(Sending, "_brink", too_late)
    post.tick()
    assert post.ana.stage(mail_id) is Stage.QUEUED
    assert post.received() == []
    monkeypatch.undo()
    post.tick()
    assert post.arrived(mail_id) == 1


def test_who_was_taken_for_dead_after_the_brink_knows_better(post: Posting) -> None:
    def taken_for_dead(_: Sent) -> None:
        other = post.another_worker(ELSEWHERE)
        other._is_lost = lambda *_: True  # type: ignore[method-assign]  # its host thinks so
        other.tick()
        assert post.ana.stage(mail_id) is Stage.UNCERTAIN

    post.submission.hand_on = taken_for_dead
    mail_id = post.ana.send()
    post.tick()
    assert post.ana.stage(mail_id) is Stage.SENT
    assert post.arrived(mail_id) == 1


def test_a_result_that_cannot_be_written_now_is_written_later(
    post: Posting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> bool:
        raise StoreUnavailable("locked", reason="locked")

    monkeypatch.setattr(conclude, "conclude", away)
    mail_id = post.ana.send()
    post.tick(3)
    assert post.ana.stage(mail_id) is Stage.SENDING
    monkeypatch.undo()
    post.tick()
    assert post.ana.stage(mail_id) is Stage.SENT
    assert post.arrived(mail_id) == 1


def test_a_bug_after_the_brink_leaves_it_uncertain(
    post: Posting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bool:
        raise KeyError("a bug")

    monkeypatch.setattr(job_of_outbox, "result", broken)
    mail_id = post.ana.send()
    post.tick()
    monkeypatch.undo()
    post.tick(3)
    assert post.ana.stage(mail_id) is Stage.UNCERTAIN
    assert post.arrived(mail_id) == 1


def test_either_it_is_cancelled_or_it_is_sent(post: Posting) -> None:
    """While the server has it in hand, it is too late; before, nothing goes out."""
    at_it, go_on = threading.Event(), threading.Event()

    def wait(_: Sent) -> None:
        at_it.set()
        assert go_on.wait(20)

    post.submission.hand_on = wait
    first, second = post.ana.send(), post.ana.send()
    post.job.tick()
    assert at_it.wait(20)
    with pytest.raises(NotThatStage):
        outbox.cancel(post.ana.runtime, first, ACTOR)
    post.job.tick()  # one at a time of each mailbox
    outbox.cancel(post.ana.runtime, second, ACTOR)
    go_on.set()
    post.job.rest()
    post.tick(2)
    assert post.stages() == {Stage.SENT: 1, Stage.CANCELLED: 1}
    assert post.arrived(first) == 1
    assert post.arrived(second) == 0


def test_the_end_of_a_worker_waits_for_what_is_being_sent(post: Posting) -> None:
    at_it, go_on = threading.Event(), threading.Event()

    def wait(_: Sent) -> None:
        at_it.set()
        assert go_on.wait(20)

    post.submission.hand_on = wait
    mail_id = post.ana.send()
    post.job.tick()
    assert at_it.wait(20)
    ending = threading.Thread(target=post.job.close)
    ending.start()
    go_on.set()
    ending.join(20)
    assert post.ana.stage(mail_id) is Stage.SENT


def test_a_bug_in_one_mail_keeps_no_other_waiting(
    post: Posting, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Sender(
        post.ana.runtime,
        post.installation.connect(dovecot.mailbox("bruno")),
        post.ana.clock,
    )
    odd = post.ana.send()

    def broken(mail: Mail, *around: Any) -> Any:
        if mail.id == odd:
            raise KeyError("a bug")
        return turn(mail, *around)

    monkeypatch.setattr(job_of_outbox, "turn", broken)
    post.ana.clock.move(seconds=1)
    good = other.send()
    post.tick()
    assert post.ana.stage(good) is Stage.SENT
    monkeypatch.undo()
    post.after(minutes=15)
    assert post.ana.stage(odd) is Stage.SENT
