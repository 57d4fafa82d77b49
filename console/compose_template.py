"""A template fills in subject and text; what was typed before can be had back."""

from __future__ import annotations

import streamlit as st

from console.compose_draft import Writing, bound, key_of, put
from console.runtime import runtime
from console.widgets import escaped
from core import templates
from core.errors import NotFound
from core.i18n import Texts
from core.templates import Template


def choice(t: Texts, w: Writing) -> None:
    """Let a person take a template; nothing at all where there are none."""
    found = {one.id: one for one in templates.listed(runtime())}
    if not found:
        return
    if w.values["template"] not in found:
        put(w, "template", 0)  # it was deleted meanwhile
    st.selectbox(
        t("compose.template"),
        [0, *found],
        format_func=lambda one: found[one].name if one else t("compose.no_template"),
        **bound(w, "template", options=[0, *found])
        | {"on_change": _chosen, "args": (w,)},
    )
    if w.wanted in found:
        _asks(t, w, found[w.wanted])
    elif w.before is not None:
        _undo(t, w)
    if w.values["bulk"]:
        st.caption(f":material/campaign: {t('compose.bulk')}")


def _asks(t: Texts, w: Writing, one: Template) -> None:
    """Ask before a text that a person typed gives way."""
    with st.container(border=True, key="compose_template_asks"):
        st.markdown(t("compose.replace", name=escaped(one.name)))
        with st.container(horizontal=True):
            st.button(
                t("compose.replace_yes"), key="compose_template_yes", type="primary",
                on_click=_take, args=(w, one.id),
            )  # fmt: skip
            st.button(
                t("compose.replace_no"), key="compose_template_no",
                on_click=_leave, args=(w,),
            )  # fmt: skip


def _undo(t: Texts, w: Writing) -> None:
    st.button(
        t("compose.template_undo"), key="compose_template_undo",
        icon=":material/undo:", type="tertiary", on_click=_back, args=(w,),
    )  # fmt: skip


def _chosen(w: Writing) -> None:
    wanted = int(st.session_state[key_of(w, "template")] or 0)
    if not wanted:
        w.values["template"], w.values["bulk"], w.wanted = 0, False, 0
    elif w.says("text").strip():
        w.wanted = wanted
    else:
        _take(w, wanted)


def _take(w: Writing, template_id: int) -> None:
    w.wanted = 0
    try:
        one = templates.get(runtime(), template_id)
    except NotFound:  # deleted in this moment: the list is drawn anew without it
        return
    w.before = w.says("subject"), w.says("text"), int(w.values["template"])
    if one.subject.strip():
        put(w, "subject", one.subject)
    put(w, "text", one.body)
    put(w, "template", one.id)
    w.values["bulk"] = one.bulk


def _leave(w: Writing) -> None:
    w.wanted = 0
    put(w, "template", w.values["template"])


def _back(w: Writing) -> None:
    """Give back what was there before; what is there now is the next to come back."""
    if w.before is None:
        return
    subject, text, template_id = w.before
    w.before = w.says("subject"), w.says("text"), int(w.values["template"])
    put(w, "subject", subject)
    put(w, "text", text)
    put(w, "template", template_id)
    found = {one.id: one for one in templates.listed(runtime())}
    w.values["bulk"] = template_id in found and found[template_id].bulk
