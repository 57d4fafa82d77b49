"""The fields of a mail: who, what, signed how, when, and what if nobody answers."""

from __future__ import annotations

import streamlit as st

from console import nav
from console.compose_draft import LATER, NOW, STEP, Writing, bound, moment, put
from console.compose_purpose import Purpose
from console.runtime import runtime
from console.widgets import day_format
from core import outbox
from core.i18n import Texts
from core.letters import VARIABLES
from core.model import Integration

TEXT_PX, FOLLOW_PX = 320, 140
LINE_MOST = 20_000  # of a field with addresses
SUBJECT_MOST = 500
TEXT_MOST = 200_000
DAYS_MOST = 60


def about(t: Texts, purpose: Purpose) -> None:
    """Say what the mail is for, and lead back there."""
    if purpose.activity is None and purpose.answered is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        if purpose.answered is not None:
            st.text(t("compose.answers", subject=_subject(t, purpose)))
            st.space("stretch")
            st.page_link(
                nav.path("messages"),
                label=t("compose.to_message"),
                icon=":material/mail:",
                query_params={"message": str(purpose.answered["message_id"])},
            )
        if purpose.activity is not None:
            st.text(t("compose.executes", subject=str(purpose.activity.subject)))
            st.space("stretch")
            st.page_link(
                nav.path("activities"),
                label=t("compose.to_activity"),
                icon=":material/task_alt:",
                query_params={"activity": str(purpose.activity.id)},
            )


def people(t: Texts, w: Writing, integration: Integration) -> None:
    """Let a person say from whom and to whom."""
    known = outbox.sender_of(runtime(), integration.id)
    names = {"": _own(known.name or integration.owner, integration.address)}
    names |= {address: _own(known.name, address) for address in known.aliases}
    if w.says("sender") not in names:  # an alias that was taken away meanwhile
        put(w, "sender", "")
    st.selectbox(
        t("compose.from"),
        list(names),
        format_func=names.__getitem__,
        filter_mode=None,
        **bound(w, "sender", options=list(names)),
    )
    to, more = st.columns([5, 1], vertical_alignment="bottom")
    with to:
        _addresses(t, w, "to")
    filled = w.says("cc").strip() or w.says("bcc").strip()
    with more:
        opened = st.toggle(t("compose.copies"), **bound(w, "copies"))
    if opened or filled:
        _addresses(t, w, "cc")
        _addresses(t, w, "bcc")


def subject(t: Texts, w: Writing) -> None:
    """Let a person write the subject."""
    st.text_input(
        t("field.subject"),
        max_chars=SUBJECT_MOST,
        autocomplete="off",
        live="400ms",
        **bound(w, "subject"),
    )


def text(t: Texts, w: Writing) -> None:
    """Let a person write the text, and see which variables there are."""
    st.text_area(
        t("compose.text"),
        height=TEXT_PX,
        max_chars=TEXT_MOST,
        help=t("compose.text_help"),
        **bound(w, "text"),
    )
    with st.popover(t("compose.variables"), icon=":material/data_object:"):
        st.markdown(t("compose.variables_text"))
        means = {
            f"{{{{{name}}}}}": t(f"templates.variable.{name}") for name in VARIABLES
        }
        width = max(map(len, means))
        lines = "\n".join(f"{name:{width}}  {word}" for name, word in means.items())
        st.code(lines, language=None)


def signature(t: Texts, w: Writing, integration: Integration) -> None:
    """Let a person sign, and see how."""
    words = outbox.sender_of(runtime(), integration.id).signature
    if not words.strip():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(t("compose.no_signature"), width="content")
            st.page_link(
                nav.path("outbox"),
                label=t("compose.to_sender"),
                icon=":material/edit:",
                query_params={"integration": str(integration.id), "panel": "sender"},
            )
        return
    signed = st.toggle(t("compose.signed"), **bound(w, "signed"))
    if signed:
        with st.container(border=True):
            st.text(words)


def when(t: Texts, w: Writing) -> None:
    """Let a person choose when: now, or at a time of their own clock."""
    now = runtime().clock()
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    chosen = left.segmented_control(
        t("compose.when"),
        [NOW, LATER],
        required=True,
        format_func=lambda one: t(f"compose.when_{one}"),
        **bound(w, "when", "default"),
    )
    if chosen != LATER:
        return
    with right:
        st.datetime_input(
            t("compose.at"),
            format=day_format(t),
            step=STEP,
            **bound(w, "at"),
        )
    if at := moment(w, t.zone):
        facts = {"at": t.moment(at), "zone": t.zone.key, "in": t.ago(at, now)}
        st.caption(t("compose.at_told" if at > now else "compose.at_past", **facts))


def follow_up(t: Texts, w: Writing) -> None:
    """Let a person write what is sent if no answer comes."""
    if not st.toggle(t("compose.follow"), **bound(w, "follow")):
        return
    with st.container(border=True):
        st.number_input(
            t("compose.days"), min_value=1, max_value=DAYS_MOST, step=1,
            width=180, **bound(w, "days"),
        )  # fmt: skip
        st.text_area(
            t("compose.follow_text"), height=FOLLOW_PX, max_chars=TEXT_MOST,
            **bound(w, "follow_text"),
        )  # fmt: skip
        st.caption(t("compose.follow_help"))


def _addresses(t: Texts, w: Writing, name: str) -> None:
    st.text_input(
        t(f"compose.{name}"),
        max_chars=LINE_MOST,
        autocomplete="off",
        live="400ms",
        help=t(f"compose.{name}_help"),
        **bound(w, name),
    )


def _own(name: str, address: str) -> str:
    return f"{name} <{address}>" if name else address


def _subject(t: Texts, purpose: Purpose) -> str:
    row = purpose.answered or {}
    return str(row["subject"]) or t("preview.no_subject")
