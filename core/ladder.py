"""What became of a mail, rung by rung, from what was seen of it. Pure.

METRICS, "delivery ladder of a sent message": every rung is evidence. What was not seen
says nothing of whether it happened, and is never shown as if it said that it did not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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

# As mails are counted, each once a step, and of which step each is a share.
STEPS = (
    *("planned", "sent", "accepted", "permanent", "temporary"),
    *("displayed", "answered"),
)
OF = {"sent": "planned"} | dict.fromkeys(STEPS[2:], "sent")


class State(StrEnum):
    """Whether a rung was seen."""

    SEEN = "seen"
    NOT_SEEN = "not_seen"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung: `words` is the part of its texts' keys, `ladder.rung.<words>.…`.

    `at` and `source` are None where nothing was seen, and where it is not known.
    """

    words: str
    state: State
    at: datetime | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of it for one recipient: `ladder.fate.<words>`.

    `reason`: of a failure or a delay, `ladder.reason.<reason>`; empty where the status
    tells none. `said`: the words of the server, harmless.
    """

    address: str
    words: str
    state: State
    at: datetime | None = None
    source: Source | None = None
    status: str = ""
    reason: str = ""
    said: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Ladder:
    """A mail's rungs from the first to the last, and what became of it for whom.

    `automatic`: automatic answers, which are no answers, in the order of time.
    """

    rungs: tuple[Rung, ...]
    fates: tuple[Fate, ...]
    automatic: tuple[Evidence, ...] = ()


# The further a recipient got, the later here. A failure that was reported is told
# instead of all before it, but not instead of what only a recipient can do.
ORDER = (
    *(Step.ACCEPTED, Step.RELAYED, Step.DELIVERED, Step.DELAYED, Step.FAILED),
    *(Step.DISPLAYED, Step.ANSWERED),
)
ARRIVED = frozenset((Step.RELAYED, Step.DELIVERED, Step.DISPLAYED, Step.ANSWERED))
TROUBLES = frozenset((Step.FAILED, Step.DELAYED))
# RFC 3463 §3: subject and detail, and the reason that most servers mean by them.
REASONS = {
    "1.0": "unknown_user",
    "1.1": "unknown_user",
    "1.10": "unknown_user",
    "1.6": "unknown_user",
    "1.2": "unknown_domain",
    "4.4": "unknown_domain",
    "2.1": "switched_off",
    "2.2": "full",
    "2.3": "too_large",
    "3.4": "too_large",
    "4.1": "no_answer",
    "4.2": "no_answer",
    "4.7": "no_answer",
    "4.6": "loop",
    "7.0": "refused",
    "7.1": "refused",
    "7.26": "refused",
}
FATES = {
    Verdict.ACCEPTED: State.SEEN,
    Verdict.REFUSED: State.FAILED,
    Verdict.DEFERRED: State.NOT_SEEN,
    Verdict.WAITING: State.NOT_SEEN,
}
STAGES = {Stage.UNCERTAIN: "uncertain", Stage.CANCELLED: "cancelled"}


def ladder(mail: Mail, evidence: Sequence[Evidence]) -> Ladder:
    """Put together what is known of a mail."""
    seen = sorted(evidence, key=lambda one: one.at)
    fates = tuple(_fates(mail, seen))
    rungs = (
        _accepted(mail, seen),
        _in_sent(mail, seen),
        *_arrived(seen),
        _trouble(fates, seen),
        _displayed(seen),
        _answered(mail, seen),
    )
    automatic = tuple(one for one in seen if one.step is Step.AUTO_ANSWERED)
    return Ladder(rungs, fates, automatic)


def reason_of(status: str) -> str:
    """Give the reason that a status of RFC 3463 tells, or an empty text."""
    return REASONS.get(status.partition(".")[2], "")


def _first(seen: Sequence[Evidence], *steps: Step) -> Evidence | None:
    return next((one for one in seen if one.step in steps), None)


def _accepted(mail: Mail, seen: Sequence[Evidence]) -> Rung:
    found = _first(seen, Step.ACCEPTED)
    if found or mail.stage is Stage.SENT:
        at = found.at if found else mail.sent_at
        return Rung("accepted", State.SEEN, at, found.source if found else Source.SMTP)
    if mail.stage is Stage.FAILED:
        return Rung("accepted", State.FAILED, mail.tried_at, Source.SMTP)
    return Rung(STAGES.get(mail.stage, "accepted"), State.NOT_SEEN)


def _in_sent(mail: Mail, seen: Sequence[Evidence]) -> Rung:
    if found := _first(seen, Step.IN_SENT):
        return Rung("in_sent", State.SEEN, found.at, found.source)
    if mail.copy in {CopyStage.STORED, CopyStage.FOUND}:
        return Rung("in_sent", State.SEEN, None, Source.SENT_FOLDER)
    failed = mail.copy is CopyStage.FAILED
    return Rung("in_sent", State.FAILED if failed else State.NOT_SEEN)


def _arrived(seen: Sequence[Evidence]) -> Iterator[Rung]:
    """Show this rung only where it was seen: hardly any server reports it."""
    for step in (Step.DELIVERED, Step.RELAYED):
        if found := _first(seen, step):
            yield Rung(str(step), State.SEEN, found.at, found.source)
            return


def _trouble(fates: Sequence[Fate], seen: Sequence[Evidence]) -> Rung:
    reports = [one for one in seen if one.step in TROUBLES and one.source is Source.DSN]
    failures = [one for one in reports if one.step is Step.FAILED]
    if failures:
        lost = {one.recipient.lower() for one in failures}
        some = any(fate.address.lower() not in lost for fate in fates)
        words = "failed_for_some" if some and "" not in lost else "failed"
        return Rung(words, State.FAILED, failures[-1].at, Source.DSN)
    if reports and any(fate.words == Step.DELAYED for fate in fates):
        return Rung("delayed", State.SEEN, reports[-1].at, Source.DSN)
    return Rung("no_failure", State.NOT_SEEN)


def _displayed(seen: Sequence[Evidence]) -> Rung:
    if found := _first(seen, Step.DISPLAYED):
        return Rung("displayed", State.SEEN, found.at, found.source)
    return Rung("displayed", State.NOT_SEEN)


def _answered(mail: Mail, seen: Sequence[Evidence]) -> Rung:
    if found := _first(seen, Step.ANSWERED):
        return Rung("answered", State.SEEN, found.at, found.source)
    if mail.answered_at:
        return Rung("answered", State.SEEN, mail.answered_at, Source.REPLY)
    return Rung("answered", State.NOT_SEEN)


def _fates(mail: Mail, seen: Sequence[Evidence]) -> Iterator[Fate]:
    """Tell it of each recipient, then of those whom only reports name."""
    known = {one.address.lower(): one for one in reversed(mail.recipients)}
    alone = len(known) == 1
    for one in reversed(known.values()):
        yield _fate(one, [e for e in seen if _is_about(e, one, alone=alone)])
    told = (e.recipient for e in seen if e.step in TROUBLES)
    for address in dict.fromkeys(a for a in told if a and a.lower() not in known):
        other = Recipient(address, verdict=Verdict.ACCEPTED)
        yield _fate(other, [e for e in seen if _is_about(e, other, alone=False)])


def _is_about(one: Evidence, recipient: Recipient, *, alone: bool) -> bool:
    if not one.recipient:
        return alone
    return one.recipient.lower() == recipient.address.lower()


def _fate(recipient: Recipient, seen: Sequence[Evidence]) -> Fate:
    told = _strongest(seen)
    if told is None:
        return Fate(
            recipient.address,
            str(recipient.verdict),
            FATES[recipient.verdict],
            said=recipient.said,
            name=recipient.name,
        )
    return Fate(
        recipient.address,
        str(told.step),
        State.FAILED if told.step is Step.FAILED else State.SEEN,
        told.at,
        told.source,
        told.status,
        reason_of(told.status) if told.step in TROUBLES else "",
        told.diagnostic,
        recipient.name,
    )


def _strongest(seen: Sequence[Evidence]) -> Evidence | None:
    """Choose what is told of a recipient; a delay only while nothing came after it."""
    best: Evidence | None = None
    for one in seen:
        if one.step not in ORDER:
            continue
        late = best is not None and best.step is Step.DELAYED and one.step in ARRIVED
        if best is None or late or ORDER.index(one.step) >= ORDER.index(best.step):
            best = one
    return best
