"""Check, compose and queue what a person has written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.errors import MailError, MailTooLarge
from core.letters import compose
from core.letters.letter import Composed, Letter
from core.outbox import checking
from core.outbox.draft import Draft
from core.outbox.known import Known, look_up
from core.outbox.letters import first_letter, second_letter
from core.outgoing import Recipient
from core.runtime import Runtime
from core.store import locks, outbox, runs
from core.store.engine import reading, writing
from core.text import harmless

SIZE_MOST = 50 << 20  # of any server's SIZE; theirs is asked for when it is sent


@dataclass(frozen=True, slots=True)
class _Ready:
    """Letters that can be queued: the first, and its follow-up if there is one."""

    known: Known
    letters: tuple[Letter, ...]
    composed: tuple[Composed, ...]


def check(runtime: Runtime, draft: Draft) -> list[MailError]:
    """Find everything that stands in the way of sending a draft, at once."""
    problems: list[MailError] = []
    try:
        _made(runtime, draft, problems)
    except MailError as error:
        problems.append(error)
    return problems


def composed(runtime: Runtime, draft: Draft) -> Composed:
    """Give a draft as it would go over the wire; its Message-ID will be another.

    Raises:
        MailError: the first of what stands in the way.

    """
    return _ready(runtime, draft).composed[0]


def send(runtime: Runtime, draft: Draft, actor: str) -> int:
    """Check a draft, compose it and queue it, and its follow-up; give the mail's id.

    Raises:
        BadInput, RecipientBlocked, MailTooLarge, VariablesMissing, NoIntegration, …:
            the first of what stands in the way.

    """
    ready, now = _ready(runtime, draft), runtime.clock()
    first, *more = zip(ready.letters, ready.composed, strict=True)
    with writing(runtime.engine) as conn:
        one = draft.integration_id
        locks.hold(conn, [one])
        _check_again(conn, draft, first[0].recipients, now)
        row = _row(draft, ready.known, actor, now)
        mail_id = _add(conn, row, *first)
        facts = {"id": str(mail_id), "recipients": str(len(first[0].recipients))}
        if draft.activity_id is not None:
            facts["activity"] = str(draft.activity_id)
        for later in more:
            follow_up = _add(conn, row | {"follows_id": mail_id}, *later)
            facts["follow_up"] = str(follow_up)
        runs.record(conn, "send_mail", actor, now, one, **facts)
    return mail_id


def _ready(runtime: Runtime, draft: Draft) -> _Ready:
    problems: list[MailError] = []
    ready = _made(runtime, draft, problems)
    if ready is None:
        raise problems[0]
    return ready


def _made(runtime: Runtime, draft: Draft, problems: list[MailError]) -> _Ready | None:
    """Compose a draft; None: it cannot be, and why is added to `problems`."""
    now = runtime.clock()
    some = checking.recipients(draft, problems)
    with reading(runtime.engine) as conn:
        known = look_up(conn, draft, some)
    written = checking.judge(draft, known, some, now, problems)
    if problems:
        return None
    letters = [first_letter(draft, known, written)]
    if draft.follow_up is not None:
        letters.append(second_letter(draft, known, written, letters[0]))
    try:
        made = tuple(compose(letter) for letter in letters)
        _check_size(made[0], known)
    except MailError as error:
        problems.append(error)
        return None
    return _Ready(known, tuple(letters), made)


def _check_size(made: Composed, known: Known) -> None:
    if made.size_bytes > SIZE_MOST:
        raise MailTooLarge(
            host=known.integration.smtp.host,
            size_bytes=made.size_bytes,
            limit_bytes=SIZE_MOST,
        )


def _check_again(
    conn: Connection, draft: Draft, some: tuple[Recipient, ...], now: datetime
) -> None:
    """See, while nobody else writes, that what was judged still holds.

    A button that is pressed twice sends an activity's mail once.
    """
    if draft.activity_id is not None:
        locks.alone(conn, f"mail of activity {draft.activity_id}")
    problems: list[MailError] = []
    checking.judge(draft, look_up(conn, draft, some), some, now, problems)
    for problem in problems:
        raise problem


def _row(draft: Draft, known: Known, actor: str, now: datetime) -> dict[str, Any]:
    """Give what a mail and its follow-up have in common."""
    return {
        "integration_id": draft.integration_id,
        "activity_id": draft.activity_id,
        "template_id": known.template_id,
        "actor": actor,
        "bulk": draft.bulk,
        "made_at": now,
    }


def _add(conn: Connection, row: dict[str, Any], letter: Letter, made: Composed) -> int:
    own = {
        "message_id": letter.message_id,
        "sender": f"{letter.sender_name} <{letter.sender_address}>".strip(),
        "sender_address": letter.sender_address,
        "subject": harmless(letter.subject).strip(),
        "smtputf8": made.smtputf8,
        "not_before": letter.written_at,
        "next_at": letter.written_at,
    }
    return outbox.add(conn, row | own, made.content, letter.recipients)
