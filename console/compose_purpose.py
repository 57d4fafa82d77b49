"""What a mail is written for: an activity, an answer, or nothing but a mailbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from console import nav
from console.pick import DIGITS_MOST, pick_integration
from console.runtime import runtime
from console.widgets import escaped, nothing
from core import activities, browse, watch
from core.errors import NotFound
from core.i18n import Texts
from core.model import Integration

SENT = "sent"
QUOTED = frozenset('",;:<>()[]@\\')
ANSWER = "re:"


@dataclass(frozen=True, slots=True)
class Purpose:
    """From which mailbox, and for which activity or as an answer to which message."""

    integration: Integration
    activity: Any = None  # a row, as of `activities.sender_for`
    answered: dict[str, Any] | None = None  # a row, as of `browse.message`

    @property
    def name(self) -> str:
        """Name it, for what is written is kept under that name."""
        if self.answered is not None:
            return f"m{self.answered['message_id']}"
        if self.activity is not None:
            return f"a{self.activity.id}"
        return f"i{self.integration.id}"

    @property
    def to(self) -> str:
        """Give whom it is for, as a person would type it."""
        if self.answered is not None:
            row = self.answered
            if row["direction"] == SENT:
                return str(row["recipients"])
            return addressed(row["from_name"], row["from_address"])
        if self.activity is not None:
            return addressed(self.activity.contact, self.activity.contact_address)
        return ""

    @property
    def subject(self) -> str:
        """Give the subject to begin with; of an answer, that of what it answers."""
        if self.answered is not None:
            said = str(self.answered["subject"])
            known = said.lower().startswith(ANSWER)
            return said if known or not said else f"Re: {said}"
        return str(self.activity.subject) if self.activity is not None else ""


def asked(t: Texts) -> Purpose | None:
    """Give what the address asks for; None: it was said what is lacking.

    Raises:
        NotFound: there is no such activity, or no such message.

    """
    activity, answer = _number("activity"), _number("answer")
    if answer:
        return _answering(t, answer, activity)
    if activity:
        return _of_activity(t, activity)
    one = pick_integration(t)
    if one is None:
        nothing(t, "compose.empty", "integrations")
        return None
    return Purpose(watch.integration(runtime(), one)) if _is_live(t, one) else None


def addressed(name: str, address: str) -> str:
    """Write a name and an address as a person would type them into To."""
    name = " ".join(name.split())
    if not address or not name or name == address:
        return address
    if QUOTED & set(name):
        plain = name.replace("\\", "").replace('"', "")
        return f'"{plain}" <{address}>'
    return f"{name} <{address}>"


def without_integration(t: Texts, activity_id: int, owner: str) -> None:
    """Say that an integration is needed, and lead to it, as the article does."""
    text = t("activities.no_integration", owner=escaped(owner))
    st.warning(text, icon=":material/link_off:")
    st.page_link(
        nav.path("integrations"),
        label=t("activities.click_here"),
        icon=":material/extension:",
        query_params={"activity": str(activity_id)},
    )


def _of_activity(t: Texts, activity_id: int) -> Purpose | None:
    row, sender = activities.sender_for(runtime(), activity_id)
    if sender is None:
        without_integration(t, activity_id, row.owner)
        return None
    return Purpose(sender, activity=row)


def _answering(t: Texts, message_id: int, activity_id: int) -> Purpose | None:
    one = browse.whose(runtime(), [message_id]).get(message_id)
    if one is None:
        raise NotFound(what="message", id=message_id)
    if not _is_live(t, one):
        return None
    row = browse.message(runtime(), one, message_id)
    about = activities.sender_for(runtime(), activity_id)[0] if activity_id else None
    return Purpose(watch.integration(runtime(), one), about, row)


def _is_live(t: Texts, one: int) -> bool:
    live = watch.standing(runtime(), one).disconnected_at is None
    if not live:
        nothing(t, "compose.ended", "integrations")
    return live


def _number(name: str) -> int:
    said = st.query_params.get(name, "")
    return int(said) if said.isdecimal() and len(said) <= DIGITS_MOST else 0
