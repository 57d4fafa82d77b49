"""From what a person has written to letters: with signature, Message-ID and thread."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta

from core.letters.letter import Letter
from core.outbox.checking import Written
from core.outbox.draft import Draft
from core.outbox.known import Known

DOMAIN_MOST = 200  # of a Message-ID, which is kept in 255 characters
ANSWER = "Re: "
SIGNS = "-- "  # RFC 3676 §4.3: what follows is the signature


def first_letter(draft: Draft, known: Known, written: Written) -> Letter:
    """Write the letter of a draft."""
    return Letter(
        sender_name=known.settings.name,
        sender_address=written.sender,
        recipients=written.recipients,
        subject=written.subject,
        text=_signed(written.text, draft, known),
        message_id=_message_id(written.sender),
        written_at=written.at,
        attachments=draft.attachments,
        in_reply_to=known.in_reply_to,
        references=known.references,
        unsubscribe=written.sender if draft.bulk else "",
    )


def second_letter(
    draft: Draft, known: Known, written: Written, first: Letter
) -> Letter:
    """Write the follow-up, as an answer to the first letter (RFC 5322 §3.6.4)."""
    days = draft.follow_up.days if draft.follow_up else 0
    answers = first.subject.casefold().startswith(ANSWER.casefold())
    return replace(
        first,
        subject=first.subject if answers else f"{ANSWER}{first.subject}",
        text=_signed(written.follow_up, draft, known),
        message_id=_message_id(first.sender_address),
        written_at=first.written_at + timedelta(days=days),
        attachments=(),
        in_reply_to=first.message_id,
        references=(*first.references, first.message_id),
    )


def _signed(text: str, draft: Draft, known: Known) -> str:
    signature = known.settings.signature.strip()
    if not draft.signed or not signature:
        return text
    return f"{text.rstrip()}\n\n{SIGNS}\n{signature}\n"


def _message_id(sender: str) -> str:
    """Make a Message-ID, of the sender's domain (RFC 5322 §3.6.4)."""
    domain = sender.rpartition("@")[2]
    while len(domain) > DOMAIN_MOST:
        domain = domain.partition(".")[2]
    return f"<{secrets.token_hex(16)}@{domain}>"
