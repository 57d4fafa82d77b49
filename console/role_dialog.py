"""The dialog that says what a folder is for, when the guess is wrong."""

from __future__ import annotations

import streamlit as st

from console.runtime import ACTOR, runtime
from console.widgets import guarded, tell
from core import watch
from core.folder_roles import CHOICES
from core.i18n import Texts
from core.model import Role

GUESS = "guess"
OPTIONS = [GUESS, *(str(role) for role in CHOICES)]


def button(t: Texts, one: int) -> None:
    """Offer the dialog, in which a person chooses a folder and its role."""
    if st.button(t("role_by_hand.open"), key="roles", icon=":material/label:"):
        _show(t, one)


def _show(t: Texts, one: int) -> None:
    st.dialog(t("role_by_hand.title"))(_body)(t, one)


def _body(t: Texts, one: int) -> None:
    with guarded(t, "roles"):
        found = watch.folders(runtime(), one)
        found = found[found["selectable"] & found["missing_since"].isna()]
        found = found[found["role"] != Role.INBOX]
        rows = {int(row["id"]): row for row in found.to_dict("records")}
        st.markdown(t("role_by_hand.text"))
        if not rows:
            st.caption(t("sync.no_folders"))
            return
        folder = st.selectbox(
            t("table.folder"),
            list(rows),
            format_func=lambda i: str(rows[i]["title"]),
            key="role_folder",
        )
        now = str(rows[folder]["role_by_hand"]) or GUESS
        st.selectbox(
            t("table.role"),
            OPTIONS,
            index=OPTIONS.index(now),
            format_func=lambda r: t(
                "role_by_hand.guess" if r == GUESS else f"role.{r}"
            ),
            key=f"role_of_{folder}",
        )
        st.caption(t("role_by_hand.follows"))
        with st.container(horizontal=True):
            changed = st.button(
                t("role_by_hand.change"),
                type="primary",
                key="role_change",
                on_click=_change,
                args=(t, folder),
            )
            kept = st.button(t("page.cancel"), key="role_cancel")
        if changed or kept:
            st.rerun()


def _change(t: Texts, folder: int) -> None:
    chosen = str(st.session_state[f"role_of_{folder}"])
    role = None if chosen == GUESS else Role(chosen)
    watch.set_role(runtime(), folder, role, ACTOR)
    tell(t("role_by_hand.changed"))
