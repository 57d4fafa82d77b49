"""What becomes of a mail, whatever a submission server says at whatever stage.

A row says at which stage, what must come of it, and what the server does there. The
server has the mail if, and only if, the brink was reached.
"""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import (
    AppPasswordNeeded,
    ConnectionLost,
    LimitExceeded,
    LoginNotPossible,
    MailError,
    MailTooLarge,
    NoAnswer,
    NotAMailServer,
    NoTls,
    ProtocolBroken,
    ServerUnavailable,
    SubmissionDeferred,
    SubmissionRefused,
    SubmissionUncertain,
    WrongPassword,
)
from core.model import Security
from core.outgoing import Verdict
from tests.certificates import Certificates
from tests.servers.steps import Close, Content, Drip, Flood, Reset, Send, Stall, Step
from tests.servers.submitted import ANN, BEN, MAIL, sent, unstuffed

pytestmark = pytest.mark.server

LARGE = b"Subject: Large\r\n\r\n" + b"0123456789abcdef\r\n" * 600_000
SLOW = Drip(b"250 2.0.0 a very slow server indeed" * 20, 0.05)
LONG = Flood(b"2" * 60_000)  # a line without end
ENDLESS = Flood(b"250-more\r\n" * 1_000)  # an answer without end
GARBAGE = b"\x80\x81<html>"
OK, LATER, NEVER = Verdict.ACCEPTED, Verdict.DEFERRED, Verdict.REFUSED

Row = tuple[Any, ...]  # stage, error or None, then lines and steps

ROWS: list[Row] = [
    ("greeting", ServerUnavailable, b"421 busy", Close()),
    ("greeting", ServerUnavailable, b"450 4.3.2 later"),
    ("greeting", NotAMailServer, b"554 no service"),
    ("greeting", NotAMailServer, GARBAGE),
    ("greeting", NotAMailServer, b"* OK IMAP4rev1 ready"),
    ("greeting", ConnectionLost, Close()),
    ("greeting", ConnectionLost, Reset()),
    ("greeting", LimitExceeded, LONG),
    ("greeting", LimitExceeded, Flood(b"220-more\r\n" * 1_000)),
    ("greeting", NoAnswer, SLOW),
    ("greeting", NoAnswer, Stall()),
    ("ehlo", ServerUnavailable, b"421 4.3.2 closing", Close()),
    ("ehlo", ProtocolBroken, b"550 not you"),
    ("ehlo", ProtocolBroken, GARBAGE),
    ("ehlo", ConnectionLost, Close()),
    ("ehlo", LimitExceeded, ENDLESS),
    ("ehlo", NoAnswer, Stall()),
    ("auth", WrongPassword, b"535 5.7.8 No"),
    ("auth", AppPasswordNeeded, b"534 5.7.9 Too weak"),
    ("auth", ServerUnavailable, b"454 4.7.0 later"),
    ("auth", ServerUnavailable, b"421 4.7.0 closing", Close()),
    ("auth", ProtocolBroken, GARBAGE),
    ("auth", ProtocolBroken, b"250 yes, why not"),
    ("auth", ConnectionLost, Close()),
    ("auth", LimitExceeded, LONG),
    ("auth", NoAnswer, SLOW),
    ("ehlo_after", None, b"502 5.5.1 again?"),
    ("ehlo_after", ProtocolBroken, GARBAGE),
    ("ehlo_after", ServerUnavailable, b"421 4.3.2 closing", Close()),
    ("ehlo_after", ConnectionLost, Close()),
    ("ehlo_after", NoAnswer, Stall()),
    ("mail", SubmissionDeferred, b"451 4.3.0 later"),
    ("mail", SubmissionDeferred, b"421 4.3.2 closing", Close()),
    ("mail", SubmissionRefused, b"550 5.7.1 not as ana"),
    ("mail", SubmissionRefused, b"552 5.7.0 forbidden"),
    ("mail", MailTooLarge, b"552 too much"),
    ("mail", MailTooLarge, b"552-5.3.4 too", b"552 5.3.4 large"),
    ("mail", WrongPassword, b"530 5.7.0 Authentication required"),
    ("mail", WrongPassword, b"535 5.7.8 expired"),
    ("mail", ProtocolBroken, GARBAGE),
    ("mail", ProtocolBroken, b"354 go on"),
    ("mail", ConnectionLost, Close()),
    ("mail", ConnectionLost, Reset()),
    ("mail", LimitExceeded, LONG),
    ("mail", NoAnswer, SLOW),
    ("mail", NoAnswer, Stall()),
    ("rcpt", WrongPassword, b"530 5.7.0 Authentication required"),
    ("rcpt", SubmissionDeferred, b"421 4.3.2 closing", Close()),
    ("rcpt", ProtocolBroken, GARBAGE),
    ("rcpt", ProtocolBroken, b"354 go on"),
    ("rcpt", ConnectionLost, Close()),
    ("rcpt", ConnectionLost, Reset()),
    ("rcpt", LimitExceeded, ENDLESS),
    ("rcpt", NoAnswer, SLOW),
    ("rcpt", NoAnswer, Stall()),
    ("data", SubmissionDeferred, b"451 4.3.1 no room"),
    ("data", SubmissionDeferred, b"421 closing", Close()),
    ("data", SubmissionRefused, b"554 5.5.1 no valid recipients"),
    ("data", ProtocolBroken, b"250 what?"),
    ("data", ProtocolBroken, GARBAGE),
    ("data", ConnectionLost, Close()),
    ("data", ConnectionLost, Reset()),
    ("data", NoAnswer, SLOW),
    ("data", NoAnswer, Stall()),
    ("data", ConnectionLost, b"354 go on", Content(99), Close()),
    ("data", ConnectionLost, b"354 go on", Content(99), Reset()),
    ("data", NoAnswer, b"354 go on", Stall()),
    ("final", None, b"250-2.0.0 kept", b"250 2.0.0 as 4Fx1"),
    ("final", None, b"251 fine"),
    ("final", SubmissionDeferred, b"451 4.3.0 later"),
    ("final", SubmissionDeferred, b"421 closing", Close()),
    ("final", SubmissionRefused, b"550 5.7.1 spam"),
    ("final", MailTooLarge, b"552 5.3.4 large"),
    ("final", WrongPassword, b"530 5.7.57 not authenticated"),
    ("final", SubmissionUncertain, Close()),
    ("final", SubmissionUncertain, Reset()),
    ("final", SubmissionUncertain, GARBAGE),
    ("final", SubmissionUncertain, b"354 go on"),
    ("final", SubmissionUncertain, b"199 hm"),
    ("final", SubmissionUncertain, Send(b"250 2.0.0 O"), Close()),
    ("final", SubmissionUncertain, b"250-2.0.0 kept", Close()),
    ("final", SubmissionUncertain, LONG),
    ("final", SubmissionUncertain, ENDLESS),
    ("final", SubmissionUncertain, SLOW),
    ("final", SubmissionUncertain, Stall()),
    ("quit", None, Close()),
    ("quit", None, Reset()),
    ("quit", None, GARBAGE),
    ("quit", None, b"421 closing", Close()),
    ("quit", None, LONG),
    ("quit", None, SLOW),
    ("quit", None, Stall()),
]
STARTTLS: list[Row] = [
    ("starttls", ServerUnavailable, b"454 4.3.0 later"),
    ("starttls", NoTls, b"502 no"),
    ("starttls", NoTls, GARBAGE),
    ("starttls", ConnectionLost, Close()),
    ("starttls", NotAMailServer, b"220 go on", b"250 this is not TLS"),
    ("starttls", NoAnswer, Stall()),
]


def named(row: Row) -> str:
    """Give a row a name: stage, error, and what is done."""
    stage, error, *does = row
    lines = [one[:6].decode("ascii", "replace") for one in does if type(one) is bytes]
    steps = [type(one).__name__ for one in does if type(one) is not bytes]
    return " ".join([stage, error.__name__ if error else "sent", *lines, *steps])


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_at_every_stage(certificates: Certificates, row: Row) -> None:
    stage, error, *does = row
    content = LARGE if stage == "data" else MAIL
    seen = sent(certificates, {stage: does}, content=content)
    assert type(seen.error) is (error or type(None))
    dotted = error is None or stage == "final"
    assert seen.dots_at_brink == ([0] if dotted else [])
    assert len(seen.server.contents) == len(seen.dots_at_brink)
    assert seen.told == ([(ANN, OK, 250), (BEN, OK, 250)] if error is None else [])


@pytest.mark.parametrize("row", STARTTLS, ids=named)
def test_at_starttls(certificates: Certificates, row: Row) -> None:
    _, error, *does = row
    seen = sent(certificates, {"starttls": does}, security=Security.STARTTLS)
    assert type(seen.error) is error
    assert not seen.server.said(b"AUTH|MAIL")


# What is said of two recipients; then what must come of it, and be told.
RECIPIENTS: list[tuple[bytes, bytes, type[MailError] | None, list[Verdict]]] = [
    (b"251 will forward", b"252 will try", None, [OK, OK]),
    (b"550 5.1.1 nobody", b"250 ok", None, [NEVER, OK]),
    (b"450 4.2.1 later", b"250 ok", None, [LATER, OK]),
    (b"250 ok", b"452 4.5.3 too many", None, [OK, LATER]),
    (b"250 ok", b"552 too many", None, [OK, LATER]),  # RFC 5321 section 4.5.3.1.10
    (b"250 ok", b"552 5.2.2 full", None, [OK, NEVER]),
    (b"550 5.1.1 no", b"550 5.1.1 no", SubmissionRefused, [NEVER, NEVER]),
    (b"552 full", b"552 full", SubmissionRefused, [NEVER, NEVER]),
    (b"552 5.3.4 large", b"552 5.3.4 large", MailTooLarge, [NEVER, NEVER]),
    (b"552 5.3.4 large", b"550 5.1.1 no", SubmissionRefused, [NEVER, NEVER]),
    (b"450 4.2.1 later", b"450 4.2.1 later", SubmissionDeferred, [LATER, LATER]),
    (b"550 5.1.1 no", b"450 4.2.1 later", SubmissionDeferred, [NEVER, LATER]),
    (b"550 5.1.1 no", b"421 closing", SubmissionDeferred, [NEVER]),
    (b"250 ok", b"421 closing", SubmissionDeferred, []),
]


@pytest.mark.parametrize(("ann", "ben", "error", "verdicts"), RECIPIENTS)
def test_each_recipient_has_an_answer_of_its_own(
    certificates: Certificates,
    ann: bytes,
    ben: bytes,
    error: type[MailError] | None,
    verdicts: list[Verdict],
) -> None:
    seen = sent(certificates, {"rcpt_of": {b"ann": [ann], b"ben": [ben]}})
    assert type(seen.error) is (error or type(None))
    answers = zip([(ANN, ann), (BEN, ben)], verdicts, strict=False)
    assert seen.told == [(who, one, int(line[:3])) for (who, line), one in answers]
    assert len(seen.server.contents) == (error is None)


LAST: list[tuple[type[MailError], bytes | Step]] = [
    (SubmissionDeferred, b"451 later"),
    (SubmissionRefused, b"554 spam"),
    (SubmissionUncertain, Close()),
]


@pytest.mark.parametrize(("error", "last"), LAST)
def test_who_was_accepted_is_not_told_if_the_mail_is_not(
    certificates: Certificates, error: type[MailError], last: bytes | Step
) -> None:
    behaviour = {"rcpt_of": {b"ann": [b"450 4.2.1 later"]}, "final": [last]}
    seen = sent(certificates, behaviour)
    assert type(seen.error) is error
    assert seen.told == [(ANN, LATER, 450)]


def test_nobody_can_log_in(certificates: Certificates) -> None:
    seen = sent(certificates, {"offers": [b"SIZE 1000"]})
    assert type(seen.error) is LoginNotPossible
    assert not seen.server.said(b"MAIL")


@pytest.mark.parametrize("content", [MAIL, LARGE, b"no line", b"", b"\r\n.\r\n", b"."])
def test_what_arrives_is_what_was_sent(
    certificates: Certificates, content: bytes
) -> None:
    seen = sent(certificates, {}, content=content)
    assert seen.submitted
    (arrived,) = seen.server.contents
    assert unstuffed(arrived) in {content, content + b"\r\n"}


def test_words_are_kept_whole(certificates: Certificates) -> None:
    refusal = [b"550-5.1.1 The account", b"550-5.1.1 does not", b"550 5.1.1 exist\x07."]
    behaviour = {"rcpt_of": {b"ann": refusal}}
    seen = sent(certificates, behaviour)
    assert seen.submitted
    assert (
        seen.submitted.told[0].said
        == "5.1.1 The account does not exist\N{REPLACEMENT CHARACTER}."
    )
    assert seen.submitted.said == "2.0.0 Ok: queued as 4Fx1"
