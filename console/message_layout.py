"""Which columns a person wants, and in which order: in the link, or by habit."""

from __future__ import annotations

import streamlit as st

from console.message_address import COLUMNS, EVERYWHERE, View, read, write
from console.message_columns import label, usual
from console.message_link import also, asked
from console.runtime import ACTOR, runtime
from core import views
from core.i18n import Texts


def columns(view: View) -> tuple[str, ...]:
    """Give the columns of a view: its own, or those for who chose none."""
    everywhere = view.integration == EVERYWHERE
    return view.cols or usual(everywhere=everywhere, one_folder=bool(view.folder))


def own_way() -> None:
    """Take a person's own columns into an address that names none.

    So the link that they pass on shows the same to others.
    """
    if asked().cols:
        return
    if kept := views.own_way(runtime(), ACTOR):
        own = read({"cols": kept})[0].cols
        if own:  # and nothing else: what cannot be read is still to be told
            st.query_params["cols"] = write(View(cols=own))["cols"]


def popover(t: Texts) -> None:
    """Let a person choose columns, and keep the choice."""
    with (
        st.popover(t("column.choose"), icon=":material/view_column:", key="layout"),
        st.container(width=420, gap="small"),
    ):
        st.session_state["message_columns"] = list(columns(asked()))
        st.multiselect(
            t("column.which"),
            COLUMNS,
            format_func=lambda name: label(t, name),
            key="message_columns",
            placeholder=t("column.none"),
            on_change=_choose,
        )
        st.caption(t("column.order"))
        with st.container(horizontal=True):
            st.button(t("column.keep"), key="columns_keep", on_click=_keep)
            st.button(
                t("column.usual"), key="columns_usual", type="tertiary", on_click=_usual
            )


def _choose() -> None:
    also(cols=tuple(st.session_state["message_columns"]))


def _keep() -> None:
    own = write(View(cols=columns(asked())))["cols"]
    views.set_own_way(runtime(), ACTOR, own)
    also(cols=columns(asked()))


def _usual() -> None:
    views.set_own_way(runtime(), ACTOR, "")
    also(cols=())
