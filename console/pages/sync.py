"""One integration: is this mailbox being followed, and why not."""

import streamlit as st

from console import bundle_button, role_dialog
from console.habit_view import habit
from console.language import texts
from console.mailbox_acts import acts
from console.mailbox_head import head
from console.pick import pick_integration
from console.recording_view import recording_view
from console.runtime import runtime
from console.server_card import server_card
from console.tables import events_table, folders_table, runs_table
from console.trouble_table import trouble_tables
from console.widgets import guarded, nothing, page
from core import watch
from core.i18n import Texts

EVERY = "2s"
VIEWS = ("folders", "runs", "errors", "server", "habit", "recording", "events")
FOR_SUPPORT = {"errors", "recording"}


@st.fragment(run_every=EVERY)
def live_head(t: Texts, one: int) -> None:
    """Show how it stands, without reloading."""
    with guarded(t, "sync"):
        head(t, one)


@st.fragment(run_every=EVERY)
def live_view(t: Texts, one: int, view: str) -> None:
    """Show the part that was chosen, without reloading; the others cost nothing."""
    with guarded(t, "sync"):
        show(t, one, view)


def show(t: Texts, one: int, view: str) -> None:
    """Show one part of what is known of a mailbox."""
    now = runtime().clock()
    match view:
        case "runs":
            runs_table(t, watch.recent_runs(runtime(), one))
        case "errors":
            trouble_tables(t, *watch.trouble(runtime(), one), now)
        case "server":
            server_card(t, watch.server_card(runtime(), one), now)
        case "recording":
            ended = watch.standing(runtime(), one).disconnected_at is not None
            recording_view(t, one, ended=ended)
        case "events":
            events_table(t, watch.recent_events(runtime(), one))
        case _:
            folders_table(t, watch.folders(runtime(), one))


def pick_view(t: Texts) -> str:
    """Let a person choose what to look at; the choice lives in the link."""
    asked = st.query_params.get("view", "")
    st.session_state["sync_view"] = asked if asked in VIEWS else VIEWS[0]
    chosen = st.segmented_control(
        t("mailbox.view"),
        VIEWS,
        required=True,
        format_func=lambda view: t(f"mailbox.view_{view}"),
        key="sync_view",
        label_visibility="collapsed",
        on_change=write_view,
    )
    return chosen or VIEWS[0]


def write_view() -> None:
    st.query_params["view"] = st.session_state["sync_view"]


t = texts()
with page(t, "sync"):
    if (one := pick_integration(t)) is None:
        nothing(t, "sync.empty", "integrations")
    else:
        is_live = acts(t, one)
        live_head(t, one)
        with st.container(horizontal=True, vertical_alignment="center"):
            view = pick_view(t)
            if is_live and view == "folders":
                role_dialog.button(t, one)
        if view == "habit":  # learnt once a day
            with guarded(t, "sync"):
                habit(t, one)
        else:
            live_view(t, one, view)
        if view in FOR_SUPPORT:
            bundle_button.show(t, one)
