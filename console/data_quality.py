"""How far numbers can be trusted: a sentence beside them, and where to look."""

from __future__ import annotations

import streamlit as st

from console import nav
from console.runtime import runtime
from core import coverage
from core.coverage import Quality
from core.i18n import Texts
from core.scopes import Scope


def line(t: Texts, scope: Scope, zone: str = "") -> Quality:
    """Show how whole the mailboxes of a scope are; give it. `zone`: by which days."""
    found = coverage.quality(runtime(), scope)
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key="data_quality"
    ):
        icon, colour = (
            ("info", "orange") if found.incomplete else ("check_circle", "green")
        )
        sign = f":{colour}[:material/{icon}:]"
        st.caption(f"{sign} {words(t, found, zone)}", width="content")
        if found.incomplete:
            _lead(t, scope, found)
    return found


def words(t: Texts, found: Quality, zone: str = "") -> str:
    """Put it in sentences."""
    said = [_incomplete(t, found)]
    if found.first is not None:
        held = found.first.astimezone(t.zone).date()
        said.append(t("data_quality.first", day=t.day(held)))
    if found.to_count:
        said.append(t("data_quality.to_count", n=found.to_count))
    said.append(t("data_quality.zone", zone=zone or t.zone.key))
    return " ".join(said)


def _incomplete(t: Texts, found: Quality) -> str:
    if not found.live:
        return t("data_quality.none")
    if not found.incomplete:
        return t("data_quality.complete", n=found.live)
    facts = {"n": found.live, "wrong": found.incomplete}
    if found.since is None:
        return t("data_quality.partial", **facts)
    return t("data_quality.since", at=t.moment(found.since), **facts)


def _lead(t: Texts, scope: Scope, found: Quality) -> None:
    """Lead to the mailbox, or to the fleet with what is wrong at its head."""
    if scope.is_mailbox:
        name, asked = "sync", {"integration": scope.text}
    else:
        name = "fleet"
        asked = {"sort": "lag" if found.behind else "coverage"}
        if scope.id:
            asked["team"] = scope.name
    st.page_link(
        nav.path(name),
        label=t("data_quality.look"),
        icon=":material/arrow_forward:",
        query_params=asked,
    )
