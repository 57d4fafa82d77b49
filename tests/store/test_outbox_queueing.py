"""What a person writes is checked at once, and queued as it will go over the wire."""

from __future__ import annotations

import email
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default

import pytest

from core import activities, connect, outbox
from core.errors import (
    BadInput,
    MailError,
    NoIntegration,
    NotFound,
    RecipientBlocked,
    VariablesMissing,
)
from core.letters import Attachment
from core.outbox import FollowUp, SenderSettings
from core.outgoing import Field, Stage, Verdict
from core.runtime import Runtime
from tests.store.building import listed, put, some
from tests.store.outgoing import ACTOR, Sender


@pytest.fixture
def ana(runtime: Runtime) -> Sender:
    """Give a mailbox that sends."""
    return Sender.of(runtime)


def parsed(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=default)


def plain(content: bytes) -> str:
    part = parsed(content).get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_what_is_sent_is_queued_as_it_goes_over_the_wire(ana: Sender) -> None:
    mail_id = ana.send(cc="caio@example.net", bcc="Duda <duda@example.net>")
    mail = ana.mail(mail_id)
    assert mail.stage is Stage.QUEUED
    assert (mail.sender, mail.sender_address) == (
        "Ana <me@example.org>",
        "me@example.org",
    )
    assert (mail.not_before, mail.next_at) == (ana.clock(), ana.clock())
    assert [(one.address, one.field, one.verdict) for one in mail.recipients] == [
        ("rui@example.net", Field.TO, Verdict.WAITING),
        ("caio@example.net", Field.CC, Verdict.WAITING),
        ("duda@example.net", Field.BCC, Verdict.WAITING),
    ]
    content = ana.content(mail_id)
    assert b"duda" not in content
    message = parsed(content)
    assert message["Message-ID"] == mail.message_id
    assert mail.message_id.endswith("@example.org>")
    assert message["Subject"] == mail.subject == "Reunião"
    assert message["Date"].datetime == ana.clock()
    assert mail.size_bytes == len(content)
    assert ana.acts() == ["send_mail"]
    assert outbox.counts(ana.runtime) == {Stage.QUEUED: 1}
    assert [one.id for one in outbox.listed(ana.runtime)] == [mail_id]


def test_all_that_stands_in_the_way_is_told_at_once(ana: Sender) -> None:
    far = ana.clock() + timedelta(days=400)
    assert ana.problems(
        to="nobody", cc="a@example.net, @", subject=" ", at=far, sender="x@example.com"
    ) == [
        "to recipient_form",
        "cc recipient_form",
        "at too_far_ahead",
        "sender not_own_address",
        "subject empty",
    ]
    assert ana.problems(to="") == ["to no_recipient"]
    assert ana.problems(subject="Olá\r\nBcc: eve@example.com") == ["subject control"]
    assert ana.problems(at=datetime(2026, 1, 1)) == ["at no_zone"]  # noqa: DTZ001 - the test
    assert ana.problems(follow_up=FollowUp(0, " ")) == [
        "follow_up_days days",
        "follow_up empty",
    ]
    assert ana.problems(text="{{contact.company}} {{nobody.knows}}") == [
        "variables_missing"
    ]
    assert ana.problems() == []
    assert outbox.counts(ana.runtime) == {}


def test_the_first_problem_is_raised(ana: Sender) -> None:
    with pytest.raises(BadInput):
        ana.send(subject="")
    with pytest.raises(VariablesMissing):
        ana.send(text="{{contact.company}}")
    with pytest.raises(NotFound):
        ana.send(answers=99)
    with pytest.raises(NotFound):
        ana.send(activity_id=99)


def test_nothing_is_sent_without_an_integration(ana: Sender) -> None:
    connect.disconnect(ana.runtime, ana.one, ACTOR)
    assert ana.problems() == ["no_integration"]
    with pytest.raises(NoIntegration):
        ana.send()


def test_each_person_gets_it_once(ana: Sender) -> None:
    mail_id = ana.send(
        to="a@example.net, A@example.net", cc="a@EXAMPLE.net; b@example.net"
    )
    assert ana.mail(mail_id).envelope == ("a@example.net", "b@example.net")


def test_own_addresses_are_those_of_the_mailbox_and_its_aliases(ana: Sender) -> None:
    settings = SenderSettings("Ana S.", "Ana\nVendas", ("Vendas@exämple.org",))
    outbox.set_sender(ana.runtime, ana.one, settings, ACTOR)
    own = outbox.addresses_of(ana.runtime, ana.one)
    assert own == ("me@example.org", "Vendas@xn--exmple-cua.org")
    mail = ana.mail(ana.send(sender="vendas@xn--exmple-cua.org"))
    assert mail.sender == "Ana S. <Vendas@xn--exmple-cua.org>"
    assert mail.message_id.endswith("@xn--exmple-cua.org>")
    assert plain(ana.content(mail.id)).endswith("Olá\n\n-- \nAna\nVendas\n")
    unsigned = ana.send(signed=False)
    assert "Vendas" not in plain(ana.content(unsigned))


@pytest.mark.parametrize(
    ("field", "settings"),
    [
        ("sender_name", SenderSettings("Ana\nBcc: x")),
        ("signature", SenderSettings("Ana", "x" * 5000)),
        ("aliases", SenderSettings("Ana", aliases=("nobody",))),
        (
            "aliases",
            SenderSettings("Ana", aliases=tuple(f"{n}@a.example" for n in range(21))),
        ),
        ("per_hour", SenderSettings("Ana", per_hour=0)),
        ("per_day", SenderSettings("Ana", per_day=1_000_000)),
    ],
)
def test_settings_are_checked(
    ana: Sender, field: str, settings: SenderSettings
) -> None:
    with pytest.raises(BadInput) as raised:
        outbox.set_sender(ana.runtime, ana.one, settings, ACTOR)
    assert raised.value.field == field
    assert outbox.sender_of(ana.runtime, ana.one) == SenderSettings("Ana")


def test_who_is_blocked_is_not_written_to(ana: Sender) -> None:
    block = outbox.block
    assert block(ana.runtime, "Rui@Example.net", "asked us to stop", ACTOR)
    assert not block(ana.runtime, "rui@example.net", "again", ACTOR)
    assert block(ana.runtime, "bücher.example", "competitor", ACTOR)
    assert not block(ana.runtime, "*@BÜCHER.example", "again", ACTOR)
    patterns = [one.pattern for one in outbox.blocked(ana.runtime)]
    assert patterns == ["@xn--bcher-kva.example", "rui@example.net"]
    assert (
        ana.problems(
            to="RUI@example.net, x@shop.BÜCHER.example", bcc="y@bücher.example"
        )
        == ["recipient_blocked"] * 3
    )
    assert ana.problems(to="x@notbücher.example, rui@shop.example.net") == []
    with pytest.raises(RecipientBlocked) as raised:
        ana.send()
    assert raised.value.facts["reason"] == "asked us to stop"
    outbox.unblock(ana.runtime, outbox.blocked(ana.runtime)[1].id, ACTOR)
    assert ana.problems() == []
    assert ana.acts() == ["block", "block", "unblock"]


@pytest.mark.parametrize("pattern", ["", "@", "a b@example.org", "@*", "x"])
def test_a_pattern_is_an_address_or_a_domain(ana: Sender, pattern: str) -> None:
    with pytest.raises(BadInput):
        outbox.block(ana.runtime, pattern, "why", ACTOR)
    with pytest.raises(BadInput):
        outbox.block(ana.runtime, "example.org", " ", ACTOR)


def test_variables_come_from_the_activity(ana: Sender) -> None:
    activity_id = ana.activity()
    mail_id = ana.send(
        activity_id=activity_id,
        subject="{{activity.subject}} para {{contact.company}}",
        text="{{contact.first_name}}, até {{activity.due_on}}. {{owner.name}}",
    )
    assert ana.mail(mail_id).subject == "Proposta para Melo & Filhos"
    assert plain(ana.content(mail_id)).strip() == "Rui, até 2026-03-09. Ana"
    assert [m.id for m in outbox.of_activity(ana.runtime, activity_id)] == [mail_id]


def test_an_activity_is_sent_once(ana: Sender) -> None:
    activity_id = ana.activity()
    first = ana.send(activity_id=activity_id)
    assert ana.problems(activity_id=activity_id) == ["activity activity_under_way"]
    ana.accept(first)
    assert ana.done_at(activity_id) == ana.clock()
    assert ana.problems(activity_id=activity_id) == ["activity activity_done"]
    activities.mark_done(ana.runtime, activity_id, ACTOR, done=False)
    assert ana.problems(activity_id=activity_id) == []
    other = ana.activity("Bruno")
    assert ana.problems(activity_id=other) == ["activity activity_of_another"]


def test_a_button_that_is_pressed_twice_sends_once(ana: Sender) -> None:
    activity_id = ana.activity()

    def press(_: int) -> str:
        try:
            ana.send(activity_id=activity_id)
        except BadInput as error:
            return error.problem
        return "sent"

    with ThreadPoolExecutor(4) as pool:
        told = sorted(pool.map(press, range(4)))
    assert told == ["activity_under_way"] * 3 + ["sent"]
    assert outbox.counts(ana.runtime) == {Stage.QUEUED: 1}


def test_an_answer_keeps_the_thread(ana: Sender) -> None:
    folder = listed(ana.runtime, ana.one, "Inbox")["Inbox"]
    before = "<1@a.example> <2@b>"
    fetched = some(1, message_id="<3@example.net>", references=before)
    put(ana.runtime, ana.one, folder, fetched)
    mail_id = ana.send(answers=1, subject="Re: Reunião")
    message = parsed(ana.content(mail_id))
    assert message["In-Reply-To"] == "<3@example.net>"
    assert message["References"] == "<1@a.example> <2@b> <3@example.net>"


def test_a_follow_up_is_a_second_mail_in_the_thread(ana: Sender) -> None:
    at = ana.clock() + timedelta(hours=2)
    activity_id = ana.activity()
    first = ana.mail(
        ana.send(
            at=at,
            activity_id=activity_id,
            attachments=(Attachment("a.txt", "text/plain", b"x" * 1000),),
            follow_up=FollowUp(3, "{{contact.first_name}}, viu?"),
        )
    )
    second = ana.follow_up_of(first.id)
    assert (first.not_before, first.next_at) == (at, at)
    assert second.not_before == second.next_at == at + timedelta(days=3)
    assert second.subject == "Re: Reunião"
    assert second.envelope == first.envelope
    message = parsed(ana.content(second.id))
    assert message["In-Reply-To"] == message["References"] == first.message_id
    assert message["Date"].datetime == second.not_before
    assert plain(ana.content(second.id)).strip() == "Rui, viu?"
    assert second.size_bytes < 2000
    assert parsed(ana.content(first.id))["Date"].datetime == at


def test_bulk_mail_can_be_ended_by_its_recipients(ana: Sender) -> None:
    message = parsed(ana.content(ana.send(bulk=True)))
    assert message["List-Unsubscribe"].startswith("<mailto:me@example.org")
    assert parsed(ana.content(ana.send()))["List-Unsubscribe"] is None


def test_a_preview_queues_nothing(ana: Sender) -> None:
    made = outbox.composed(ana.runtime, ana.draft())
    assert parsed(made.content)["To"] == "Rui <rui@example.net>"
    assert outbox.counts(ana.runtime) == {}
    with pytest.raises(MailError):
        outbox.composed(ana.runtime, ana.draft(subject=""))


@pytest.mark.parametrize("act", [outbox.one, outbox.gauge, outbox.sender_of])
def test_what_is_not_there(ana: Sender, act: Callable[[Runtime, int], object]) -> None:
    with pytest.raises(NotFound):
        act(ana.runtime, 99)
    with pytest.raises(NotFound):
        outbox.unblock(ana.runtime, 99, ACTOR)
