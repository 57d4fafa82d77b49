"""The dialog that changes how much is kept of a mailbox; less is for good."""

from __future__ import annotations

import streamlit as st

from console import privacy_choice
from console.runtime import ACTOR, runtime
from console.widgets import guarded, tell
from core import watch
from core.i18n import Texts
from core.model import Privacy

PREFIX = "privacy_"


def button(t: Texts, one: int) -> None:
    """Show the level of a mailbox, and open the dialog that changes it."""
    level = t(f"privacy.{watch.privacy_of(runtime(), one)}.name")
    label = f"{t('privacy.title')}: {level}"
    if st.button(label, key=PREFIX + "open", icon=":material/shield_lock:"):
        _forget()
        st.dialog(t("privacy.title"), width="medium")(body)(t, one)


def body(t: Texts, one: int) -> None:
    """Show the dialog: the levels, what a change would do, and the change."""
    with guarded(t, "privacy"):
        mailbox = watch.integration(runtime(), one)
        st.text(f"{mailbox.owner} · {mailbox.address}")
        now = mailbox.privacy
        chosen = privacy_choice.choose(t, PREFIX + "level", now)
        confirmed = _consequences(t, now, chosen)
        with st.container(horizontal=True):
            changed = st.button(
                t("privacy.change"),
                type="primary",
                disabled=not confirmed,
                key=PREFIX + "change",
            )
            kept = st.button(t("page.cancel"), key=PREFIX + "cancel")
        if changed and confirmed:
            _change(t, one, chosen)
        if changed or kept:
            _forget()
            st.rerun()


def _consequences(t: Texts, now: Privacy, chosen: Privacy) -> bool:
    """Say what a change does; tell whether it may be made."""
    if now.allows_subject and not chosen.allows_subject:
        st.warning(t("privacy.destroys"), icon=":material/delete_forever:")
        return st.checkbox(t("privacy.confirm_erase"), key=PREFIX + "confirmed")
    if chosen.allows_subject and not now.allows_subject:
        st.info(t("privacy.raise_subject"), icon=":material/info:")
    if chosen.allows_body is not now.allows_body:
        st.caption(
            t("privacy.raise_body" if chosen.allows_body else "privacy.lower_body")
        )
    return chosen is not now


def _change(t: Texts, one: int, level: Privacy) -> None:
    place = st.empty()

    def told(done: int, total: int) -> None:
        words = t("privacy.erasing", done=done, total=total)
        place.progress(done / total, text=words)

    erased = watch.set_privacy(runtime(), one, level, ACTOR, told)
    tell(t("privacy.erased", n=erased) if erased else t("privacy.changed"))


def _forget() -> None:
    for name in ("level", "confirmed"):
        st.session_state.pop(PREFIX + name, None)
