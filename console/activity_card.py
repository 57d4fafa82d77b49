"""The chosen activity: what is known of it, and what can be done."""

from __future__ import annotations

from typing import Any

import streamlit as st

from console import activity_dialogs, nav
from console.activity_choices import ICONS
from console.activity_question import asked, open_one
from console.compose_purpose import without_integration
from console.runtime import ACTOR, runtime
from console.widgets import NONE, escaped, tell
from core import activities
from core.activities import OPEN, Model, state_of
from core.i18n import Texts

COLOURS = {
    "late": "red",
    "today": "orange",
    "upcoming": "blue",
    "done": "green",
    "answered": "green",
}
FACTS = {  # and how wide each is
    "contact": 3,
    "contact_address": 5,
    "company": 4,
    "owner": 3,
    "template": 3,
}


def card(t: Texts, activity_id: int) -> None:
    """Show an activity, and execute it as far as that is possible now."""
    activity, sender = activities.sender_for(runtime(), activity_id)
    state = state_of(
        activity.due_on, activity.done_at, activity.answered_at, asked(t).today
    )
    with st.container(border=True, key="activity_card"):
        _head(t, activity, state)
        _facts(t, activity)
        with st.container(horizontal=True, key="activity_acts"):
            if state in OPEN and _execute(t):
                _begin(activity, connected=sender is not None)
            _acts(t, activity, is_open=state in OPEN)
        if st.session_state.get("executing") == activity_id and state in OPEN:
            _executing(t, activity, connected=sender is not None)


def _head(t: Texts, activity: Any, state: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"#### {escaped(activity.subject)}", width="content")
        st.badge(
            t(f"activities.is_{state}"),
            icon=f":material/{ICONS[state]}:",
            color=COLOURS[state],  # type: ignore[arg-type]  # a literal
        )
        st.space("stretch")
        st.button(
            t("activities.close"),
            key="activity_close",
            icon=":material/close:",
            type="tertiary",
            on_click=open_one,
            args=(0,),
        )
    st.caption(" · ".join(_when(t, activity)))


def _when(t: Texts, activity: Any) -> list[str]:
    ends = {name: getattr(activity, name) for name in ("done_at", "answered_at")}
    return [
        t(f"model.{activity.model}"),
        t("activities.about_due", day=t.day(activity.due_on)),
        *(t(f"activities.{name}", at=t.moment(at)) for name, at in ends.items() if at),
    ]


def _facts(t: Texts, activity: Any) -> None:
    places = st.columns(list(FACTS.values()))
    for place, name in zip(places, FACTS, strict=True):
        label = "activities.about_template" if name == "template" else f"field.{name}"
        place.caption(t(label))
        place.text(getattr(activity, name) or NONE)


def _execute(t: Texts) -> bool:
    return st.button(
        t("activities.execute"),
        type="primary",
        key="execute",
        icon=":material/play_arrow:",
    )


def _acts(t: Texts, activity: Any, *, is_open: bool) -> None:
    """Offer what can be done besides: change it, end it, open it again, delete it."""
    if st.button(
        t("activities.edit_short"), key="activity_edit", icon=":material/edit:"
    ):
        activity_dialogs.edit(t, activity)
    if is_open:
        _mark(t, activity.id, "mark_done", "marked", "check", done=True)
    else:
        _mark(t, activity.id, "reopen", "reopened", "undo", done=False)
    if st.button(
        t("activities.delete"), key="activity_delete", icon=":material/delete:"
    ):
        activity_dialogs.delete(t, activity)


def _mark(
    t: Texts, activity_id: int, name: str, told: str, icon: str, *, done: bool
) -> None:
    if st.button(t(f"activities.{name}"), key=name, icon=f":material/{icon}:"):
        activities.mark_done(runtime(), activity_id, ACTOR, done=done)
        st.session_state.pop("executing", None)
        tell(t(f"activities.{told}"))
        st.rerun()


def _begin(activity: Any, *, connected: bool) -> None:
    """Lead to where an e-mail is written, or say below what stands in the way."""
    if activity.model == Model.EMAIL and connected:
        query = {"activity": str(activity.id)}
        st.switch_page(nav.path("compose"), query_params=query)
    st.session_state["executing"] = activity.id


def _executing(t: Texts, activity: Any, *, connected: bool) -> None:
    if activity.model != Model.EMAIL:
        st.info(t("activities.by_hand"), icon=":material/info:")
    elif connected:  # meanwhile: a person presses again
        st.session_state.pop("executing", None)
    else:
        without_integration(t, activity.id, activity.owner)
