"""Find everything that stands in the way of a mail, at once. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from core.errors import BadInput, MailError, RecipientBlocked, VariablesMissing
from core.letters import missing, people, render
from core.outbox.draft import Draft
from core.outbox.known import Known, Values, values_of
from core.outgoing import Field, Recipient
from core.text import fold, harmless

AHEAD_MOST = timedelta(days=365)
DAYS_MOST = 365  # until a follow-up
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Written:
    """A draft with its variables filled in. `follow_up`: the text of a second mail."""

    sender: str
    recipients: tuple[Recipient, ...]
    subject: str
    text: str
    follow_up: str
    at: datetime


def recipients(draft: Draft, problems: list[MailError]) -> tuple[Recipient, ...]:
    """Read whom a draft is for, each address once; what cannot be read is told."""
    found: list[Recipient] = []
    for typed, field in (
        (draft.to, Field.TO), (draft.cc, Field.CC), (draft.bcc, Field.BCC),
    ):  # fmt: skip
        found += _tried(problems, partial(people, typed, field)) or ()
    by_address = {one.address.casefold(): one for one in reversed(found)}
    return tuple(one for one in found if by_address[one.address.casefold()] is one)


def judge(
    draft: Draft,
    known: Known,
    some: tuple[Recipient, ...],
    now: datetime,
    problems: list[MailError],
) -> Written:
    """Check all but the recipients' form, and fill in the variables.

    What is wrong is added to `problems`; only without any is the result of use.
    """
    problems += _with_people(known, some, unread=bool(problems))
    problems += _with_activity(known)
    problems += _with_time(draft, now)
    sender = _tried(problems, lambda: _sender(draft, known)) or known.own[0]
    values = values_of(known, sender, some)
    subject, text, follow_up = _filled_in(draft, values, problems)
    if not subject.strip():
        problems.append(BadInput("subject", "empty"))
    at = max(draft.at, now) if draft.at and draft.at.tzinfo else now
    return Written(sender, some, subject, text, follow_up, at)


def _tried(problems: list[MailError], do: Callable[[], T]) -> T | None:
    try:
        return do()
    except MailError as error:
        problems.append(error)
        return None


def _with_people(
    known: Known, some: tuple[Recipient, ...], *, unread: bool
) -> Iterator[MailError]:
    if not some and not unread:
        yield BadInput("to", "no_recipient")
    for address, found in (known.blocked or {}).items():
        yield RecipientBlocked(recipient=address, reason=found.reason)


def _with_activity(known: Known) -> Iterator[MailError]:
    row = known.activity
    if row is None:
        return
    if fold(row.owner) != fold(known.integration.owner):
        yield BadInput("activity", "activity_of_another", owner=harmless(row.owner))
    elif row.done_at is not None:
        yield BadInput("activity", "activity_done")
    elif known.under_way:
        yield BadInput("activity", "activity_under_way")


def _with_time(draft: Draft, now: datetime) -> Iterator[MailError]:
    if draft.at is not None and draft.at.tzinfo is None:
        yield BadInput("at", "no_zone")
    elif draft.at is not None and draft.at > now + AHEAD_MOST:
        yield BadInput("at", "too_far_ahead")
    if draft.follow_up is None:
        return
    if not 1 <= draft.follow_up.days <= DAYS_MOST:
        yield BadInput("follow_up_days", "days", most=DAYS_MOST)
    if not draft.follow_up.text.strip():
        yield BadInput("follow_up", "empty")


def _sender(draft: Draft, known: Known) -> str:
    """Give the address of From as it is ours; none was chosen: the mailbox's."""
    wanted = draft.sender.strip().casefold()
    for own in known.own:
        if not wanted or own.casefold() == wanted:
            return own
    raise BadInput("sender", "not_own_address")


def _filled_in(
    draft: Draft, values: Values, problems: list[MailError]
) -> tuple[str, str, str]:
    """Fill in subject, text and follow-up; missing variables are named together."""
    follow_up = draft.follow_up.text if draft.follow_up else ""
    filled: list[str] = []
    lacking: dict[str, None] = {}
    for text, field in (
        (draft.subject, "subject"), (draft.text, "text"), (follow_up, "follow_up"),
    ):  # fmt: skip
        names = _tried(problems, partial(missing, text, values, field=field))
        lacking |= dict.fromkeys(names or ())
        is_usable = names is not None and not names
        is_markdown = field != "subject"
        filled.append(
            render(text, values, markdown=is_markdown, field=field)
            if is_usable
            else text
        )
    if lacking:
        problems.append(VariablesMissing(names=", ".join(lacking)))
    return filled[0], filled[1], filled[2]
