"""What stands in the way of a mail, all at once; and the button that sends it, once."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from console import nav
from console.compose_draft import Writing, draft, forget, held, moment, take_over
from console.compose_purpose import Purpose
from console.runtime import ACTOR, runtime
from console.widgets import explanation, tell
from core import outbox
from core.errors import BadInput, MailError
from core.i18n import Texts
from core.words import explain

REFUSED = "compose_refused"  # an error for the page that is drawn next


def sent_before(t: Texts, purpose: Purpose) -> None:
    """Say that the activity has mail already, for who is about to write it again."""
    if purpose.activity is None:
        return
    mails = outbox.of_activity(runtime(), purpose.activity.id)
    for one in [mail for mail in mails if mail.follows_id is None][:1]:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            facts = {
                "stage": t(f"outbox.stage.{one.stage}"),
                "at": t.moment(one.made_at),
            }
            st.markdown(f":material/info: {t('compose.has_mail', **facts)}")
            st.space("stretch")
            st.page_link(
                nav.path("outbox"),
                label=t("compose.to_mail"),
                icon=":material/outbox:",
                query_params={"mail": str(one.id)},
            )


def in_the_way(t: Texts, found: Sequence[MailError]) -> None:
    """List everything that has to be seen to first."""
    error = st.session_state.pop(REFUSED, None)
    if isinstance(error, MailError):
        explanation(t, explain(t, error, now=True))
    if found:
        # As mere text: Markdown makes links of the addresses in it.
        with st.container(border=True, gap="xsmall", key="compose_first"):
            st.markdown(f":orange[:material/checklist:] **{t('compose.first')}**")
            for one in found:
                st.text(f"• {_line(t, one)}")


def button(t: Texts, purpose: Purpose, w: Writing, *, ready: bool) -> None:
    """Offer to send, and say what sending cannot tell."""
    at = moment(w, t.zone)
    later = at is not None and at > runtime().clock()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            t("compose.send_later" if later else "compose.send"),
            key="compose_send",
            type="primary",
            icon=":material/schedule_send:" if later else ":material/send:",
            disabled=not ready,
            help=t("compose.send_help"),
            on_click=_send,
            args=(t, purpose),
        )
        _discard(t, w)
    st.caption(t("compose.not_tracked"))


def on_its_way(t: Texts, purpose: Purpose, w: Writing) -> None:
    """Once it is in the outbox: say so, and go where its state is shown."""
    if not w.sent:
        return
    mail = outbox.one(runtime(), w.sent)
    forget(purpose.name)
    later = mail.not_before > mail.made_at
    at = t.moment(mail.not_before)
    tell(t("compose.planned", at=at) if later else t("compose.queued"))
    if purpose.activity is not None:
        asked = {"activity": str(purpose.activity.id)}
        st.switch_page(nav.path("activities"), query_params=asked)
    st.switch_page(nav.path("outbox"), query_params={"mail": str(mail.id)})


def _discard(t: Texts, w: Writing) -> None:
    """Throw away what was written, when that was said twice."""
    with st.popover(t("compose.discard"), icon=":material/delete:", type="tertiary"):
        st.markdown(t("compose.discard_text"))
        st.button(
            t("compose.discard_yes"), key="compose_discard", on_click=forget,
            args=(w.name,),
        )  # fmt: skip


def _send(t: Texts, purpose: Purpose) -> None:
    """Send, once: a second click finds that it was sent, or that nothing is held."""
    w = held(purpose.name)
    if w is None or w.sent:
        return
    take_over(w)  # a text may have been typed since the button was drawn
    try:
        w.sent = outbox.send(runtime(), draft(t, purpose, w), ACTOR)
    except MailError as error:
        st.session_state[REFUSED] = error


def _line(t: Texts, error: MailError) -> str:
    told = explain(t, error, now=True)
    return told.what if isinstance(error, BadInput) else f"{told.what} {told.do}"
