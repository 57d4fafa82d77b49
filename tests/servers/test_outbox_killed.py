"""A worker that is killed at any step of sending sends nothing twice, loses nothing.

Of a mail that may have been accepted nobody knows by SMTP alone; it is uncertain, and
the test then says what a person would who asks the recipient. Whatever was accepted
lies once in Sent of a real server at the end, though its copy was cut off, too; and
nothing else does.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from core import outbox
from core.letters import Attachment
from core.model import Outcome
from core.outbox import Draft, SenderSettings
from core.outgoing import CopyStage, Stage
from tests.certificates import Certificates
from tests.servers.device import Device, deliver_by_lmtp, snapshot
from tests.servers.dovecot import Account, Dovecot
from tests.servers.dying import COPY_STEPS, OWN_STEPS, Begin, nursery
from tests.servers.installation import Installation
from tests.servers.killing import (
    AFTER_THE_DOT,
    BEFORE_THE_DOT,
    NOBODY,
    Killing,
    killing,
)

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.soak_sized]

STEPS = (*OWN_STEPS, *BEFORE_THE_DOT, *AFTER_THE_DOT, *COPY_STEPS)
# At these a server waits for the rest: more than its client can write ahead is sent.
IN_PARTS = {"content", "append_part"}
UNSURE = {"after_brink", "before_conclude", *AFTER_THE_DOT}
NOT_ARRIVED = {"after_brink", "lost"}
KILLS = 100
LARGE = b"x" * 6_000_000  # more than the buffers between a client and the server hold
ACTOR = "test"


@dataclass
class Post:
    """Ana's outbox, Bruno's mailbox, and the server between them that kills.

    Copies go to Ana's own mailbox on a Dovecot.
    """

    installation: Installation
    one: int
    dovecot: Dovecot
    ana: Account
    bruno: Account
    server: Killing
    begin: Begin
    arrived: Counter[str]

    def send(self, to: str = "", cc: str = "", *, large: bool = False) -> int:
        files = (Attachment("large.bin", "application/octet-stream", LARGE),)
        draft = Draft(
            self.one,
            to=to or f"Bruno <{self.bruno.address}>",
            cc=cc,
            subject="Reunião",
            text="Um\n.\n..dois\n",
            attachments=files if large else (),
        )
        return outbox.send(self.installation.runtime, draft, ACTOR)

    def die(self, step: str) -> bool:
        """Let a worker begin and die at a step; tell whether it came that far."""
        own = step in {*OWN_STEPS, *COPY_STEPS}
        self.server.kill_at = "" if own else step
        settings = self.installation.runtime.settings
        ended = self.begin(settings, step if own else "", self.server.victim)
        self.server.wait()
        self.server.kill_at = ""
        # Nobody waits here as long as a worker does before it looks for a copy.
        self.dovecot.wait_for_end(self.ana)
        return ended is None

    def resume(self) -> dict[str, int]:
        """Let a worker work until the outbox is at rest, and every copy seen to."""
        settings = self.installation.runtime.settings
        ended = self.begin(settings, "", self.server.victim)
        assert ended is not None
        self.server.wait()
        return ended

    def times(self, mail_id: int) -> int:
        """Give how often a mail has arrived by what the server knows."""
        return self.arrived[self.message_id(mail_id)]

    def message_id(self, mail_id: int) -> str:
        return outbox.one(self.installation.runtime, mail_id).message_id

    def stage(self, mail_id: int) -> Stage:
        return outbox.one(self.installation.runtime, mail_id).stage

    def in_sent(self) -> Counter[str]:
        """Count the copies in Sent, as the server has them."""
        return Counter(held.message_id for held in snapshot(self.ana)["Sent"].values())

    def copy(self, mail_id: int) -> CopyStage:
        return outbox.one(self.installation.runtime, mail_id).copy

    def settle(self, mail_id: int) -> None:
        """Say what is known of an uncertain mail, as a person would."""
        sent = self.times(mail_id) == 1
        outbox.settle(self.installation.runtime, mail_id, sent=sent, actor=ACTOR)


@pytest.fixture(scope="module")
def begin(certificates: Certificates) -> Iterator[Begin]:
    """Give the way to let a worker begin, in a child that dies."""
    with nursery(certificates.ca_file) as beginner:
        yield beginner


@pytest.fixture
def post(
    installation: Installation,
    dovecot: Dovecot,
    certificates: Certificates,
    begin: Begin,
) -> Iterator[Post]:
    """Give Ana's outbox and Bruno's mailbox."""
    ana, bruno = dovecot.mailbox("ana"), dovecot.mailbox("bruno")
    arrived: Counter[str] = Counter()
    with killing(certificates.good, _delivery(bruno, arrived)) as server:
        one = installation.connect(ana, smtp=server.server)
        assert installation.sync(one).outcome is Outcome.OK
        settings = SenderSettings("Ana", per_hour=10_000, per_day=10_000)
        outbox.set_sender(installation.runtime, one, settings, ACTOR)
        yield Post(installation, one, dovecot, ana, bruno, server, begin, arrived)


@pytest.fixture
def database_url() -> str:
    """Take SQLite: the processes that die share a file."""
    return ""


def _delivery(bruno: Account, arrived: Counter[str]) -> Callable[[bytes], None]:
    def deliver(raw: bytes) -> None:
        deliver_by_lmtp(bruno, raw)
        head = raw.partition(b"\r\n\r\n")[0].decode()
        (line,) = [x for x in head.split("\r\n") if x.startswith("Message-ID:")]
        arrived[line.partition(":")[2].strip()] += 1

    return deliver


@pytest.mark.parametrize("step", STEPS)
def test_death_at_a_step(post: Post, step: str) -> None:
    mail_id = post.send(large=step in IN_PARTS)
    assert post.die(step)
    ended = post.resume()
    if step in UNSURE:
        assert ended == {"uncertain": 1}
        assert post.times(mail_id) == (0 if step in NOT_ARRIVED else 1)
        assert not post.in_sent()
        assert post.resume() == {"uncertain": 1}  # never by itself
        post.settle(mail_id)
        post.resume()
    assert post.stage(mail_id) is Stage.SENT
    assert post.times(mail_id) == 1
    assert post.copy(mail_id) is CopyStage.STORED
    assert post.in_sent() == {post.message_id(mail_id): 1}


def test_death_again_and_again(post: Post, *, soaking: bool) -> None:
    """Each mail arrives once, though its worker dies up to three times on its way.

    And each has one copy, though for some there is somebody whom the server refuses; a
    mail that is for nobody else has none.
    """
    kills = 0
    sent: list[int] = []
    refused: list[int] = []
    drawn = random.Random(7)
    steps = itertools.cycle(STEPS)
    whom = itertools.cycle([("", ""), ("", NOBODY), (NOBODY, "")])
    most = KILLS if soaking else 2 * len(STEPS)
    while kills < most:
        step, (to, cc) = next(steps), next(whom)
        mail_id = post.send(to, cc, large=step in IN_PARTS)
        (refused if to else sent).append(mail_id)
        for again in (step, drawn.choice(STEPS), drawn.choice(STEPS)):
            kills += post.die(again)
        assert post.times(mail_id) <= 1
        post.resume()
        if post.stage(mail_id) is Stage.UNCERTAIN:
            assert post.times(mail_id) <= 1
            post.settle(mail_id)
            post.resume()
        assert post.stage(mail_id) is (Stage.FAILED if to else Stage.SENT)
        assert post.copy(mail_id) is (CopyStage.NONE if to else CopyStage.STORED)
    with Device(post.bruno) as phone:
        uids = phone.uids("INBOX")
    assert refused
    assert len(uids) == len(sent)
    once = Counter({post.message_id(one): 1 for one in sent})
    assert post.arrived == once
    assert post.in_sent() == once
