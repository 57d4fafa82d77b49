"""What follows from a try to send a mail: its stage, its next try. Pure.

Back-off has jitter, from 1 minute doubling to 1 hour, and ends a day after the mail was
to be sent. A refused login is not tried again until somebody changes it: providers lock
accounts for that (THREATS T20).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.errors import (
    MailError,
    Refused,
    Retry,
    SubmissionDeferred,
    SubmissionRefused,
    SubmissionUncertain,
)
from core.model import Problem
from core.outbox.turn import WINDOW
from core.outgoing import Mail, Recipient, Stage, Verdict

BASE_S, MOST_S = 60.0, 3600.0
PERSON = timedelta(minutes=15)  # for somebody to mend what only a person can
SECOND_LOOK = timedelta(minutes=10)  # at a refusal that may be a hiccup (fault 15)
CODE = re.compile(r"([45]\d\d)(?:[ -]|\Z)")
FINAL = {Verdict.ACCEPTED, Verdict.REFUSED}


@dataclass(frozen=True, slots=True)
class Try:
    """How a try ended: what the server said of recipients, and its last words.

    `error`: what ended it; None: the mail was taken for at least one of them. `host`:
    of the server.
    """

    host: str
    told: tuple[Recipient, ...] = ()
    said: str = ""
    error: MailError | None = None

    @property
    def is_answered(self) -> bool:
        """Tell whether the server said what it has done with the mail."""
        return self.error is None or isinstance(
            self.error, SubmissionDeferred | SubmissionRefused
        )


@dataclass(frozen=True, slots=True)
class Result:
    """What a mail becomes. `told`: the recipients of whom something is known now."""

    stage: Stage
    next_at: datetime
    told: tuple[Recipient, ...] = ()
    said: str = ""
    problem: Problem | None = None
    accepted: tuple[Recipient, ...] = field(default=())


def result(
    mail: Mail, tried: Try, now: datetime, jitter: Callable[[], float]
) -> Result:
    """Tell what follows from a try; `jitter` gives a number in [0, 1)."""
    told = _known(mail, tried)
    if isinstance(tried.error, SubmissionUncertain):
        return Result(Stage.UNCERTAIN, now, told, tried.said, _problem(tried, mail))
    if isinstance(tried.error, SubmissionRefused):
        told = _all_refused(mail, told, tried)
    at = _next_at(mail, tried, now, jitter)
    if at is None:
        told = _all_refused(mail, told, tried)
    after = _with(mail, told)
    accepted = tuple(one for one in told if one.verdict is Verdict.ACCEPTED)
    if after.envelope and at is not None:
        problem = _problem(tried, after)
        return Result(Stage.QUEUED, at, told, tried.said, problem, accepted)
    if accepted or mail.sent_at:
        return Result(Stage.SENT, now, told, tried.said, None, accepted)
    return Result(Stage.FAILED, now, told, tried.said, _problem(tried, after))


def _known(mail: Mail, tried: Try) -> tuple[Recipient, ...]:
    """Give what was said of recipients; nobody is accepted by a try that failed."""
    certain = FINAL | {Verdict.DEFERRED} if tried.error is None else {
        Verdict.REFUSED, Verdict.DEFERRED,
    }  # fmt: skip
    asked = set(mail.envelope)
    return tuple(
        one for one in tried.told if one.verdict in certain and one.address in asked
    )


def _all_refused(
    mail: Mail, told: Iterable[Recipient], tried: Try
) -> tuple[Recipient, ...]:
    """Refuse the recipients that are left, with the last words that were said."""
    known = {one.address: one for one in told}
    said = _said(tried)
    code = int(found[1]) if (found := CODE.match(said)) else 0
    for address in mail.envelope:
        one = known.get(address, Recipient(address))
        if one.verdict is Verdict.WAITING:
            one = replace(one, code=code, said=said)
        if one.verdict not in FINAL:
            known[address] = replace(one, verdict=Verdict.REFUSED)
    return tuple(known.values())


def _next_at(
    mail: Mail, tried: Try, now: datetime, jitter: Callable[[], float]
) -> datetime | None:
    """Give when a mail is tried again, if it is; None: its time has passed."""
    end = mail.not_before + WINDOW
    if now >= end:
        return None
    return min(end, now + _wait(mail, tried.error, end - now, jitter))


def _wait(
    mail: Mail,
    error: MailError | None,
    left: timedelta,
    jitter: Callable[[], float],
) -> timedelta:
    if isinstance(error, Refused):
        is_hiccup = error.facts.get("certain") == "no" and mail.tries <= 1
        return SECOND_LOOK if is_hiccup else left
    if error is not None and error.retry is Retry.NEVER:
        return PERSON
    grown_s = min(MOST_S, BASE_S * 2.0 ** min(max(mail.tries, 1) - 1, 20))
    wait_s = max(BASE_S, grown_s * (0.5 + 0.5 * jitter()))
    asked_s = float(error.facts.get("wait_s", 0)) if error else 0.0
    return timedelta(seconds=max(wait_s, asked_s))


def _with(mail: Mail, told: Iterable[Recipient]) -> Mail:
    known = {one.address: one.verdict for one in told}
    return replace(
        mail,
        recipients=tuple(
            replace(one, verdict=known.get(one.address, one.verdict))
            for one in mail.recipients
        ),
    )


def _problem(tried: Try, after: Mail) -> Problem | None:
    """Say what is wrong: what ended the try, or what was said of who is left."""
    if tried.error is not None:
        return Problem(tried.error.code, tried.error.facts)
    left = set(after.envelope)
    said = next((one.said for one in tried.told if one.address in left), "")
    facts = {"host": tried.host, "server_says": said}
    return Problem(SubmissionDeferred.code, facts)


def _said(tried: Try) -> str:
    error = tried.error
    return tried.said or (error.facts.get("server_says", error.detail) if error else "")
