"""How sure a number is: a badge beside it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.availability import IMAP, Level, Metric
from core.i18n import Texts

SHOWN: dict[Level, tuple[str, Any]] = {
    Level.EXACT: (":material/verified:", "green"),
    Level.DERIVED: (":material/rule:", "blue"),
    Level.EVIDENCE: (":material/visibility:", "violet"),
    Level.NONE: (":material/block:", "gray"),
}


def badge(t: Texts, metric: Metric) -> None:
    """Show how sure a metric is by IMAP."""
    level = IMAP[metric]
    icon, colour = SHOWN[level]
    st.badge(t(f"availability.{level}"), icon=icon, color=colour)
