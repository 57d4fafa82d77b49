"""How much a mailbox has sent of what it may send, in bars and in words."""

from __future__ import annotations

import streamlit as st

from console.runtime import runtime
from core import outbox
from core.i18n import Texts


def gauge(t: Texts, integration_id: int) -> None:
    """Show what was sent in this hour and in this day, and when there is room again."""
    found = outbox.gauge(runtime(), integration_id)
    parts = (
        ("hour", found.in_hour, found.per_hour),
        ("day", found.in_day, found.per_day),
    )
    for column, (span, count, most) in zip(st.columns(2), parts, strict=True):
        words = t(f"outbox.gauge_{span}", count=count, most=most)
        column.progress(min(1.0, count / most) if most else 1.0, text=words)
    if found.free_at is not None:
        words = t("outbox.gauge_full", at=t.moment(found.free_at))
        st.caption(f":material/hourglass_top: {words}")
