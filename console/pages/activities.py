"""Activity panel: planned acts, and executing one."""

from datetime import date

import pandas as pd
import streamlit as st

from console import nav
from console.activity_dialogs import create, import_csv
from console.language import texts
from console.runtime import ACTOR, runtime
from console.widgets import ROW_PX, escaped, nothing, page, table_height
from core import activities
from core.activities import Model
from core.i18n import Texts

OPEN, DONE, ALL = "open", "done", "all"


def filters(t: Texts) -> pd.DataFrame:
    """Let a person search and choose; give the activities."""
    search, model, state = st.columns([3, 1, 1], vertical_alignment="bottom")
    words = search.text_input(
        t("activities.search"),
        key="activity_search",
        icon=":material/search:",
        max_chars=200,
    )
    models = ["", *Model]
    chosen = model.selectbox(
        t("field.model"), models, key="activity_model",
        format_func=lambda m: t(f"model.{m}") if m else t("activities.every_model"),
    )  # fmt: skip
    which = state.selectbox(
        t("activities.which"), [OPEN, DONE, ALL], key="activity_which",
        format_func=lambda s: t(f"activities.{s}"),
    )  # fmt: skip
    done = None if which == ALL else which == DONE
    return activities.panel(
        runtime(), search=words or "", model=chosen or "", done=done
    )


def table(t: Texts, found: pd.DataFrame) -> int | None:
    """Show the activities; give the id of the chosen one."""
    today = runtime().clock().astimezone(t.zone).date()
    rows = found.assign(
        model=[t(f"model.{m}") for m in found["model"]],
        due=[
            _due(t, d, today, done=not pd.isna(x))
            for d, x in zip(found["due_on"], found["done_at"], strict=True)
        ],
    )
    chosen = st.dataframe(
        rows,
        hide_index=True,
        height=table_height(len(rows)),
        row_height=ROW_PX,
        column_order=[
            "due",
            "due_on",
            "model",
            "subject",
            "contact",
            "company",
            "contact_address",
            "owner",
        ],
        column_config={
            "due": t("activities.due"),
            "due_on": st.column_config.DateColumn(
                t("field.due_on"),
                format="DD/MM/YYYY" if t.language == "pt_BR" else "YYYY-MM-DD",
            ),
            "model": t("field.model"),
            "subject": st.column_config.TextColumn(t("field.subject"), width=260),
            "contact": t("field.contact"),
            "company": t("field.company"),
            "contact_address": t("field.contact_address"),
            "owner": t("field.owner"),
        },
        on_select="rerun",
        selection_mode="single-row",
        key=f"activities-{len(rows)}-{st.session_state['activity_search']}",
        alt=t("activities.title"),
    )
    picked = chosen["selection"]["rows"]
    if picked:
        st.query_params["activity"] = str(int(found["id"].iloc[picked[0]]))
    asked = st.query_params.get("activity", "")
    return int(asked) if asked.isdecimal() else None


def execute(t: Texts, activity_id: int) -> None:
    """Show the chosen activity, and execute it as far as that is possible now."""
    activity, sender = activities.sender_for(runtime(), activity_id)
    with st.container(border=True, key="activity_card"):
        st.markdown(f"#### {escaped(activity.subject)}")
        st.text(f"{activity.contact} · {activity.contact_address} · {activity.company}")
        if st.button(
            t("activities.execute"),
            type="primary",
            key="execute",
            icon=":material/play_arrow:",
        ):
            st.session_state["executing"] = activity_id
        if st.session_state.get("executing") == activity_id:
            if activity.model != Model.EMAIL:
                other_model(t, activity_id)
            elif sender is None:
                without_integration(t, activity_id, activity.owner)
            else:
                st.info(t("activities.sending_later"), icon=":material/info:")
                st.text(sender.address)


def without_integration(t: Texts, activity_id: int, owner: str) -> None:
    """Say that an integration is needed, and lead to it, as the article does."""
    st.warning(
        t("activities.no_integration", owner=escaped(owner)), icon=":material/link_off:"
    )
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
        st.rerun()


def _due(t: Texts, due_on: date, today: date, *, done: bool) -> str:
    if done:
        return t("activities.is_done")
    if due_on == today:
        return t("activities.is_today")
    return t("activities.is_late" if due_on < today else "activities.is_open")


t = texts()
with page(t, "activities"):
    if told := st.session_state.pop("activities_told", ""):
        st.toast(told, icon=":material/check:")
    with st.container(horizontal=True):
        if st.button(t("activities.new"), key="activity_new", icon=":material/add:"):
            create(t)
        if st.button(
            t("activities.import"), key="activity_import", icon=":material/upload:"
        ):
            import_csv(t)
    found = filters(t)
    if found.empty:
        nothing(t, "activities.empty")
    elif (chosen := table(t, found)) is not None:
        execute(t, chosen)
    else:
        st.caption(t("activities.choose"))
