"""Views of the messages page that a person keeps, by name."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from console.message_address import View, read, write
from console.message_link import asked, show
from console.runtime import ACTOR, runtime
from console.widgets import escaped, refused
from core import views
from core.errors import BadInput, NotFound
from core.i18n import Texts
from core.views import View as Saved

GONE = "view_deleted"  # the one that was deleted last: it can be brought back
ERROR = "view_error"


def popover(t: Texts) -> None:
    """List the views of a person; open, save or delete one."""
    with (
        st.popover(t("view.open"), icon=":material/bookmark:", key="message_views"),
        st.container(width=420, gap="small"),
    ):
        found = views.saved(runtime(), ACTOR)
        if not found:
            st.caption(t("view.none"))
        for one in found:
            _line(t, one)
        _brought_back(t)
        _save(t)


def query() -> str:
    """Give what is shown as the query of an address, from its first page."""
    here = replace(asked(), before="", after="", message=0)
    return urlencode(write(here))


def stored(one: Saved) -> View:
    """Give what a view shows; what cannot be read of it today is left out."""
    return read(dict(parse_qsl(one.asked)))[0]


def _line(t: Texts, one: Saved) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        # No link: Streamlit 1.67 leaves the address bar as it was within one page.
        st.button(
            escaped(one.name),
            icon=":material/bookmark:",
            key=f"view_{one.id}",
            type="tertiary",
            on_click=show,
            args=(stored(one),),
        )
        st.space("stretch")
        st.button(
            t("view.delete"),
            icon=":material/delete:",
            key=f"view_delete_{one.id}",
            type="tertiary",
            on_click=_delete,
            args=(one.id,),
        )


def _save(t: Texts) -> None:
    st.text_input(
        t("view.name"),
        key="view_name",
        max_chars=views.NAME_MOST,
        help=t("view.name_help"),
    )
    st.button(
        t("view.save"), key="view_save", icon=":material/bookmark_add:", on_click=_keep
    )
    error = st.session_state.pop(ERROR, None)
    if isinstance(error, BadInput):
        refused(t, error)
        if error.problem == "view_taken":
            st.button(
                t("view.replace"), key="view_replace", on_click=_keep, args=(True,)
            )


def _brought_back(t: Texts) -> None:
    gone = st.session_state.get(GONE)
    if isinstance(gone, Saved):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(t("view.deleted", name=gone.name), width="stretch")
            st.button(
                t("view.undo"), key="view_undo", type="tertiary", on_click=_bring_back
            )


def _keep(replace: bool = False) -> None:
    name = str(st.session_state.get("view_name", ""))
    try:
        views.save(runtime(), ACTOR, name, query(), replace=replace)
    except BadInput as error:
        st.session_state[ERROR] = error
    else:
        st.session_state["view_name"] = ""
        st.session_state.pop(GONE, None)


def _delete(view_id: int) -> None:
    try:
        st.session_state[GONE] = views.delete(runtime(), ACTOR, view_id)
    except NotFound:  # it was deleted elsewhere meanwhile
        st.session_state.pop(GONE, None)


def _bring_back() -> None:
    gone = st.session_state.pop(GONE)
    try:
        views.save(runtime(), ACTOR, gone.name, gone.asked)
    except BadInput as error:
        st.session_state[ERROR] = error
