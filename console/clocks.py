"""The clocks of an integration: the last sync and the next one, mail seen, login."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from console.widgets import NONE, Row, moment_of
from core.i18n import Texts

NAMES = ("last_sync_at", "next_at", "seen_at", "login_ok_at")


def clocks(t: Texts, row: Row, now: datetime, *, stopped: bool) -> None:
    """Show each clock of a row of `watch.overview`; `stopped`: no sync is to come."""
    for column, name in zip(st.columns(4), NAMES, strict=True):
        at = None if stopped and name == "next_at" else moment_of(row, name)
        value = _next(t, at, now) if name == "next_at" else _last(t, at, now)
        with column.container(border=True, height="stretch", gap="xxsmall"):
            st.metric(t(f"sync.{name}"), value, help=t(f"sync.{name}_help"))
            st.caption(t.second(at) if at else NONE)


def _last(t: Texts, at: datetime | None, now: datetime) -> str:
    return t.ago(at, now) if at else t("sync.never")


def _next(t: Texts, at: datetime | None, now: datetime) -> str:
    if at is None:
        return t("sync.not_planned")
    return t("sync.due") if at <= now else t.ago(at, now)
