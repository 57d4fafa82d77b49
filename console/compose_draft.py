"""What is being written. It is kept for the session: to leave the page loses nothing.

Streamlit forgets a field that is not drawn; so each change is kept here as well, by
what the mail is for, and is what the field begins with when it is drawn again. That is
given as its first value, not by way of the session's state: a page that is drawn twice
in a row, as when a browser goes back, would tell the browser of that only once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from console.compose_purpose import Purpose
from console.runtime import runtime
from core import outbox, templates
from core.i18n import Texts
from core.letters import Attachment
from core.templates import Template

HELD, TURN = "composing", "composing_turn"
NOW, LATER = "now", "later"
DAYS = 3
STEP = timedelta(minutes=15)


@dataclass(slots=True)
class Writing:
    """A mail that is being written: its fields by name, and its files.

    `taken`: how many times files were taken from the uploader; `left_out`: the names of
    those that were too many the last time. `wanted`: a template
    that would replace a text, and waits for a yes. `before`: subject, text and template
    from before another was taken. `sent`: the mail of the outbox that it has become.
    """

    name: str
    values: dict[str, Any]
    files: list[Attachment] = field(default_factory=list)
    taken: int = 0
    left_out: list[str] = field(default_factory=list)
    wanted: int = 0
    before: tuple[str, str, int] | None = None
    sent: int = 0
    turns: dict[str, int] = field(default_factory=dict)  # of fields, see `put`

    def says(self, name: str) -> str:
        """Give what a field says."""
        return str(self.values[name] or "")


def writing(t: Texts, purpose: Purpose) -> Writing:
    """Give what is being written for a purpose; a new one, if nothing is yet."""
    held: dict[str, Writing] = st.session_state.setdefault(HELD, {})
    if purpose.name not in held:
        held[purpose.name] = Writing(purpose.name, _begun(t, purpose))
    return held[purpose.name]


def held(name: str) -> Writing | None:
    """Give what is being written under a name, if anything is."""
    found: Writing | None = st.session_state.get(HELD, {}).get(name)
    return found


def forget(name: str) -> None:
    """Forget what was written: it was sent, or is thrown away."""
    st.session_state.get(HELD, {}).pop(name, None)
    st.session_state[TURN] = _turn() + 1


def key_of(w: Writing, name: str) -> str:
    """Give the key of a field."""
    turn = w.turns.setdefault(name, _turn())
    return f"compose_{w.name}_{name}_{turn}"


def bound(
    w: Writing, name: str, first: str = "value", options: Sequence[object] = ()
) -> dict[str, Any]:
    """Give what a field needs to show what is kept, and to keep what is typed.

    `first`: what Streamlit calls its first value; of `options`, it is the index.
    """
    value = w.values[name]
    given = {"index": options.index(value)} if options else {first: value}
    return {"key": key_of(w, name), "on_change": _keep, "args": (w, name), **given}


def put(w: Writing, name: str, value: object) -> None:
    """Give a field another value; it is then another field to Streamlit."""
    w.values[name] = value
    st.session_state[TURN] = w.turns[name] = _turn() + 1


def take_over(w: Writing) -> None:
    """Keep what all fields hold in this moment, in whatever order callbacks run."""
    for name in w.values:
        if (key := key_of(w, name)) in st.session_state:
            w.values[name] = st.session_state[key]


def draft(t: Texts, purpose: Purpose, w: Writing) -> outbox.Draft:
    """Give what is written as the outbox takes it."""
    follow = outbox.FollowUp(int(w.values["days"] or 0), w.says("follow_text"))
    return outbox.Draft(
        integration_id=purpose.integration.id,
        activity_id=purpose.activity.id if purpose.activity is not None else None,
        sender=w.says("sender"),
        to=w.says("to"),
        cc=w.says("cc"),
        bcc=w.says("bcc"),
        subject=w.says("subject"),
        text=w.says("text"),
        attachments=tuple(w.files),
        at=moment(w, t.zone),
        answers=int(purpose.answered["message_id"]) if purpose.answered else None,
        follow_up=follow if w.values["follow"] else None,
        bulk=bool(w.values["bulk"]),
        template_id=w.values["template"] or None,
        signed=bool(w.values["signed"]),
    )


def moment(w: Writing, zone: ZoneInfo) -> datetime | None:
    """Give when it is to be sent, in UTC; None: at once.

    The field holds a time of the clock on the reader's wall.
    """
    at = w.values["at"]
    if w.values["when"] != LATER or not isinstance(at, datetime):
        return None
    return at.replace(tzinfo=zone).astimezone(UTC)


def _turn() -> int:
    """Count, in this session, how often fields got another value than was typed."""
    turn: int = st.session_state.get(TURN, 0)
    return turn


def _keep(w: Writing, name: str) -> None:
    w.values[name] = st.session_state[key_of(w, name)]


def _begun(t: Texts, purpose: Purpose) -> dict[str, Any]:
    """Give what the fields hold at first."""
    template = _template_of(purpose)
    subject = template.subject if template and template.subject else purpose.subject
    return {
        "sender": "",
        "to": purpose.to,
        "cc": "",
        "bcc": "",
        "copies": False,
        "subject": subject,
        "template": template.id if template else 0,
        "text": template.body if template else "",
        "bulk": bool(template and template.bulk),
        "signed": True,
        "when": NOW,
        "at": _in_an_hour(t),
        "follow": False,
        "days": DAYS,
        "follow_text": "",
    }


def _template_of(purpose: Purpose) -> Template | None:
    """Give the template that an activity names, if there is one of that name."""
    if purpose.activity is None or purpose.answered is not None:
        return None
    name = str(purpose.activity.template)
    return templates.named(runtime(), name) if name else None


def _in_an_hour(t: Texts) -> datetime:
    """Give a full quarter of an hour about an hour ahead, on the wall's clock."""
    there = runtime().clock().astimezone(t.zone) + timedelta(hours=1)
    return there.replace(
        minute=there.minute // 15 * 15, second=0, microsecond=0, tzinfo=None
    )
