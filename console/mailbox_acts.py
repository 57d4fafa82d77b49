"""What a person can do with a mailbox: sync, pause, check, reconnect, disconnect."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from console import disconnect_dialog, nav, privacy_dialog
from console.runtime import ACTOR, runtime
from console.widgets import tell
from core import fleet, watch
from core.errors import BadInput
from core.i18n import Texts
from core.model import State
from core.runtime import Runtime
from core.words import problem

Act = Callable[[Runtime, int, str], None]


def acts(t: Texts, one: int) -> bool:
    """Offer every act; tell whether the mailbox is live, and there are any.

    What a paused mailbox cannot do is shown, and cannot be pressed.

    Outside of what is drawn again by itself: dialogs that open inside of that go dead
    (Streamlit issue 17011).
    """
    stands = watch.standing(runtime(), one)
    if stands.disconnected_at is not None:
        return False
    paused = stands.state is State.PAUSED
    with st.container(horizontal=True, key="acts"):
        _ask(t, "now", "sync", one, watch.sync_now, off=paused)
        if paused:
            _change(t, "resume", "play_arrow", one, watch.resume)
        else:
            _change(t, "pause", "pause", one, watch.pause)
        _ask(t, "check", "troubleshoot", one, watch.check_again, off=paused)
        if st.button(
            t("integrations.reconnect"), key="sync_reconnect", icon=":material/key:"
        ):
            st.switch_page(
                nav.path("integrations"), query_params={"reconnect": str(one)}
            )
        if st.button(
            t("integrations.disconnect"),
            key="sync_disconnect",
            icon=":material/link_off:",
        ):
            disconnect_dialog.show(t, watch.integration(runtime(), one))
        privacy_dialog.button(t, one)
        _team(t, one)
    return True


def _team(t: Texts, one: int) -> None:
    """Show the team of the owner, and let a person change it."""
    kept = str(watch.one(runtime(), one)["team"])
    with st.popover(kept or t("mailbox.no_team"), icon=":material/groups:"):
        key = f"team_{one}"
        st.session_state.setdefault(key, kept)
        st.text_input(
            t("mailbox.team"),
            key=key,
            max_chars=80,
            help=t("mailbox.team_help"),
            on_change=_set_team,
            args=(t, one, key),
        )


def _set_team(t: Texts, one: int, key: str) -> None:
    try:
        fleet.set_team(runtime(), one, str(st.session_state[key]), ACTOR)
    except BadInput as error:
        tell(problem(t, error))
    else:
        tell(t("mailbox.team_saved"))


def _ask(t: Texts, name: str, icon: str, one: int, act: Act, *, off: bool) -> None:
    """Offer what a worker is to do as soon as it can."""
    if st.button(
        t(f"sync.{name}"),
        key=f"sync_{name}",
        icon=f":material/{icon}:",
        disabled=off,
        help=t("sync.check_help") if name == "check" else None,
    ):
        act(runtime(), one, ACTOR)
        st.toast(t("sync.asked"), icon=f":material/{icon}:")


def _change(t: Texts, name: str, icon: str, one: int, act: Act) -> None:
    if st.button(t(f"sync.{name}"), key=f"sync_{name}", icon=f":material/{icon}:"):
        act(runtime(), one, ACTOR)
        tell(t(f"sync.{name}d"))
        st.rerun()
