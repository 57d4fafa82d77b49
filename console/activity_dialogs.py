"""Dialogs of the activity panel: plan one, change it, delete it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import Any

import streamlit as st

from console.activity_question import open_one
from console.activity_templates import offered
from console.runtime import ACTOR, runtime
from console.widgets import day_format, escaped, guarded, tell
from core import activities
from core.activities import EARLIEST, LATEST, Draft, Model
from core.errors import BadInput
from core.i18n import Texts
from core.words import field_label, problem

PREFIX = "plan_"
TYPED = ("subject", "owner", "contact", "contact_address", "company")
Body = Callable[[Texts, int], None]


def create(t: Texts) -> None:
    """Open the dialog that plans one activity."""
    today = runtime().clock().astimezone(t.zone).date()
    _fill(Draft(str(Model.EMAIL), "", "", "", "", "", today))
    _show(t, t("activities.new"), _create, 0)


def edit(t: Texts, activity: Any) -> None:
    """Open the dialog that changes an activity: a row of `activities.sender_for`."""
    _fill(activities.draft_of(activity))
    _show(t, t("activities.edit"), _change, activity.id)


def delete(t: Texts, activity: Any) -> None:
    """Ask before an activity is deleted; one with mail stays, and it is said why."""
    st.session_state["deleting"] = activity.subject
    _show(t, t("activities.delete_title"), _delete, activity.id)


def told(t: Texts, error: BadInput) -> str:
    """Say in plain text which field cannot be used, and why."""
    return f"{field_label(t, error)}: {problem(t, error)}"


def _show(t: Texts, title: str, body: Body, activity_id: int) -> None:
    def safe() -> None:
        with guarded(t, "activities"):
            body(t, activity_id)

    st.dialog(title, width="medium", on_dismiss="rerun")(safe)()


def _fill(draft: Draft) -> None:
    """Give the fields their values; the dialog draws them in this same run."""
    for name in (*TYPED, "model", "due_on", "template"):
        st.session_state[PREFIX + name] = getattr(draft, name)


def _create(t: Texts, _activity_id: int) -> None:
    draft = _fields(t)
    pressed = st.button(t("activities.create"), type="primary", key="plan_submit")
    if pressed and _usable(t, draft):
        made = activities.create(runtime(), draft, ACTOR)
        _end(t, "created" if made else "exists")


def _change(t: Texts, activity_id: int) -> None:
    draft = _fields(t)
    pressed = st.button(t("activities.save"), type="primary", key="plan_submit")
    if pressed and _usable(t, draft):
        try:
            made = activities.change(runtime(), activity_id, draft, ACTOR)
        except BadInput as error:  # another one is the same
            st.error(escaped(told(t, error)), icon=":material/error:")
        else:
            _end(t, "saved" if made else "unchanged")


def _usable(t: Texts, draft: Draft) -> bool:
    """Say everything that is wrong with a draft, at once."""
    wrong = activities.problems(draft)
    if wrong:
        lines = "\n".join(f"- {escaped(told(t, one))}" for one in wrong)
        st.error(lines, icon=":material/error:")
    return not wrong


def _delete(t: Texts, activity_id: int) -> None:
    st.text(st.session_state.get("deleting", ""))
    if activities.has_mail(runtime(), activity_id):
        st.info(t("activities.has_mail"), icon=":material/mail:")
        return
    st.markdown(t("activities.delete_text"))
    with st.container(horizontal=True):
        gone = st.button(t("activities.delete"), type="primary", key="delete_yes")
        kept = st.button(t("page.cancel"), key="delete_no")
    if gone:
        done = activities.delete(runtime(), activity_id, ACTOR)
        if done:
            open_one(0)
        _end(t, "deleted" if done else "has_mail")
    if kept:
        st.rerun()


def _fields(t: Texts) -> Draft:
    """Draw every field; give what they hold."""
    columns = cycle(st.columns(2))
    model = next(columns).selectbox(
        t("field.model"),
        list(Model),
        format_func=lambda one: t(f"model.{one}"),
        filter_mode=None,
        key=PREFIX + "model",
    )
    due = next(columns).date_input(
        t("field.due_on"),
        value=None,
        min_value=EARLIEST,
        max_value=LATEST,
        format=day_format(t),
        key=PREFIX + "due_on",
    )
    texts = {
        name: next(columns).text_input(t(f"field.{name}"), key=PREFIX + name) or ""
        for name in TYPED
    }
    template = next(columns).selectbox(
        t("activities.about_template"),
        offered(str(st.session_state.get(PREFIX + "template") or "")),
        format_func=lambda one: one or t("activities.none_template"),
        key=PREFIX + "template",
    )
    return Draft(model=str(model), due_on=due, template=template or "", **texts)


def _end(t: Texts, name: str) -> None:
    tell(t(f"activities.{name}"))
    st.rerun()
