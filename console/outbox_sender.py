"""How a mailbox sends: the name in From, the signature, aliases, and its limits."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from console.runtime import ACTOR, runtime
from console.sending_gauge import gauge
from console.widgets import refused, tell
from core import outbox
from core.errors import BadInput
from core.i18n import Texts
from core.model import Integration

TURN = "sender_turn"
HOUR_MOST, DAY_MOST = 10_000, 100_000
SIGNATURE_PX, ALIASES_PX = 120, 80
SIGNATURE_MOST, ALIASES_MOST, NAME_MOST = 5_000, 10_000, 200


def panel(t: Texts, one: Integration, *, opened: bool) -> None:
    """Show how a mailbox sends, and let a person change it."""
    with st.expander(
        t("outbox.sender"),
        icon=":material/settings:",
        expanded=opened,
    ):
        gauge(t, one.id)
        known = outbox.sender_of(runtime(), one.id)
        typed = _fields(t, one, known)
        if st.button(
            t("outbox.sender_save"),
            key="sender_save",
            type="primary",
            icon=":material/save:",
            disabled=typed == known,
        ):
            _save(t, one.id, typed)


def _fields(
    t: Texts, one: Integration, known: outbox.SenderSettings
) -> outbox.SenderSettings:
    left, right = st.columns(2)
    with left:
        name = st.text_input(
            t("outbox.sender_name"), known.name, max_chars=NAME_MOST,
            key=_key(one, "name"), placeholder=one.owner, autocomplete="off",
            help=t("outbox.sender_name_help"),
        )  # fmt: skip
        aliases = st.text_area(
            t("outbox.sender_aliases"), "\n".join(known.aliases), height=ALIASES_PX,
            key=_key(one, "aliases"), max_chars=ALIASES_MOST,
            help=t("outbox.sender_aliases_help"),
        )  # fmt: skip
        hour, day = st.columns(2)
        per_hour = hour.number_input(
            t("outbox.per_hour"), 1, HOUR_MOST, known.per_hour, step=10,
            key=_key(one, "per_hour"),
        )  # fmt: skip
        per_day = day.number_input(
            t("outbox.per_day"), 1, DAY_MOST, known.per_day, step=50,
            key=_key(one, "per_day"), help=t("outbox.limits_help"),
        )  # fmt: skip
    with right:
        signature = st.text_area(
            t("outbox.sender_signature"), known.signature, height=SIGNATURE_PX,
            key=_key(one, "signature"), max_chars=SIGNATURE_MOST,
            help=t("outbox.sender_signature_help"),
        )  # fmt: skip
    lines = (aliases or "").replace(",", "\n").splitlines()
    return replace(
        known,
        name=(name or "").strip() or known.name,
        signature=(signature or "").strip(),
        aliases=tuple(line.strip() for line in lines if line.strip()),
        per_hour=int(per_hour),
        per_day=int(per_day),
    )


def _save(t: Texts, one: int, typed: outbox.SenderSettings) -> None:
    try:
        outbox.set_sender(runtime(), one, typed, ACTOR)
    except BadInput as error:
        refused(t, error)
        return
    st.session_state[TURN] = st.session_state.get(TURN, 0) + 1
    tell(t("outbox.sender_saved"))
    st.rerun()


def _key(one: Integration, name: str) -> str:
    """Give a key that is new once it was saved: the fields show what was stored."""
    return f"sender_{one.id}_{name}_{st.session_state.get(TURN, 0)}"
