"""Reports of what became of a message: bounces and receipts. Pure; never raises.

What is not certain is no report: a failure that is shown and did not happen is worse
than one that is not shown. Cost is bounded: see the limits in `parts`, `groups` and
`prose`.
"""

from __future__ import annotations

import re

from core.mime.fields import Field, every, first
from core.outgoing import Source, Step
from core.reports import addresses, delivery, disposition, plain, prose, returned
from core.reports.parts import Whole, read as split
from core.reports.report import OUTCOMES_MOST, Outcome, Report

__all__ = ("Outcome", "Report", "read")

# Who reports for servers: RFC 5321 §4.5.5 asks for an empty return path, which is not
# always kept; these names are.
MACHINES = re.compile(
    r"(?:mailer|mail|mail[-_.]?delivery|delivery)[-_.]?(?:daemon|subsystem|system)(?!\w)"
    r"|double-bounce|postmaster|mdaemon|microsoftexchange"
)
# What answers by itself for a person, or writes to many, reports on nothing.
NOT_REPORTS = ("x-autoreply", "x-autorespond", "list-id", "list-unsubscribe")
FROM_CHARS = 1_000
STATUS_FIELDS = re.compile(
    r"^(?:reporting-mta|original-recipient|final-recipient)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)


def read(raw: bytes) -> Report | None:
    """Read a report; None for any other message, automatic answers among them."""
    whole = split(raw)
    machine = _is_machine(whole.header)
    return (
        _displayed(whole)
        or _delivery(whole, machine=machine)
        or _bounce(whole, machine)
    )


def _displayed(whole: Whole) -> Report | None:
    for part in whole.of_kind(*disposition.KINDS):
        if not part.reported:
            continue
        told = disposition.read(part.data)
        if told.outcomes is not None:
            return _report(
                Source.MDN, whole, told.outcomes, named=told.original_message_id
            )
    return None


def _delivery(whole: Whole, *, machine: bool) -> Report | None:
    """Read delivery statuses; one that stands elsewhere only from a server."""
    found = [
        delivery.read(part.data)
        for part in whole.of_kind(*delivery.KINDS)
        if part.reported or machine
    ]
    outcomes = delivery.each_once([one for told in found for one in told.outcomes])
    envelope_id = next((told.envelope_id for told in found if told.envelope_id), "")
    return _report(Source.DSN, whole, outcomes, envelope_id) if outcomes else None


def _bounce(whole: Whole, machine: bool) -> Report | None:
    """Read a bounce of another form: from a server, and about a message it names."""
    failing = every(whole.header, "x-failed-recipients")
    if not (machine or failing) or whole.of_kind(*disposition.KINDS):
        return None
    if any(every(whole.header, name) for name in NOT_REPORTS):
        return None
    texts = [
        plain.of_html(part.text) if part.kind == "text/html" else part.text
        for part in whole.texts[:2]
    ]
    for outcomes in (*map(_told, texts), _named(failing, texts)):
        if outcomes:
            found = _report(Source.DSN, whole, outcomes)
            return found if found.original_message_id else None
    return None


def _told(text: str) -> tuple[Outcome, ...]:
    """Read a text: the fields of a status that lost its part, or words."""
    text = "\n".join(plain.lines(text))
    if start := STATUS_FIELDS.search(text):
        told = delivery.read(text[start.start() :].encode("utf-8", "replace"))
        if told.outcomes:
            return told.outcomes
    return prose.read(text)


def _named(failing: list[str], texts: list[str]) -> tuple[Outcome, ...]:
    """Read X-Failed-Recipients, which Exim and Gmail write, and only of failures."""
    named = [addresses.address(one) for value in failing for one in value.split(",")]
    words = "\n".join(texts[:1]) if len(named) == 1 else ""
    told = [
        prose.outcome(Step.FAILED, one, words) for one in named[:OUTCOMES_MOST] if one
    ]
    return delivery.each_once(told)


def _report(
    kind: Source,
    whole: Whole,
    outcomes: tuple[Outcome, ...],
    envelope_id: str = "",
    *,
    named: str = "",
) -> Report:
    header = returned.read(whole)
    identity = (
        addresses.own_identity(header)
        or named
        or addresses.answered(whole.header)
        or addresses.identity(envelope_id)
    )
    kept = addresses.headers(header)
    return Report(kind, identity, envelope_id, kept, outcomes)


def _is_machine(header: list[Field]) -> bool:
    """Tell whether a mail server writes, as far as a header can tell."""
    sender = first(header, "from")[:FROM_CHARS]
    found = addresses.WHOLE.findall(sender)
    local = found[-1].lower() if found else sender.lower()
    if MACHINES.match(local.strip("<>\"' ")):
        return True
    empty = first(header, "return-path").replace(" ", "") == "<>"
    # RFC 3834 §5: an automatic answer, whose return path is empty, too.
    return empty and not first(header, "auto-submitted").startswith("auto-replied")
