"""What became of mail by template and by owner; a row leads to its mails."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from console import nav
from console.widgets import NONE, ROW_PX, number_column, table_height
from core.i18n import Texts
from core.ladder import STEPS

ROWS = 12
ANSWERED = "answered_share"


def by_template(t: Texts, found: pd.DataFrame) -> None:
    """Show a row for each template, and one for mail without."""
    none = t("delivery.no_template")
    shown = found.assign(template=[one or none for one in found["template"]])
    names = {"template": st.column_config.TextColumn(t("delivery.template"))}
    chosen = _table(t, "templates", shown, names)
    if chosen is not None:
        _go(template=str(found["template_id"].iloc[chosen] or "none"))


def by_owner(t: Texts, found: pd.DataFrame) -> None:
    """Show a row for each owner's mailbox."""
    names = {
        "owner": st.column_config.TextColumn(t("table.owner")),
        "address": st.column_config.TextColumn(t("delivery.mailbox")),
    }
    chosen = _table(t, "owners", found, names)
    if chosen is not None:
        _go(integration=str(found["integration_id"].iloc[chosen]))


def _table(
    t: Texts, name: str, found: pd.DataFrame, names: dict[str, Any]
) -> int | None:
    """Show counts, and of those answered the share; give the row that is chosen."""
    sent = found["sent"].where(found["sent"] > 0)
    shown = found.assign(**{ANSWERED: (found["answered"] / sent).astype("float64")})
    counts = {step: number_column(t(f"delivery.step.{step}")) for step in STEPS}
    answered = st.column_config.NumberColumn(
        t("delivery.answered_share"), format="percent", width=110
    )
    event = st.dataframe(
        shown,
        hide_index=True,
        height=table_height(len(shown), ROWS),
        row_height=ROW_PX,
        placeholder=NONE,
        column_order=[*names, *STEPS, ANSWERED],
        column_config={**names, **counts, ANSWERED: answered},
        on_select="rerun",
        selection_mode="single-row",
        key=f"delivery_{name}_table",
        alt=t(f"delivery.by_{name}"),
    )
    rows: list[int] = event["selection"]["rows"]
    return rows[0] if rows and rows[0] < len(shown) else None


def _go(**asked: str) -> None:
    st.switch_page(nav.path("outbox"), query_params={"integration": "all", **asked})
