"""A mail goes the whole way: Dovecot's submission, another server, Dovecot's LMTP.

Dovecot 2.3.19 takes the mail after a login, relays it to aiosmtpd, and that hands it to
the LMTP of the recipient's mailbox. Letters beyond ASCII in addresses go to aiosmtpd at
once: this Dovecot has no SMTPUTF8.
"""

from __future__ import annotations

import re
import time
from email.message import EmailMessage
from email.policy import SMTP
from functools import partial

import pytest

from core.errors import (
    AddressNotSupported,
    MailError,
    MailTooLarge,
    NeedsPermission,
    SubmissionDeferred,
    SubmissionRefused,
    SubmissionUncertain,
    Unreachable,
    WrongPassword,
)
from core.model import Security, Server
from core.network import Policy
from core.outgoing import Verdict
from core.secret import AccessToken, Secret
from core.submitting import Envelope, Submitted, submit
from tests.certificates import Certificates
from tests.servers.authority import SCOPES, Authority
from tests.servers.consent import Token
from tests.servers.device import Device, deliver_by_lmtp
from tests.servers.dovecot import Account, Dovecot
from tests.servers.smtp import Sent, Submission
from tests.servers.wire import How, between

pytestmark = pytest.mark.server

TRACE = re.compile(
    rb"((Return-Path|Delivered-To|Received):[^\r]*\r\n([ \t][^\r]*\r\n)*)*"
)
ATTACHED = bytes(range(256)) * 40_000  # 10 MB


class Post:
    """Ana's mailbox to send from, Bruno's to arrive in, and what is between."""

    def __init__(
        self, dovecot: Dovecot, submission: Submission, certificates: Certificates
    ) -> None:
        self.ana, self.bruno = dovecot.mailbox("ana"), dovecot.mailbox("bruno")
        self.submission = submission
        submission.hand_on = self._deliver
        files, hosts = (certificates.ca_file,), frozenset({"127.0.0.1"})
        self.policy = Policy(hosts, ca_files=files)
        self.brinks = 0

    def send(
        self,
        content: bytes,
        *,
        server: Server | None = None,
        secret: Secret | None = None,
        sender: str = "",
        to: tuple[str, ...] = (),
    ) -> Submitted:
        """Submit once, to Dovecot unless told otherwise."""
        account = self.ana
        return submit(
            server or account.smtp,
            account.user,
            secret or Secret(account.password),
            self.policy,
            Envelope(sender or account.address, to or (self.bruno.address,), "id-1"),
            content,
            self._at_brink,
        )

    def arrived(self, account: Account | None = None) -> list[bytes]:
        """Give what lies in the inbox of Bruno, without trace headers."""
        with Device(account or self.bruno) as device:
            uids = device.uids("INBOX")
            rows = device.client.fetch(uids, ["BODY.PEEK[]"]) if uids else {}
        raw = [bytes(rows[uid][b"BODY[]"]) for uid in uids]
        return [one[_after_trace(one) :] for one in raw]

    def _at_brink(self) -> None:
        self.brinks += 1

    def _deliver(self, sent: Sent) -> None:
        if self.bruno.address in sent.to:
            deliver_by_lmtp(self.bruno, sent.raw)


@pytest.fixture
def post(
    oauth_dovecot: Dovecot, submission: Submission, certificates: Certificates
) -> Post:
    return Post(oauth_dovecot, submission, certificates)


def letter(subject: str = "Olá, relatório", text: str = "Oi.\n") -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = "José da Conceição <ana@example.org>"
    message["To"] = "João <bruno@example.org>"
    message["Subject"] = subject
    message.set_content(text)
    return message


def starttls(account: Account) -> Server:
    return Server("127.0.0.1", account.smtp_starttls_port, Security.STARTTLS)


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_it_arrives_as_it_was_sent(post: Post, security: Security) -> None:
    server = post.ana.smtp if security is Security.TLS else starttls(post.ana)
    text = ".\n..\n.one dot\nFrom here\n\n.\n" + "x" * 300 + "\n.\n"
    content = letter(text=text).as_bytes()
    submitted = post.send(content, server=server)
    assert [one.verdict for one in submitted.told] == [Verdict.ACCEPTED]
    assert submitted.said
    assert post.arrived() == [content]
    assert b"=?utf-8?" in content
    (sent,) = post.submission.received
    assert (sent.sender, sent.to) == (post.ana.address, (post.bruno.address,))
    assert post.brinks == 1


@pytest.mark.slow
def test_ten_megabytes(post: Post) -> None:
    message = letter("Large")
    message.add_attachment(ATTACHED, "application", "zip", filename="relatório.zip")
    content = message.as_bytes()
    post.send(content)
    assert post.arrived() == [content]


def test_an_access_token_in_place_of_a_password(
    post: Post, authority: Authority
) -> None:
    good = Token(post.ana.user, "good-1", "", SCOPES, time.time() + 60)
    authority.tokens.append(good)
    content = letter().as_bytes()
    post.send(content, secret=AccessToken("good-1"))
    assert post.arrived() == [content]
    authority.withdraw(post.ana.user)
    with pytest.raises(NeedsPermission):
        post.send(content, secret=AccessToken("good-1"))
    assert len(post.arrived()) == 1


def test_a_wrong_password(post: Post) -> None:
    with pytest.raises(WrongPassword):
        post.send(letter().as_bytes(), secret=Secret("wrong"))
    assert (post.arrived(), post.brinks) == ([], 0)


def test_one_recipient_is_refused_and_one_is_not(post: Post) -> None:
    nobody, later = "nobody@example.net", "later@example.net"
    post.submission.answers = {nobody: "550 5.1.1 No such user", later: "451 4.2.1 No"}
    content = letter().as_bytes()
    submitted = post.send(content, to=(nobody, later, post.bruno.address))
    told = {one.address: (one.verdict, one.code) for one in submitted.told}
    assert told[nobody] == (Verdict.REFUSED, 550)
    assert told[later] == (Verdict.DEFERRED, 451)
    assert told[post.bruno.address][0] is Verdict.ACCEPTED
    assert "No such user" in submitted.told[0].said
    assert post.arrived() == [content]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("451 4.3.0 Try later", SubmissionDeferred),
        ("554 5.7.1 Spam", SubmissionRefused),
        ("552 5.3.4 Too large", MailTooLarge),
    ],
)
def test_the_mail_is_refused(post: Post, answer: str, error: type[MailError]) -> None:
    post.submission.answer_to_data = answer
    with pytest.raises(error) as told:
        post.send(letter().as_bytes())
    assert type(told.value) is error
    assert answer[10:] in told.value.facts["server_says"]
    assert post.arrived() == []


def test_larger_than_the_server_takes(post: Post) -> None:
    with pytest.raises(MailTooLarge) as told:
        post.send(b"x" * 998 + b"\r\n" + b"y\r\n" * 15_000_000)
    assert int(told.value.facts["limit_bytes"]) < int(told.value.facts["size_bytes"])
    assert (post.arrived(), post.brinks) == ([], 0)


def test_letters_beyond_ascii(post: Post) -> None:
    sender, content = "josé@example.org", "Subject: Olá\r\n\r\nOi.\r\n".encode()
    with pytest.raises(AddressNotSupported):
        post.send(content, sender=sender)
    aiosmtpd = Server("127.0.0.1", post.submission.port)
    post.send(content, sender=sender, server=aiosmtpd)
    assert post.arrived() == [content]
    assert post.submission.received[-1].sender == sender


@pytest.mark.slow
@pytest.mark.parametrize("how", [How.CLOSE, How.RESET])
def test_wherever_it_is_cut_it_is_sent_once_or_not_or_uncertain(
    post: Post, how: How
) -> None:
    content = letter().as_bytes()
    with between(post.ana.smtp_port) as wire:
        send = partial(post.send, server=Server("127.0.0.1", wire.port))
        send(_numbered(content, 0))
        wire.how, up, down = how, wire.up, wire.down
        cuts = [(n, None) for n in _spread(up)] + [(None, n) for n in _spread(down)]
        came: dict[int, type[BaseException] | None] = {0: None}
        for number, (wire.cut_up, wire.cut_down) in enumerate(cuts, 1):
            came[number] = _error_of(send, _numbered(content, number))
        wire.mend()
        send(_numbered(content, len(came)))
    came[len(came)] = None
    arrived = [int(found[1]) for found in map(_number, post.arrived()) if found]
    for number, error in came.items():
        times = arrived.count(number)
        if error is None:
            assert times == 1
        elif issubclass(error, SubmissionUncertain):
            assert times <= 1
        else:
            assert issubclass(error, Unreachable)
            assert times == 0
    assert {None, SubmissionUncertain} <= set(came.values())


def _spread(most: int) -> list[int]:
    """Choose where to cut: all over, and at each byte near the end."""
    return sorted({*range(0, most, max(1, most // 12)), *range(most - 30, most, 3)})


def _numbered(content: bytes, number: int) -> bytes:
    return b"X-Number: %d\r\n" % number + content


def _number(raw: bytes) -> re.Match[bytes] | None:
    return re.search(rb"X-Number: (\d+)\r\n", raw)


def _error_of(send: partial[Submitted], content: bytes) -> type[BaseException] | None:
    try:
        send(content)
    except MailError as error:
        return type(error)
    return None


def _after_trace(raw: bytes) -> int:
    found = TRACE.match(raw)
    return found.end() if found else 0
