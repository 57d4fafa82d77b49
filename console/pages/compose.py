"""Compose: write a mail for an activity, as an answer, or for itself; and send it."""

import streamlit as st

from console import compose_fields, compose_preview, compose_send
from console.compose_draft import Writing, draft, writing
from console.compose_files import files
from console.compose_purpose import Purpose, asked
from console.compose_template import choice
from console.language import texts
from console.runtime import runtime
from console.sending_gauge import gauge
from console.widgets import guarded, page
from core import outbox
from core.i18n import Texts


def fields(t: Texts, purpose: Purpose, w: Writing) -> None:
    """Show what can be written and chosen."""
    compose_fields.about(t, purpose)
    compose_send.sent_before(t, purpose)
    compose_fields.people(t, w, purpose.integration)
    compose_fields.subject(t, w)
    choice(t, w)
    compose_fields.text(t, w)
    compose_fields.signature(t, w, purpose.integration)
    files(t, w)
    compose_fields.follow_up(t, w)
    compose_fields.when(t, w)


def sending(t: Texts, purpose: Purpose, w: Writing) -> None:
    """Show what stands in the way, the button, and how much may be sent."""
    found = outbox.check(runtime(), draft(t, purpose, w))
    compose_send.in_the_way(t, found)
    compose_send.button(t, purpose, w, ready=not found)
    gauge(t, purpose.integration.id)


t = texts()
with page(t, "compose"):
    purpose = asked(t)
    if purpose is not None:
        w = writing(t, purpose)
        compose_send.on_its_way(t, purpose, w)
        left, right = st.columns([3, 2], gap="medium")
        with left:
            fields(t, purpose, w)
            with guarded(t, "compose"):
                sending(t, purpose, w)
        with right, guarded(t, "compose"):
            compose_preview.look(t, draft(t, purpose, w), w.name)
