"""Activity panel: planned acts, and executing one."""

import pandas as pd
import streamlit as st

from console import nav
from console.activity_dialogs import create, import_csv
from console.activity_table import facts, table
from console.language import texts
from console.runtime import ACTOR, runtime
from console.widgets import escaped, guarded, nothing, page, tell
from core import activities
from core.activities import Model
from core.i18n import Texts

OPEN, DONE, ALL = "open", "done", "all"


def doors(t: Texts) -> None:
    """Offer to plan an activity, or to import a file of them."""
    with st.container(horizontal=True):
        if st.button(t("activities.new"), key="activity_new", icon=":material/add:"):
            create(t)
        if st.button(
            t("activities.import"), key="activity_import", icon=":material/upload:"
        ):
            import_csv(t)


def filters(t: Texts) -> pd.DataFrame:
    """Let a person search and choose; give the activities."""
    search, model, state = st.columns([3, 1, 1], vertical_alignment="bottom")
    words = search.text_input(
        t("activities.search"), key="activity_search", icon=":material/search:",
        max_chars=200,
    )  # fmt: skip
    chosen = model.selectbox(
        t("field.model"), ["", *Model], key="activity_model", filter_mode=None,
        format_func=lambda m: t(f"model.{m}") if m else t("activities.every_model"),
    )  # fmt: skip
    which = state.selectbox(
        t("activities.which"), [OPEN, DONE, ALL], key="activity_which",
        format_func=lambda s: t(f"activities.{s}"), filter_mode=None,
    )  # fmt: skip
    done = None if which == ALL else which == DONE
    return activities.panel(
        runtime(), search=words or "", model=chosen or "", done=done
    )


def card(t: Texts, activity_id: int) -> None:
    """Show the chosen activity, and execute it as far as that is possible now."""
    activity, sender = activities.sender_for(runtime(), activity_id)
    with st.container(border=True, key="activity_card"):
        st.markdown(f"#### {escaped(activity.subject)}")
        st.text(facts(t, activity))
        if activity.done_at is not None:
            return
        if st.button(
            t("activities.execute"), type="primary", key="execute",
            icon=":material/play_arrow:",
        ):  # fmt: skip
            st.session_state["executing"] = activity_id
        if st.session_state.get("executing") != activity_id:
            return
        if activity.model != Model.EMAIL:
            other_model(t, activity_id)
        elif sender is None:
            without_integration(t, activity_id, activity.owner)
        else:
            st.info(t("activities.sending_later"), icon=":material/info:")
            st.text(sender.address)


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


def other_model(t: Texts, activity_id: int) -> None:
    """Let a person say that the act was done."""
    st.info(t("activities.by_hand"), icon=":material/info:")
    if st.button(t("activities.mark_done"), key="mark_done", icon=":material/check:"):
        activities.mark_done(runtime(), activity_id, ACTOR)
        st.query_params.pop("activity", None)
        tell(t("activities.marked"))
        st.rerun()


t = texts()
with page(t, "activities"):
    doors(t)
    found = filters(t)
    asked = st.query_params.get("activity", "")
    if asked.isdecimal():
        with guarded(t, "activities"):
            card(t, int(asked))
    elif not found.empty:
        st.caption(t("activities.choose"))
    if found.empty:
        nothing(t, "activities.empty")
    else:
        table(t, found)
