"""How sure a number is: a badge beside it, which leads to what that means."""

from __future__ import annotations

import streamlit as st

from console import nav
from core.availability import Level, Metric, level
from core.i18n import Texts

# Never colour alone: each has a sign and a word.
SIGNS = {
    Level.EXACT: (":material/verified:", "green"),
    Level.DERIVED: (":material/rule:", "blue"),
    Level.EVIDENCE: (":material/visibility:", "violet"),
    Level.NONE: (":material/block:", "gray"),
}


def badge(t: Texts, metric: Metric) -> None:
    """Show how sure a metric is; it is a link to its row of the matrix."""
    st.page_link(
        nav.path("availability"),
        label=badge_text(t, level(metric)),
        query_params={"metric": str(metric)},
        help=t("availability.see"),
    )


def badge_text(t: Texts, one: Level) -> str:
    """Write a level as a badge of Markdown."""
    sign, colour = SIGNS[one]
    return f":{colour}-badge[{sign} {t(f'level.{one}.word')}]"
