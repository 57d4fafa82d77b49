"""Read a delivery status notification (RFC 3464, RFC 6533). Pure; never raises."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from core.outgoing import Step
from core.reports import addresses, groups, status
from core.reports.groups import Group
from core.reports.report import OUTCOMES_MOST, Outcome

KINDS = ("message/delivery-status", "message/global-delivery-status")
WORD = re.compile(r"[\s\"']*([A-Za-z-]{1,30})")
# RFC 3464 §2.3.3. "expanded" is not the end: a list's members may yet fail.
# OpenSMTPD says "error".
ACTIONS = {
    "failed": Step.FAILED,
    "failure": Step.FAILED,
    "error": Step.FAILED,
    "delayed": Step.DELAYED,
    "delivered": Step.DELIVERED,
    "relayed": Step.RELAYED,
    "expanded": Step.RELAYED,
}
ARRIVED = frozenset((Step.DELIVERED, Step.RELAYED))
DATE_CHARS = 100


class Told(NamedTuple):
    """What a delivery status tells."""

    envelope_id: str
    outcomes: tuple[Outcome, ...]


def read(data: bytes) -> Told:
    """Read the fields of a delivery status; what is not certain is left out."""
    found = groups.read(data)
    named = (g["original-envelope-id"] for g in found if "original-envelope-id" in g)
    told = [one for group in found if (one := _outcome(group)) is not None]
    return Told(addresses.envelope_id(next(named, "")), each_once(told))


def each_once(told: list[Outcome]) -> tuple[Outcome, ...]:
    """Drop what is told twice of a recipient; up to `OUTCOMES_MOST`."""
    by_recipient = {(one.recipient, one.step): one for one in reversed(told)}
    return tuple(reversed(by_recipient.values()))[:OUTCOMES_MOST]


def failed(one: Outcome) -> Outcome:
    """Say whether a failure is permanent: given up after 4.x.x, it is not."""
    permanent = one.step is Step.FAILED and not one.status.startswith("4")
    return replace(one, permanent=permanent)


def _outcome(group: Group) -> Outcome | None:
    recipient = _recipient(group)
    said = addresses.diagnostic(group.get("diagnostic-code", ""))
    code = status.stated(group.get("status", ""), said)
    step = _step(group, code)
    if not recipient or step is None:
        return None
    until = _moment(group.get("will-retry-until", ""))
    return failed(Outcome(step, recipient, code, said, retry_until=until))


def _recipient(group: Group) -> str:
    """Give the address as the sender wrote it (RFC 3464 §2.3.1), else the last one."""
    original = addresses.address(group.get("original-recipient", ""))
    return original or addresses.address(group.get("final-recipient", ""))


def _step(group: Group, code: str) -> Step | None:
    """Give the step; None for an action that is unknown, or that the status denies."""
    if "action" in group:
        word = WORD.match(group["action"])
        step = ACTIONS.get(word[1].lower()) if word else None
    elif "will-retry-until" in group:
        step = Step.DELAYED
    else:
        step = Step.FAILED if code.startswith("5") else None
    if not code or step is None:
        return step
    return step if (step in ARRIVED) == code.startswith("2") else None


def _moment(value: str) -> datetime | None:
    if not value:
        return None
    try:
        at = parsedate_to_datetime(value[:DATE_CHARS])
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
