"""What a message that arrives means for mail that was sent."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.outgoing import Evidence, Mail, Recipient, Source, Stage, Step
from core.reports import Outcome, Report
from core.store.arrived import Arrived
from core.sync.news import Means, meaning, named_by, own_id, recipient, steps

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
OWN = frozenset({"me@example.org"})
CAME = Arrived(7, "received", "person", "bob@example.net", "<b@x>", "", "", AT)


def mail(*to: str) -> Mail:
    return Mail(
        1, 1, None, None, "test", "<a@x>", "me@example.org", "me@example.org", "x",
        1, False, False, Stage.SENT, AT, AT, AT,
        recipients=tuple(map(Recipient, to)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "names", "is_copy", "means"),
    [
        ({}, True, False, Means.ANSWER),
        ({}, False, False, Means.NOTHING),
        ({"kind": "list"}, True, False, Means.ANSWER),
        ({"kind": "automatic"}, True, False, Means.REPORT),
        ({"kind": "automatic"}, False, False, Means.NOTHING),
        ({"kind": "bounce"}, False, False, Means.REPORT),
        ({"kind": "receipt"}, False, False, Means.REPORT),
        ({"from_address": "MAILER-DAEMON@mx.example"}, False, False, Means.REPORT),
        ({"from_address": "postmaster@mx.example"}, True, False, Means.REPORT),
        ({"from_address": "postmasters@mx.example"}, True, False, Means.ANSWER),
        ({"from_address": "Me@example.org"}, True, False, Means.NOTHING),
        ({"subject": " Unsubscribe "}, False, False, Means.UNSUBSCRIBE),
        ({"subject": "unsubscribe"}, True, False, Means.UNSUBSCRIBE),
        ({"subject": "unsubscribe", "kind": "bounce"}, False, False, Means.REPORT),
        ({"subject": "Please unsubscribe"}, False, False, Means.NOTHING),
        ({"direction": "sent"}, True, False, Means.NOTHING),
        ({"direction": "sent"}, False, True, Means.COPY),
        ({"direction": "sent", "kind": "bounce"}, True, False, Means.NOTHING),
    ],
)
def test_meaning(
    changes: dict[str, str], means: Means, *, names: bool, is_copy: bool
) -> None:
    one = CAME._replace(**changes)  # type: ignore[arg-type]  # fields by name
    assert meaning(one, OWN, names=names, is_copy=is_copy) is means


def test_whom_a_message_names() -> None:
    one = CAME._replace(refs="<1@x>\r\n <2@x> junk <1@x>", in_reply_to="(of) <3@x>")
    assert named_by(one) == ["<1@x>", "<2@x>", "<3@x>"]
    assert len(
        named_by(one._replace(refs="".join(f"<{n}@x>" for n in range(9999))))
    ) < (101)
    assert own_id(CAME._replace(message_id=" <9@x> (odd)")) == "<9@x>"


@pytest.mark.parametrize(
    ("to", "address", "meant"),
    [
        (["Bob@Example.net", "eva@example.net"], "bob@example.NET", "Bob@Example.net"),
        (["bob@example.net", "eva@example.net"], "other@example.net", ""),
        (["bob@example.net"], "forwarded@elsewhere.example", "bob@example.net"),
        (["bob@example.net"], "", "bob@example.net"),
        (["bob@example.net", "eva@example.net"], "", ""),
    ],
)
def test_which_recipient_is_meant(to: list[str], address: str, meant: str) -> None:
    assert recipient(mail(*to), address) == meant


def test_the_steps_of_a_report() -> None:
    two = mail("bob@example.net", "eva@example.net")
    report = Report(
        Source.DSN,
        "<a@x>",
        outcomes=(
            Outcome(Step.FAILED, "bob@example.net", "5.1.1", "no such\u202euser"),
            Outcome(Step.DELAYED, "forwarded@x", "4.4.1", "busy"),
        ),
    )
    first, second = steps(report, two, CAME)
    assert first == Evidence(
        Step.FAILED,
        Source.DSN,
        AT,
        "bob@example.net",
        "5.1.1",
        "no such\ufffduser",
        7,
    )
    assert (second.recipient, second.diagnostic) == ("", "forwarded@x: busy")


def test_what_no_person_did_displays_nothing() -> None:
    told = [
        Outcome(Step.DISPLAYED, "bob@example.net", automatic=automatic)
        for automatic in (True, False)
    ]
    report = Report(Source.MDN, "<a@x>", outcomes=tuple(told))
    assert [s.step for s in steps(report, mail("bob@example.net"), CAME)] == [
        Step.DISPLAYED
    ]
