"""Tables of the sync status page: frames in, shown with labels of the language."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from console.widgets import NONE, Row, moment_column, number_column
from core.i18n import Texts

FOLDER_COLUMNS = "title role held on_server unread coverage compared_at".split()


def folders_table(t: Texts, found: pd.DataFrame) -> None:
    """Show each folder: counts here and on the server, and whether they agree."""
    shown = found[found["selectable"] & found["missing_since"].isna()]
    if shown.empty:
        st.caption(t("sync.no_folders"))
        return
    shown = shown.assign(
        role=[_role(t, r) for r in shown.to_dict("records")],
        coverage=[_coverage(t, r) for r in shown.to_dict("records")],
    )
    st.dataframe(
        shown,
        hide_index=True,
        placeholder=NONE,
        column_order=FOLDER_COLUMNS,
        column_config={
            "title": t("table.folder"),
            "role": t("table.role"),
            "held": number_column(t("table.held")),
            "on_server": number_column(t("table.on_server")),
            "unread": number_column(t("table.unread")),
            "coverage": st.column_config.TextColumn(t("table.coverage"), width=210),
            "compared_at": moment_column(t, t("table.compared_at")),
        },
        key="folders",
        alt=t("sync.folders"),
    )


def runs_table(t: Texts, found: pd.DataFrame) -> None:
    """Show the newest runs: when, why, how they ended, what changed."""
    if found.empty:
        st.caption(t("sync.no_runs"))
        return
    shown = found.assign(
        trigger=[t(f"trigger.{x}") for x in found["trigger"]],
        outcome=[_outcome(t, r) for r in found.to_dict("records")],
        took=[_took(t, r) for r in found.to_dict("records")],
    )
    counts = ("added", "read", "flagged", "moved", "gone", "poisoned")
    st.dataframe(
        shown,
        hide_index=True,
        placeholder=NONE,
        column_order=["started_at", "trigger", "outcome", *counts, "took"],
        column_config={
            "started_at": moment_column(t, t("table.started_at")),
            "trigger": t("table.trigger"),
            "outcome": st.column_config.TextColumn(t("table.outcome"), width=200),
            **{name: number_column(t(f"change.{name}")) for name in counts},
            "took": t("table.took"),
        },
        key="runs",
        alt=t("sync.runs"),
    )


def events_table(t: Texts, found: pd.DataFrame) -> None:
    """Show what was worth telling."""
    if found.empty:
        st.caption(t("sync.no_events"))
        return
    shown = found.assign(what=[_event(t, r) for r in found.to_dict("records")])
    st.dataframe(
        shown,
        hide_index=True,
        placeholder=NONE,
        column_order=["at", "what"],
        column_config={
            "at": moment_column(t, t("table.at")),
            "what": t("table.event"),
        },
        key="events",
        alt=t("sync.events"),
    )


def short(t: Texts, code: str) -> str:
    """Name a problem in a few words; those that have none are named in general."""
    return t(f"short.{code}") if t.has(f"short.{code}") else t("short.other")


def _role(t: Texts, row: Row) -> str:
    role = t(f"role.{row['role']}")
    return t("role_by_hand.mark", role=role) if row["role_by_hand"] else role


def _coverage(t: Texts, row: Row) -> str:
    """Say of a row of `watch.folders` whether all of it is held, and what is not."""
    held, stated = int(row["held"]), row["on_server"]
    if isinstance(row["problem_code"], str):
        return t("coverage.refused")
    if _is_there(row["building_uidvalidity"]):
        return t("coverage.rebuilding")
    if not _is_there(stated):
        return t("coverage.begun" if _is_there(row["low"]) else "coverage.unknown")
    if row["low"] > 1:
        return t("coverage.filling", held=held, stated=int(stated))
    if row["capped"]:
        return t("coverage.capped")
    return _short_by(t, int(stated) - held, int(row["poisoned"]))


def _is_there(cell: Any) -> bool:
    return not bool(pd.isna(cell))


def _short_by(t: Texts, short: int, unreadable: int) -> str:
    if short <= 0:
        return t("coverage.complete")
    if short <= unreadable:
        return t("coverage.unreadable", n=short)
    return t("coverage.short", n=short)


def _outcome(t: Texts, row: Row) -> str:
    word = t(f"outcome.{row['outcome']}")
    code = row["problem_code"]
    return f"{word}: {short(t, code)}" if isinstance(code, str) else word


def _took(t: Texts, row: Row) -> str:
    end, start = row["finished_at"], row["started_at"]
    if not isinstance(end, pd.Timestamp) or not isinstance(start, pd.Timestamp):
        return ""
    return t.duration((end - start).total_seconds())


def _event(t: Texts, row: Row) -> str:
    facts = row["facts"] if isinstance(row["facts"], dict) else {}
    word = t(f"event.{row['what']}", words=facts.get("words", ""))
    if code := facts.get("problem"):
        return f"{word}: {short(t, code)}"
    if level := facts.get("level"):
        return f"{word}: {t(f'privacy.{level}.name')}"
    if state := facts.get("state"):
        return f"{word}: {t(f'state.{state}')}"
    return word
