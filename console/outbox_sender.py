"""How a mailbox sends: the name in From, the signature, aliases, and its limits."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from console.runtime import ACTOR, runtime
from console.sending_gauge import gauge
from console.widgets import escaped, refused, tell
from core import outbox
from core.errors import BadInput
from core.i18n import Texts
from core.model import Integration

PREFIX = "sender_"
HOUR_MOST, DAY_MOST = 10_000, 100_000
SIGNATURE_PX, ALIASES_PX = 120, 80
SIGNATURE_MOST, ALIASES_MOST, NAME_MOST = 5_000, 10_000, 200
FIELDS = ("name", "signature", "aliases", "per_hour", "per_day")


def panel(t: Texts, one: Integration, *, opened: bool) -> None:
    """Show how a mailbox sends, and let a person change it."""
    with st.expander(
        t("outbox.sender", address=escaped(one.address)),
        icon=":material/settings:",
        expanded=opened,
    ):
        gauge(t, one.id)
        known = outbox.sender_of(runtime(), one.id)
        _fill(one.id, known)
        _fields(t, one)
        typed = _typed(one.id, known)
        if st.button(
            t("outbox.sender_save"),
            key="sender_save",
            type="primary",
            icon=":material/save:",
            disabled=typed == known,
        ):
            _save(t, one.id, typed)


def _fill(one: int, known: outbox.SenderSettings) -> None:
    """Give the fields what is stored, unless something is typed in them."""
    values = {
        "name": known.name,
        "signature": known.signature,
        "aliases": "\n".join(known.aliases),
        "per_hour": known.per_hour,
        "per_day": known.per_day,
    }
    for name, value in values.items():
        st.session_state.setdefault(_key(one, name), value)


def _fields(t: Texts, one: Integration) -> None:
    left, right = st.columns(2)
    with left:
        st.text_input(
            t("outbox.sender_name"), key=_key(one.id, "name"), max_chars=NAME_MOST,
            placeholder=one.owner, autocomplete="off",
            help=t("outbox.sender_name_help"),
        )  # fmt: skip
        st.text_area(
            t("outbox.sender_aliases"), key=_key(one.id, "aliases"), height=ALIASES_PX,
            max_chars=ALIASES_MOST, help=t("outbox.sender_aliases_help"),
        )  # fmt: skip
        hour, day = st.columns(2)
        hour.number_input(
            t("outbox.per_hour"), key=_key(one.id, "per_hour"), min_value=1,
            max_value=HOUR_MOST, step=10,
        )  # fmt: skip
        day.number_input(
            t("outbox.per_day"), key=_key(one.id, "per_day"), min_value=1,
            max_value=DAY_MOST, step=50, help=t("outbox.limits_help"),
        )  # fmt: skip
    with right:
        st.text_area(
            t("outbox.sender_signature"), key=_key(one.id, "signature"),
            height=SIGNATURE_PX, max_chars=SIGNATURE_MOST,
            help=t("outbox.sender_signature_help"),
        )  # fmt: skip


def _typed(one: int, known: outbox.SenderSettings) -> outbox.SenderSettings:
    said = {name: st.session_state[_key(one, name)] for name in FIELDS}
    lines = str(said["aliases"] or "").replace(",", "\n").splitlines()
    return replace(
        known,
        name=str(said["name"] or "").strip(),
        signature=str(said["signature"] or "").rstrip(),
        aliases=tuple(line.strip() for line in lines if line.strip()),
        per_hour=int(said["per_hour"] or 0),
        per_day=int(said["per_day"] or 0),
    )


def _save(t: Texts, one: int, typed: outbox.SenderSettings) -> None:
    try:
        outbox.set_sender(runtime(), one, typed, ACTOR)
    except BadInput as error:
        refused(t, error)
        return
    for name in FIELDS:  # they show what was stored
        del st.session_state[_key(one, name)]
    tell(t("outbox.sender_saved"))
    st.rerun()


def _key(one: int, name: str) -> str:
    return f"{PREFIX}{one}_{name}"
