"""Messages: a table per integration and folder, newest first, paged by key."""

import streamlit as st

from console.language import texts
from console.message_acts import bar, state
from console.message_export import export
from console.message_preview import preview
from console.message_table import details, table
from console.pick import pick_folder, pick_integration
from console.privacy_banner import banner
from console.runtime import runtime
from console.widgets import guarded, nothing, page
from core import browse, watch
from core.browse import Page, Question
from core.i18n import Texts


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


def filters(t: Texts) -> Question | None:
    """Let a person choose integration, folder and words; give the question."""
    left, middle, right = st.columns([3, 2, 3])
    with left:
        if (one := pick_integration(t)) is None:
            return None
    with middle:
        folder = pick_folder(t, one, t("messages.all_folders"))
    st.session_state["search"] = ask("q")
    right.text_input(
        t("messages.search"),
        key="search",
        icon=":material/search:",
        max_chars=200,
        on_change=lambda: turn(q=st.session_state["search"]),
    )
    return Question((one,), folder, ask("q"))


def pager(t: Texts, question: Question, shown: Page) -> None:
    """Show how many there are, and the way to newer and older ones."""
    with st.container(horizontal=True, vertical_alignment="center"):
        found = browse.count(runtime(), question)
        st.text(t("messages.count" if found.exact else "messages.more", n=found.found))
        export(t, question, [int(one)] if (one := ask("message")).isdecimal() else [])
        st.space("stretch")
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


def results(t: Texts, query: Question) -> None:
    """Show the messages that were asked for, or say why there are none."""
    shown = browse.page(runtime(), query, before=ask("before"), after=ask("after"))
    pager(t, query, shown)
    if not shown.rows.empty:
        table(t, shown, query)
        return
    reading = watch.advance(runtime(), query.integrations[0]) is not None
    key = "none_found" if query.search else "reading" if reading else "none_yet"
    st.info(t(f"messages.{key}"), icon=":material/info:")


t = texts()
with page(t, "messages"):
    if (query := filters(t)) is None:
        nothing(t, "messages.empty", "integrations")
    else:
        banner(t, query.integrations[0])
        state(t, query.integrations[0])
        results(t, query)
        if ask("message").isdecimal():
            with guarded(t, "messages"):
                wanted = int(ask("message"))
                bar(t, query.integrations[0], [wanted], query.folder_id)
                details(t, browse.message(runtime(), query.integrations[0], wanted))
                preview(t, query.integrations[0], wanted)
