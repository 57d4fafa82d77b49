"""The delivery ladder: what is seen, what is not, and what is told of whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings, strategies as st

from core.i18n import LANGUAGES, Texts
from core.ladder import Ladder, Rung, State, ladder, reason_of
from core.outgoing import (
    CopyStage,
    Evidence,
    Mail,
    Recipient,
    Source,
    Stage,
    Step,
    Verdict,
)

SENT_AT = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
BRUNO, CARLA = "bruno@destino.example", "Carla@Empresa.example"
MAIL = Mail(
    id=1,
    integration_id=1,
    activity_id=None,
    follows_id=None,
    actor="ana",
    message_id="<1@malote.example>",
    sender="Ana",
    sender_address="ana@malote.example",
    subject="Reunião",
    size_bytes=900,
    smtputf8=False,
    bulk=False,
    stage=Stage.SENT,
    made_at=SENT_AT,
    not_before=SENT_AT,
    next_at=SENT_AT,
    sent_at=SENT_AT,
    recipients=(
        Recipient(BRUNO, verdict=Verdict.ACCEPTED),
        Recipient(CARLA, "Carla", verdict=Verdict.ACCEPTED),
    ),
)
SOURCES = {
    Step.ACCEPTED: Source.SMTP,
    Step.IN_SENT: Source.SENT_FOLDER,
    Step.DISPLAYED: Source.MDN,
    Step.ANSWERED: Source.REPLY,
    Step.AUTO_ANSWERED: Source.REPLY,
}


def seen(step: Step, minute: int, recipient: str = "", status: str = "") -> Evidence:
    at = SENT_AT + timedelta(minutes=minute)
    return Evidence(step, SOURCES.get(step, Source.DSN), at, recipient, status, "said")


def rungs(told: Ladder) -> list[tuple[str, State]]:
    return [(one.words, one.state) for one in told.rungs]


def fates(told: Ladder) -> dict[str, str]:
    return {one.address: one.words for one in told.fates}


def test_nothing_but_the_sending_is_known_of_most_mail():
    told = ladder(MAIL, [])
    assert rungs(told) == [
        ("accepted", State.SEEN),
        ("in_sent", State.NOT_SEEN),
        ("no_failure", State.NOT_SEEN),
        ("displayed", State.NOT_SEEN),
        ("answered", State.NOT_SEEN),
    ]
    assert told.rungs[0] == Rung("accepted", State.SEEN, SENT_AT, Source.SMTP)
    assert fates(told) == {BRUNO: "accepted", CARLA: "accepted"}


@pytest.mark.parametrize(
    ("stage", "words", "state"),
    [
        (Stage.QUEUED, "accepted", State.NOT_SEEN),
        (Stage.SENDING, "accepted", State.NOT_SEEN),
        (Stage.UNCERTAIN, "uncertain", State.NOT_SEEN),
        (Stage.CANCELLED, "cancelled", State.NOT_SEEN),
        (Stage.FAILED, "accepted", State.FAILED),
        (Stage.SENT, "accepted", State.SEEN),
    ],
)
def test_the_first_rung_is_as_the_mail_stands(stage: Stage, words: str, state: State):
    assert rungs(ladder(replace(MAIL, stage=stage), []))[0] == (words, state)


@pytest.mark.parametrize(
    ("copy", "state"),
    [
        (CopyStage.NONE, State.NOT_SEEN),
        (CopyStage.WANTED, State.NOT_SEEN),
        (CopyStage.BEGUN, State.NOT_SEEN),
        (CopyStage.STORED, State.SEEN),
        (CopyStage.FOUND, State.SEEN),
        (CopyStage.FAILED, State.FAILED),
    ],
)
def test_the_copy_in_sent_is_a_rung(copy: CopyStage, state: State):
    assert rungs(ladder(replace(MAIL, copy=copy), []))[1] == ("in_sent", state)
    found = ladder(replace(MAIL, copy=copy), [seen(Step.IN_SENT, 1)])
    assert found.rungs[1].state is State.SEEN


@pytest.mark.parametrize(
    ("evidence", "trouble", "bruno"),
    [
        ([seen(Step.DELAYED, 5, BRUNO)], "delayed", "delayed"),
        (
            [seen(Step.DELAYED, 5, BRUNO), seen(Step.FAILED, 9, BRUNO)],
            "failed_for_some",
            "failed",
        ),
        (
            [seen(Step.DELAYED, 5, BRUNO), seen(Step.DELIVERED, 9, BRUNO)],
            "no_failure",
            "delivered",
        ),
        (
            [seen(Step.DELAYED, 5, BRUNO), seen(Step.RELAYED, 9, BRUNO)],
            "no_failure",
            "relayed",
        ),
        (
            [seen(Step.DELAYED, 5, BRUNO), seen(Step.DISPLAYED, 9, BRUNO)],
            "no_failure",
            "displayed",
        ),
        (
            [seen(Step.ACCEPTED, 0), seen(Step.FAILED, 9, BRUNO)],
            "failed_for_some",
            "failed",
        ),
        (
            [seen(Step.RELAYED, 2, BRUNO), seen(Step.FAILED, 9, BRUNO)],
            "failed_for_some",
            "failed",
        ),
        (
            [seen(Step.FAILED, 5, BRUNO), seen(Step.FAILED, 9, CARLA.lower())],
            "failed",
            "failed",
        ),
        (
            [seen(Step.FAILED, 5, BRUNO), seen(Step.ANSWERED, 9, BRUNO)],
            "failed_for_some",
            "answered",
        ),
        (
            [seen(Step.DELIVERED, 2, BRUNO), seen(Step.DELAYED, 9, BRUNO)],
            "delayed",
            "delayed",
        ),
    ],
)
def test_what_is_told_of_trouble(evidence: list[Evidence], trouble: str, bruno: str):
    for some in permutations(evidence):  # whatever the order in which it was stored
        told = ladder(MAIL, some)
        assert trouble in [one.words for one in told.rungs]
        assert fates(told)[BRUNO] == bruno


def test_a_delivery_is_a_rung_only_where_it_was_seen():
    told = ladder(MAIL, [seen(Step.RELAYED, 1, BRUNO), seen(Step.DELIVERED, 2, CARLA)])
    assert rungs(told)[2] == ("delivered", State.SEEN)
    assert fates(told) == {BRUNO: "relayed", CARLA: "delivered"}


def test_an_automatic_answer_is_listed_and_is_no_rung():
    auto = seen(Step.AUTO_ANSWERED, 3, BRUNO)
    told = ladder(MAIL, [auto])
    assert told.automatic == (auto,)
    assert rungs(told) == rungs(ladder(MAIL, []))
    assert fates(told)[BRUNO] == "accepted"


def test_an_answer_is_known_by_the_mail_alone():
    told = ladder(replace(MAIL, answered_at=SENT_AT), [])
    assert told.rungs[-1] == Rung("answered", State.SEEN, SENT_AT, Source.REPLY)


def test_a_failure_tells_its_reason_and_the_words():
    told = ladder(MAIL, [seen(Step.FAILED, 3, CARLA.lower(), "5.1.1")])
    fate = told.fates[1]
    assert (fate.name, fate.status, fate.reason) == ("Carla", "5.1.1", "unknown_user")
    assert (fate.state, fate.said) == (State.FAILED, "said")


def test_a_recipient_whom_only_a_report_names_is_told():
    told = ladder(MAIL, [seen(Step.FAILED, 3, "lista@outro.example")])
    assert fates(told)["lista@outro.example"] == "failed"
    assert len(told.fates) == 3


def test_what_names_nobody_is_about_the_only_recipient():
    alone = replace(MAIL, recipients=(Recipient(BRUNO), Recipient(BRUNO)))
    assert fates(ladder(alone, [seen(Step.FAILED, 3)])) == {BRUNO: "failed"}
    assert fates(ladder(MAIL, [seen(Step.FAILED, 3)]))[BRUNO] == "accepted"
    assert "failed" in [one.words for one in ladder(MAIL, [seen(Step.FAILED, 3)]).rungs]


def test_what_the_sending_server_said_of_a_recipient_stands():
    refused = Recipient(BRUNO, verdict=Verdict.REFUSED, code=550, said="550 no")
    told = ladder(replace(MAIL, recipients=(refused,)), [])
    assert (told.fates[0].words, told.fates[0].state) == ("refused", State.FAILED)
    assert told.fates[0].said == "550 no"


@pytest.mark.parametrize(
    ("status", "reason"),
    [("5.1.1", "unknown_user"), ("4.2.2", "full"), ("5.9.9", ""), ("", "")],
)
def test_reasons_of_statuses(status: str, reason: str):
    assert reason_of(status) == reason


@given(
    st.lists(
        st.builds(
            seen,
            st.sampled_from(Step),
            st.integers(0, 9),
            st.sampled_from(("", BRUNO, CARLA, "x@y.example")),
            st.sampled_from(("", "5.1.1", "4.4.7")),
        ),
        max_size=8,
    ),
    st.sampled_from(Stage),
    st.sampled_from(CopyStage),
)
@settings(deadline=None)
def test_there_is_a_text_for_all_that_can_be_told(
    evidence: list[Evidence], stage: Stage, copy: CopyStage
):
    told = ladder(replace(MAIL, stage=stage, copy=copy), evidence)
    keys = [f"rung.{one.words}.{one.state}" for one in told.rungs]
    keys += [f"rung.{one.words}.name" for one in told.rungs]
    keys += [f"state.{one.state}" for one in told.rungs]
    keys += [f"fate.{one.words}" for one in told.fates]
    keys += [f"reason.{one.reason}" for one in told.fates if one.reason]
    keys += [f"source.{source}" for source in Source]
    for language in LANGUAGES:
        assert [key for key in keys if not Texts(language).has(f"ladder.{key}")] == []
