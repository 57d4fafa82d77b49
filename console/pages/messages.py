"""Messages: a table per integration and folder, newest first, paged by key."""

import pandas as pd
import streamlit as st

from console.language import texts
from console.runtime import runtime
from console.widgets import (
    ROW_PX,
    moment_column,
    nothing,
    page,
    pick_integration,
    table_height,
)
from core import browse, watch
from core.browse import Page, Query
from core.i18n import Texts

COLUMNS = ["mark", "at", "sender", "recipients", "subject", "clip", "size_bytes"]


def ask(name: str) -> str:
    """Read a part of the question from the address bar."""
    return st.query_params.get(name, "")


def turn(**changes: str) -> None:
    """Write changes into the address bar; a new question starts at the first page."""
    for name in ("before", "after", "message"):
        st.query_params.pop(name, None)
    for name, value in changes.items():
        if value:
            st.query_params[name] = value
        else:
            st.query_params.pop(name, None)


def filters(t: Texts, one: int) -> Query:
    """Let a person choose folder and words; give the question."""
    found = watch.folders(runtime(), one)
    found = found[found["selectable"] & found["missing_since"].isna()]
    titles = {"": t("messages.all_folders")}
    titles |= {str(r["id"]): str(r["title"]) for r in found.to_dict("records")}
    folder = ask("folder") if ask("folder") in titles else ""
    left, right = st.columns([1, 2])
    st.session_state["folder_pick"] = folder
    left.selectbox(
        t("table.folder"),
        list(titles),
        format_func=titles.__getitem__,
        key="folder_pick",
        on_change=lambda: turn(folder=st.session_state["folder_pick"]),
    )
    st.session_state["search"] = ask("q")
    right.text_input(
        t("messages.search"),
        key="search",
        icon=":material/search:",
        max_chars=200,
        on_change=lambda: turn(q=st.session_state["search"]),
    )
    number = int(folder) if folder else None
    return Query(one, number, ask("q"), ask("before"), ask("after"))


def pager(t: Texts, shown: Page) -> None:
    """Show how many there are, and the way to newer and older ones."""
    with st.container(horizontal=True, vertical_alignment="center"):
        key = "messages.more" if shown.more else "messages.count"
        st.text(t(key, n=shown.count))
        st.button(
            t("messages.newer"),
            icon=":material/chevron_left:",
            key="newer",
            disabled=not shown.newer,
            on_click=turn,
            kwargs={"after": shown.newer},
        )
        st.button(
            t("messages.older"),
            icon=":material/chevron_right:",
            icon_position="right",
            key="older",
            disabled=not shown.older,
            on_click=turn,
            kwargs={"before": shown.older},
        )


def table(t: Texts, shown: Page, query: Query) -> None:
    """Show the page; a chosen row opens below."""
    names = shown.rows["from_name"].where(shown.rows["from_name"] != "", "")
    rows = shown.rows.assign(
        mark=shown.rows["unread"].map({True: "●", False: ""}),
        clip=shown.rows["attachment"].map({True: "📎", False: ""}),
        sender=[
            _sender(n, a)
            for n, a in zip(names, shown.rows["from_address"], strict=True)
        ],
    )
    key = f"messages-{query.integration_id}-{query.folder_id}-{query.before}-{query.after}"
    chosen = st.dataframe(
        rows,
        hide_index=True,
        height=table_height(len(rows)),
        row_height=ROW_PX,
        column_order=COLUMNS if query.folder_id else [*COLUMNS, "folders"],
        column_config={
            "mark": st.column_config.TextColumn(t("table.new"), width=50),
            "at": moment_column(t, t("table.date")),
            "sender": st.column_config.TextColumn(t("table.from"), width=230),
            "recipients": st.column_config.TextColumn(t("table.to"), width=150),
            "subject": st.column_config.TextColumn(t("field.subject"), width=270),
            "clip": st.column_config.TextColumn(t("table.clip"), width=55),
            "size_bytes": st.column_config.NumberColumn(
                t("table.size"), format="bytes"
            ),
            "folders": t("table.folders"),
        },
        on_select="rerun",
        selection_mode="single-row",
        key=key + query.search,
        alt=t("messages.title"),
    )
    picked = chosen["selection"]["rows"]
    if picked:
        st.query_params["message"] = str(int(rows["message_id"].iloc[picked[0]]))


def details(t: Texts, one: int) -> None:
    """Show the headers of the message named in the address bar, as mere text."""
    if not ask("message").isdecimal():
        return
    found = browse.message(runtime(), one, int(ask("message")))
    with st.container(border=True, key="message_details"):
        for name in ("subject", "from", "to", "cc", "date", "kind", "size", "folders"):
            if value := _detail(t, found, name):
                left, right = st.columns([1, 6])
                left.caption(t(f"detail.{name}"))
                right.text(value)
        st.caption(t("messages.no_body"))


def _sender(name: str, address: str) -> str:
    return f"{name} <{address}>" if name else address


def _detail(t: Texts, m: dict[str, object], name: str) -> str:
    at = m["at"]
    values = {
        "from": _sender(str(m["from_name"]), str(m["from_address"])),
        "to": m["recipients"],
        "cc": m["copied"],
        "date": t.second(at.to_pydatetime()) if isinstance(at, pd.Timestamp) else "",
        "kind": t(f"kind.{m['kind']}") + " · " + t(f"direction.{m['direction']}"),
        "size": t.size(int(str(m["size_bytes"]))),
        "folders": m["folders"] or t("messages.nowhere"),
    }
    return str(values.get(name, m.get(name, "")))


t = texts()
with page(t, "messages"):
    everything = watch.overview(runtime())
    if everything.empty:
        nothing(t, "messages.empty", "integrations")
    else:
        one = pick_integration(t, everything)
        query = filters(t, one)
        shown = browse.page(runtime(), query)
        pager(t, shown)
        if shown.rows.empty:
            st.info(t("messages.none_found" if query.search else "messages.none_yet"))
        else:
            table(t, shown, query)
        details(t, one)
