"""The report of a trial: to look at, to copy for support, to read by machines.

It holds no password and no error with its traceback, so it may be kept and shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.clock import now as this_moment
from core.connect.attempts import Attempts
from core.connect.certificates import Certificate
from core.connect.form import Form, servers_cleaned
from core.connect.steps import OnStep, Progress, Step
from core.connect.trial import Card, Trial, Verdict, both
from core.i18n import Texts
from core.model import Problem
from core.network import Policy
from core.runtime import Runtime
from core.store.refused_logins import Who
from core.text import harmless
from core.words import Explanation, explain_code

MARKS = {Progress.OK: "ok", Progress.FAILED: "--", Progress.SKIPPED: ".."}


@dataclass(frozen=True, slots=True)
class Side:
    """What came of one side: imap or smtp. `problem` is why it failed."""

    name: str
    verdict: Verdict
    card: Card
    steps: tuple[Step, ...]
    problem: Problem | None = None

    def explanation(self, t: Texts) -> Explanation | None:
        """Give the cause of a failure and what to do next."""
        if self.problem is None:
            return None
        return explain_code(t, self.problem.code, self.problem.facts, now=True)


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found out about the servers of an address. `when` is in UTC."""

    address: str
    when: datetime
    imap: Side
    smtp: Side

    @property
    def sides(self) -> tuple[Side, Side]:
        """Give both sides, in the order of the steps."""
        return self.imap, self.smtp

    @property
    def ok(self) -> bool:
        """Tell whether nothing failed."""
        return all(side.problem is None for side in self.sides)

    def as_text(self, t: Texts) -> str:
        """Write all of it as plain text, to copy for support."""
        when = f"{t.second(self.when)} ({t.zone.key})"
        lines = [t("report.head", address=self.address, when=when)]
        for side in self.sides:
            lines += ["", *_side(t, side), *_card(t, side.card, self.when)]
        return "\n".join(harmless(line) for line in lines)

    def as_dict(self) -> dict[str, Any]:
        """Give all of it as plain values."""
        return {
            "address": self.address,
            "when": self.when.isoformat(),
            "ok": self.ok,
            "sides": {side.name: _plain(side, self.when) for side in self.sides},
        }


def preflight(
    where: Runtime | Policy,
    form: Form,
    on_step: OnStep = lambda _: None,
    actor: str = "",
) -> Report:
    """Try both servers of a form and tell everything; nothing is stored.

    Without a password nobody logs in. With a Runtime, refused passwords count.

    Raises:
        BadInput, TooManyAttempts: before anything is sent; no failure of a server.

    """
    if isinstance(where, Policy):
        form = servers_cleaned(form, where)
        return report_of(form, this_moment(), *both(form, where, on_step))
    policy = where.policy()
    form = servers_cleaned(form, policy)
    who = Who(form.owner, form.login)
    attempts = Attempts(where, who, actor or form.owner)
    if form.password:
        attempts.check(form.imap.host, form.smtp.host)
    sides = both(form, policy, on_step, attempts.login)
    return report_of(form, where.clock(), *sides)


def report_of(form: Form, when: datetime, imap: Trial, smtp: Trial) -> Report:
    """Write the report of two trials; errors become what people need of them."""
    return Report(form.address, when, _side_of(imap), _side_of(smtp))


def _side_of(trial: Trial) -> Side:
    # Without the errors: their tracebacks hold frames that have seen the password.
    steps = tuple(replace(step, error=None) for step in trial.walk.steps)
    problem = None
    if (error := trial.error) is not None:
        problem = Problem(error.code, {k: harmless(v) for k, v in error.facts.items()})
    return Side(trial.walk.side, trial.verdict, trial.card, steps, problem)


def _side(t: Texts, side: Side) -> Iterator[str]:
    """Write the verdict and the steps of a side; the failed one with its cause."""
    server = side.card.server
    yield t(
        "report.side",
        side=side.name.upper(),
        verdict=t(f"verdict.{side.verdict}"),
        host=server.host,
        port=str(server.port),
        security=t(f"security.{server.security}"),
    )
    for step in side.steps:
        yield _step(t, step)
        if step.says:
            yield "      " + t("report.says", words=step.says)
        if step.progress is Progress.FAILED and (why := side.explanation(t)):
            yield "      " + t("report.cause", words=why.what)
            yield "      " + t("report.action", words=why.do)


def _step(t: Texts, step: Step) -> str:
    known = ", ".join(value for value in step.facts.values() if value)
    if step.name == "list" and "folders" in step.facts:
        known = t("report.folders", n=int(step.facts["folders"]))
    took = "" if step.progress is Progress.SKIPPED else t.duration(step.seconds)
    words = t("report.not_tried") if step.progress is Progress.SKIPPED else known
    parts = [t(f"step.{step.name}"), took, words]
    return f"  {MARKS[step.progress]}  " + "  ".join(part for part in parts if part)


def _card(t: Texts, card: Card, now: datetime) -> Iterator[str]:
    """Write what a server showed of itself, as far as it did."""
    known = {
        "addresses": ", ".join(card.addresses),
        "tls": ", ".join(filter(None, (card.tls, card.cipher))),
        "certificate": _certificate(t, card.certificate, now),
        "capabilities": " · ".join(card.capabilities),
        "name": card.name,
        "profile": card.profile,
    }
    for name, text in known.items():
        if text:
            yield f"  {t('card.' + name)}: {text}"


def _certificate(t: Texts, found: Certificate | None, now: datetime) -> str:
    if found is None:
        return ""
    days = found.days_left(now)
    return t(
        "card.certificate_of",
        subject=found.subject,
        names=", ".join(found.names) or "-",
        issuer=found.issuer,
        day=t.day(found.expires_at),
        left=t("card.days_left", n=days) if days >= 0 else t("card.expired"),
    )


def _plain(side: Side, now: datetime) -> dict[str, Any]:
    card, problem = side.card, side.problem
    return {
        "verdict": str(side.verdict),
        "problem": {"code": problem.code, **problem.facts} if problem else None,
        "steps": [
            {
                "step": step.name,
                "progress": str(step.progress),
                "seconds": round(step.seconds, 3),
                "says": step.says,
                **step.facts,
            }
            for step in side.steps
        ],
        "host": card.server.host,
        "port": card.server.port,
        "security": str(card.server.security),
        "addresses": list(card.addresses),
        "tls": card.tls,
        "cipher": card.cipher,
        "certificate": _plain_certificate(card.certificate, now),
        "capabilities": list(card.capabilities),
        "name": card.name,
        "profile": card.profile,
    }


def _plain_certificate(found: Certificate | None, now: datetime) -> Any:
    if found is None:
        return None
    return {
        "subject": found.subject,
        "names": list(found.names),
        "issuer": found.issuer,
        "begins_at": found.begins_at.isoformat(),
        "expires_at": found.expires_at.isoformat(),
        "days_left": found.days_left(now),
    }
