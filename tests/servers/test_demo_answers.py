"""What the demo's people, their programs and their servers do with mail."""

from __future__ import annotations

import email
import smtplib
import time
from collections.abc import Iterator
from datetime import date
from email.message import EmailMessage
from email.policy import default
from email.utils import make_msgid
from pathlib import Path

import pytest
from imapclient import IMAPClient

from core.demo.cast import CONTACTS
from core.demo.folders import INBOX, SENT
from core.demo.habits import Habit, habit
from core.demo.plans import activities
from core.demo.submission import MESSAGE_BYTES
from tests.servers.running_demo import QUIET, RunningDemo, running

pytestmark = pytest.mark.server
SOON = ("--answer-after", "0.2")
WAIT_S = 15.0


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    with running(tmp_path_factory.mktemp("demo"), *QUIET, *SOON) as started:
        yield started


def written(demo: RunningDemo, to: str, subject: str = "Orçamento") -> EmailMessage:
    message = EmailMessage()
    message["From"] = f"Marina Duarte <{demo.where.address}>"
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = make_msgid(domain="malote.example")
    message["References"] = "<first@malote.example>"
    message.set_content("Segue o orçamento.\nAté já.")
    return message


def sent(demo: RunningDemo, message: EmailMessage, **options: list[str]) -> None:
    with demo.submission() as client:
        client.login(demo.where.address, demo.where.password.reveal())
        client.send_message(message, **options)  # type: ignore[arg-type]  # lists


def came(client: IMAPClient, message_id: str, count: int) -> list[EmailMessage]:
    """Wait until as many messages name this one, and give them in their order."""
    until = time.monotonic() + WAIT_S
    client.select_folder(INBOX, readonly=True)
    while len(found := client.search(["TEXT", message_id])) < count:
        assert time.monotonic() < until, f"{len(found)} of {count} came"
        client.idle()
        client.idle_check(timeout=1)
        client.idle_done()
    raws = client.fetch(found, ["BODY.PEEK[]"])
    return [
        email.message_from_bytes(raws[uid][b"BODY[]"], policy=default)
        for uid in sorted(raws)
    ]


def plain(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("address", "wrote"),
    [
        ("joao@acai-norte.example", "Marina Duarte escreveu:"),
        ("Emma.Whitfield@NorthQuay.example", "Marina Duarte wrote:"),
    ],
)
def test_a_person_answers_in_their_language(
    demo: RunningDemo, address: str, wrote: str
) -> None:
    message = written(demo, address)
    sent(demo, message)
    with demo.mailbox() as client:
        (answer,) = came(client, message["Message-ID"], 1)
    assert answer["In-Reply-To"] == message["Message-ID"]
    references = answer["References"].split()
    assert references == ["<first@malote.example>", message["Message-ID"]]
    assert answer["Subject"] == "Re: Orçamento"
    assert answer["From"].addresses[0].addr_spec == address.lower()
    assert answer["To"].addresses[0].addr_spec == demo.where.address
    assert "Auto-Submitted" not in answer
    assert wrote in plain(answer)
    assert "> Segue o orçamento.\n> Até já." in plain(answer)
    assert not answer.defects


def test_who_is_away_answers_automatically_and_not_to_a_program(
    demo: RunningDemo,
) -> None:
    message = written(demo, "otavio@brandao-adv.example")
    sent(demo, message)
    by_program = written(demo, "otavio@brandao-adv.example")
    by_program["Auto-Submitted"] = "auto-generated"
    sent(demo, by_program)
    last = written(demo, "joao@acai-norte.example")
    sent(demo, last)
    with demo.mailbox() as client:
        (answer,) = came(client, message["Message-ID"], 1)
        came(client, last["Message-ID"], 1)  # so that the other one would be there
        assert not client.search(["TEXT", by_program["Message-ID"]])
    assert answer["Auto-Submitted"] == "auto-replied"
    assert answer["In-Reply-To"] == message["Message-ID"]


def test_a_receipt_comes_and_then_an_answer(demo: RunningDemo) -> None:
    message = written(demo, "beatriz.fagundes@fagundes.example")
    sent(demo, message)
    with demo.mailbox() as client:
        receipt, answer = came(client, message["Message-ID"], 2)
    assert receipt.get_param("report-type") == "disposition-notification"
    assert answer["In-Reply-To"] == message["Message-ID"]


def test_a_report_of_delay_comes_and_then_an_answer(demo: RunningDemo) -> None:
    message = written(demo, "marcus.bell@bellandsons.example")
    sent(demo, message)
    with demo.mailbox() as client:
        report, answer = came(client, message["Message-ID"], 2)
    assert "Action: delayed" in report.as_string()
    assert answer["In-Reply-To"] == message["Message-ID"]


def test_a_bounce_names_the_envelope_that_it_is_about(demo: RunningDemo) -> None:
    message = written(demo, "rogerio@antunes-agro.example")
    mail, rcpt = ["RET=HDRS", "ENVID=Ab+3Dc"], ["NOTIFY=FAILURE,DELAY"]
    sent(demo, message, mail_options=mail, rcpt_options=rcpt)
    with demo.mailbox() as client:
        (report,) = came(client, message["Message-ID"], 1)
    text = report.as_string()
    assert "Original-Envelope-Id: Ab+3Dc" in text
    assert "Final-Recipient: rfc822; rogerio@antunes-agro.example" in text
    assert "Status: 5.1.1" in text
    assert report.get_param("report-type") == "delivery-status"


def test_reports_come_as_they_were_asked_for(demo: RunningDemo) -> None:
    never = written(demo, "rogerio@antunes-agro.example")
    sent(demo, never, rcpt_options=["NOTIFY=NEVER"])
    success = written(demo, "nathan@pricefoods.example")
    sent(demo, success, rcpt_options=["NOTIFY=SUCCESS", "ORCPT=rfc822;nathan@x"])
    last = written(demo, "joao@acai-norte.example")
    sent(demo, last)
    with demo.mailbox() as client:
        (report,) = came(client, success["Message-ID"], 1)
        came(client, last["Message-ID"], 1)
        assert not client.search(["TEXT", never["Message-ID"]])
    assert "Action: delivered" in report.as_string()


def test_one_address_is_refused_and_the_others_get_the_mail(demo: RunningDemo) -> None:
    message = written(demo, "joao@acai-norte.example")
    message["Cc"] = "patricia@nobregatec.example"
    with demo.submission() as client:
        client.login(demo.where.address, demo.where.password.reveal())
        refused = client.send_message(message)
    assert refused.keys() == {"patricia@nobregatec.example"}
    assert refused["patricia@nobregatec.example"][0] == 550
    with demo.mailbox() as client:
        came(client, message["Message-ID"], 1)


def test_an_address_is_deferred_the_first_time(tmp_path: Path) -> None:
    with running(tmp_path, *QUIET, *SOON) as demo:
        message = written(demo, "daniel@okaforsupply.example")
        with pytest.raises(smtplib.SMTPRecipientsRefused) as deferred:
            sent(demo, message)
        ((code, _),) = deferred.value.recipients.values()
        assert code == 451
        sent(demo, message)
        with demo.mailbox() as client:
            came(client, message["Message-ID"], 1)


def test_nobody_answers_where_that_is_not_wanted(tmp_path: Path) -> None:
    with running(tmp_path, *QUIET, "--answer-after", "-1") as demo:
        message = written(demo, "joao@acai-norte.example")
        sent(demo, message)
        last = written(demo, demo.where.address)
        sent(demo, last)
        with demo.mailbox() as client:
            came(client, last["Message-ID"], 1)
            assert not client.search(["TEXT", message["Message-ID"]])


def test_it_offers_what_it_does(demo: RunningDemo) -> None:
    with demo.submission() as client:
        client.ehlo()
        assert int(client.esmtp_features["size"]) == MESSAGE_BYTES
        assert {"smtputf8", "8bitmime", "dsn"} <= client.esmtp_features.keys()
        client.login(demo.where.address, demo.where.password.reveal())
        refused = client.mail(demo.where.address, [f"SIZE={MESSAGE_BYTES + 1}"])
        assert refused[0] == 552
        for option in ("RET=SOME", "ENVID=", "ENVID=a=b", "ENVID=x ENVID=y"):
            client.rset()
            assert client.mail(demo.where.address, [option])[0] == 501
        client.rset()
        assert client.mail(demo.where.address, ["SMTPUTF8", "ENVID=x"])[0] == 250
        for option in ("NOTIFY=SOON", "NOTIFY=NEVER,FAILURE", "NOTIFY="):
            assert client.rcpt("a@b.example", [option])[0] == 501
        assert client.rcpt("josé@açaí.example", ["NOTIFY=DELAY"])[0] == 250


MALFORMED = [
    b"",
    b"\r\n",
    b"Subject: =?x?b?????=\r\nFrom: <<\r\nMessage-ID: <\r\n\r\n",
    b"Subject: =?utf-8?q?a=0D=0ABcc:_evil@x.example?=\r\n\r\nA\r\n",
    b"Content-Type: text/plain; charset=nonsense\r\n\r\n\xff\xfe\r\n",
    b"Content-Type: multipart/mixed\r\n\r\n--\r\n",
    b"Subject: " + b"x" * 900 + b"\r\n\r\nA\r\n",
]


def test_a_malformed_message_is_answered_all_the_same(tmp_path: Path) -> None:
    with running(tmp_path, *QUIET, *SOON) as demo, demo.mailbox() as client:
        there = client.select_folder(INBOX, readonly=True)[b"EXISTS"]
        for number, raw in enumerate(MALFORMED, 1):
            with demo.submission() as smtp:
                smtp.login(demo.where.address, demo.where.password.reveal())
                smtp.sendmail(demo.where.address, ["joao@acai-norte.example"], raw)
            client.idle()
            arrived = client.idle_check(timeout=WAIT_S)
            client.idle_done()
            assert (there + number, b"EXISTS") in arrived, raw
            newest = max(client.search())
            answer = client.fetch([newest], ["BODY.PEEK[]"])[newest][b"BODY[]"]
            assert b"\r\nBcc" not in answer
            assert answer.startswith(b"Date: ")
        assert demo.stop() == 0


def test_a_copy_may_be_put_into_the_folder_of_sent_mail(tmp_path: Path) -> None:
    with running(tmp_path, *QUIET, *SOON) as demo, demo.mailbox() as client:
        message = written(demo, "joao@acai-norte.example")
        said = client.append(SENT, message.as_bytes(), (b"\\Seen",))
        assert b"APPENDUID" in said
        client.select_folder(SENT, readonly=True)
        (uid,) = client.search(["HEADER", "Message-ID", message["Message-ID"]])
        assert b"\\Seen" in client.fetch([uid], ["FLAGS"])[uid][b"FLAGS"]


def test_there_is_an_activity_for_each_habit() -> None:
    planned = [one for one in activities(date(2026, 11, 24)) if one.model == "email"]
    habits = {habit(one.contact_address) for one in planned}
    assert habits == set(Habit)
    assert {one.contact_address for one in planned} <= {c.address for c in CONTACTS}
