"""The card of a mailbox's server: software, TLS, quota, clock, what it can do."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import streamlit as st

from console.widgets import NONE
from core.i18n import Texts
from core.text import harmless
from core.watch import Certificate, Quota, ServerCard

CLOCK_AGREES_S = 2


def server_card(t: Texts, card: ServerCard | None, now: datetime) -> None:
    """Show what a server showed of itself, or say that it was not asked yet."""
    if card is None:
        with st.container(border=True):
            st.markdown(f"**{t('server_card.none')}**")
            st.markdown(t("server_card.none_text"))
        return
    st.caption(t("server_card.noted", at=t.moment(card.noted_at)))
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        _fact(t, "software", harmless(card.software) or t("server_card.unnamed"))
        _fact(t, "clock", _clock(t, card.clock_ahead_s))
        _quota(t, card.quota)
    with right.container(border=True, height="stretch"):
        secure = " · ".join(filter(None, (card.tls_version, card.cipher)))
        _fact(t, "tls", harmless(secure) or t("server_card.no_tls"))
        if card.certificate is not None:
            _certificate(t, card.certificate, now)
    _capabilities(t, card)


def _fact(t: Texts, name: str, value: str) -> None:
    with st.container(gap="xxsmall"):
        st.caption(t(f"server_card.{name}"))
        st.text(value)


def _clock(t: Texts, ahead_s: int | None) -> str:
    if ahead_s is None:
        return t("server_card.clock_unknown")
    if abs(ahead_s) <= CLOCK_AGREES_S:
        return t("server_card.clock_agrees")
    which = "ahead" if ahead_s > 0 else "behind"
    return t(f"server_card.clock_{which}", span=t.duration(abs(ahead_s)))


def _quota(t: Texts, quota: Quota | None) -> None:
    if quota is None:
        _fact(t, "quota", t("server_card.no_quota"))
        return
    used, limit = t.size(quota.used_bytes), t.size(quota.limit_bytes)
    st.caption(t("server_card.quota"))
    st.progress(quota.share, text=t("server_card.in_use", used=used, limit=limit))


def _certificate(t: Texts, one: Certificate, now: datetime) -> None:
    _fact(t, "issuer", harmless(one.issuer) or NONE)
    if one.expires_at is not None:
        when = f"{t.moment(one.expires_at)} ({t.ago(one.expires_at, now)})"
        _fact(t, "expires", when)
    if one.changed_at is not None:
        before = harmless(one.issuer_before) or NONE
        at = t.moment(one.changed_at)
        _fact(t, "changed", t("server_card.changed_from", before=before, at=at))
    if one.fingerprint:
        _fact(t, "fingerprint", one.fingerprint[:16] + "…")


def _capabilities(t: Texts, card: ServerCard) -> None:
    rows = [
        {
            "name": harmless(one.name),
            "rfc": str(one.rfc) if one.rfc else "",
            "use": t(f"capability.{one.use}") if one.use else "",
            "used": one.used,
        }
        for one in card.capabilities
    ]
    st.dataframe(
        pd.DataFrame(rows, columns=["name", "rfc", "use", "used"]),
        hide_index=True,
        placeholder=NONE,
        column_config={
            "name": st.column_config.TextColumn(t("server_card.capability"), width=190),
            "rfc": st.column_config.TextColumn("RFC", width=60),
            "use": st.column_config.TextColumn(t("server_card.use"), width="large"),
            "used": st.column_config.CheckboxColumn(t("server_card.used"), width=110),
        },
        key="capabilities",
        alt=t("server_card.capability"),
    )
