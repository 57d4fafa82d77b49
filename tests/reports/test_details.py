"""What a report says in detail, where servers write it in ways of their own."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from core import reports
from core.demo.mail import mailbox
from core.outgoing import Source, Step
from core.reports import Outcome, Report, addresses, status
from tests.reports import made
from tests.reports.made import Piece

ABOUT = "Final-Recipient: rfc822; a@x.example\n"


def notification(about: str, *, message: str = "", returned: str = "") -> Report:
    """Read a notification of one group of fields."""
    block = f"Reporting-MTA: dns; mx.example\n{message}\n{about}"
    pieces = [Piece("text/plain", "x\n"), Piece("message/delivery-status", block)]
    pieces += [Piece("message/rfc822", returned)] if returned else []
    kind = "multipart/report; report-type=delivery-status"
    report = reports.read(made.wire(made.multipart("From: mx\n", kind, pieces)))
    assert report is not None
    return report


def outcome(about: str) -> Outcome:
    return notification(about).outcomes[0]


@pytest.mark.parametrize(
    ("stated", "said", "read", "permanent"),
    [
        ("5.1.1", "smtp; 550 No such user", "5.1.1", True),
        ("5.0.0", "smtp; 550 5.1.1 No such user", "5.1.1", True),
        ("5.0.0", "smtp; 421 4.4.7 Expired", "5.0.0", True),
        ("4.4.7", "smtp; 550 4.4.7 Expired", "4.4.7", False),
        ("550", "No such user", "5.0.0", True),
        ("", "smtp; 550-5.7.1 Blocked", "5.7.1", True),
        ("", "smtp; 452 Try again", "4.0.0", False),
        ("", "X-Postfix; host 5.1.2.3 did not answer", "", True),
        ("5.1.1 (unknown)", "", "5.1.1", True),
        ("rubbish", "", "", True),
    ],
)
def test_the_status_is_the_most_exact_that_is_sure(
    stated: str, said: str, read: str, permanent: bool
):
    one = outcome(f"{ABOUT}Action: failed\nStatus: {stated}\nDiagnostic-Code: {said}\n")
    assert (one.step, one.status, one.permanent) == (Step.FAILED, read, permanent)


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("host mx[192.0.2.7] said: 550 No", "5.0.0"),
        ("554: delivery error", "5.0.0"),
        ("(reason: 550 5.1.1 <a@x>... User unknown)", "5.1.1"),
        ("Sorry, no mailbox here by that name. (#5.1.1)", "5.1.1"),
        ("Exim 4.94.2 gave up after 450 minutes", ""),
        ("connect to 5.1.2.3: refused", ""),
    ],
)
def test_a_status_is_found_in_words_and_not_in_numbers(words: str, read: str):
    assert status.of_words(words) == read


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("rfc822;Ana@X.example", "ana@x.example"),
        ("RFC822; <ana@x.example>", "ana@x.example"),
        ("ana@x.example.", "ana@x.example"),
        ("ana@x.example (Ana)", "ana@x.example"),
        ("utf-8; joão@exemplo.example", "joão@exemplo.example"),
        (r"utf-8; jo\x{E3}o@exemplo.example", "joão@exemplo.example"),
        (r"utf-8; a\x{110000}@x.example", ""),
        ("x400; /c=br/p=x", ""),
        ("rfc822; ana", ""),
        ("rfc822; a@b@c", ""),
        ("rfc822; a\x07@x.example", ""),
        ("rfc822; a@x.exam\u202eple", ""),
        ("", ""),
    ],
)
def test_addresses_of_reports(typed: str, address: str):
    assert addresses.address(typed) == address


def test_an_address_beyond_ascii_is_read_in_a_global_report():
    block = "Reporting-MTA: dns; mx\n\nFinal-Recipient: utf-8; joão@exemplo.example\n"
    block += "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 não existe\n"
    for encoding in ("", "base64", "quoted-printable"):
        piece = Piece("message/global-delivery-status", block, encoding)
        returned = Piece("message/global-headers", made.story(1).header, encoding)
        kind = "multipart/report; report-type=global-delivery-status"
        raw = made.multipart("From: mx\n", kind, [piece, returned])
        report = reports.read(made.wire(raw))
        assert report is not None
        assert report.original_message_id == made.story(1).message_id
        assert report.outcomes[0].recipient == "joão@exemplo.example"
        assert report.outcomes[0].diagnostic == "550 não existe"


def test_until_when_it_is_tried():
    about = f"{ABOUT}Action: delayed\nStatus: 4.4.1\nWill-Retry-Until: "
    until = outcome(f"{about}Tue, 24 Nov 2026 10:00:00 -0300\n").retry_until
    assert until == datetime(2026, 11, 24, 13, tzinfo=UTC)
    assert outcome(f"{about}Mon, 99 Foo 0000 -9999\n").retry_until is None
    assert outcome(f"{ABOUT}Will-Retry-Until: x\n").step is Step.DELAYED


def test_the_identity_that_a_provider_kept_is_ours():
    header = "Message-ID: <new@outlook.example>\nSubject: =?utf-8?Q?Ol=C3=A1?=\n"
    kept = f"{header}X-Microsoft-Original-Message-ID: <ours@malote.example>\n\n"
    report = notification(f"{ABOUT}Action: failed\n", returned=kept)
    assert report.original_message_id == "<ours@malote.example>"
    assert report.original_headers["subject"] == "Olá"


def test_the_envelope_id_is_decoded_and_may_be_the_identity():
    message = "Original-Envelope-Id: +3C1.a@malote.example+3E\n"
    report = notification(f"{ABOUT}Action: failed\n", message=message)
    assert report.envelope_id == report.original_message_id == "<1.a@malote.example>"


def test_words_are_harmless_and_not_too_long():
    said = "550 \u202egnp.exe\x07 " + "a" * 900
    one = outcome(f"{ABOUT}Action: failed\nDiagnostic-Code: smtp; {said}\n")
    assert len(one.diagnostic) == 500
    assert one.diagnostic.startswith("550 \ufffdgnp.exe\ufffd a")


def test_so_many_recipients_are_read_and_each_once():
    group = "Final-Recipient: rfc822; {n}@x.example\nAction: failed\nStatus: 5.1.1\n\n"
    many = "".join(group.format(n=n % 150) for n in range(300))
    assert len(notification(many).outcomes) == 100


def test_several_statuses_in_one_report_are_all_read():
    about = "Action: delayed\nStatus: 4.2.2\n\nFinal-Recipient: rfc822; b@x.example\n"
    report = notification(f"{ABOUT}{about}Action: delivered\nStatus: 2.1.5\n")
    told = [(one.recipient, one.step, one.permanent) for one in report.outcomes]
    assert told == [
        ("a@x.example", Step.DELAYED, False),
        ("b@x.example", Step.DELIVERED, False),
    ]


EXIM = """The following address(es) failed:

  inner@x.example
    (generated from Outer@x.example)
    550 5.1.1 no

  an undisclosed address
    (generated from hidden@x.example)
    550 5.2.2 full

------ This is a copy of the message, including all the headers. ------

Message-ID: <1@malote.example>
"""
POSTFIX = """This is the Postfix program at host mx.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

For further assistance, please write to <postmaster@mx.example>

\t\tThe Postfix program

<a@x.example>: host mx said: 550 5.7.1
    <me@malote.example>: Sender address rejected
"""


def test_exim_names_the_address_that_the_sender_wrote():
    head = "From: Mailer-Daemon@mx.example\nContent-Type: text/plain\n\n"
    report = reports.read(made.wire(head + EXIM))
    assert report is not None
    assert [(one.recipient, one.status) for one in report.outcomes] == [
        ("outer@x.example", "5.1.1"),
        ("hidden@x.example", "5.2.2"),
    ]


def test_whom_to_ask_for_help_is_no_recipient():
    head = "From: MAILER-DAEMON@mx.example\nIn-Reply-To: <1@malote.example>\n\n"
    report = reports.read(made.wire(head + POSTFIX))
    assert report is not None
    assert [one.recipient for one in report.outcomes] == ["a@x.example"]
    assert report.outcomes[0].status == "5.7.1"


def test_the_reports_in_the_demo_mailbox_are_read_and_nothing_else_is():
    kinds = {"report": 0, "other": 0}
    for mail in mailbox(date(2026, 11, 24)):
        report = reports.read(mail.raw)
        is_report = b"multipart/report" in mail.raw.partition(b"\r\n\r\n")[0]
        assert (report is not None) == is_report
        kinds["report" if is_report else "other"] += 1
        if report is not None:
            assert report.original_message_id
            assert report.outcomes
            assert report.kind in {Source.DSN, Source.MDN}
    assert kinds["report"] > 10
    assert kinds["other"] > 1_000
