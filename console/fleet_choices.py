"""What a person may choose on the fleet page: groups with counts, filters, the sort."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from console.fleet_question import NONE, ask, asked, turn
from console.runtime import runtime
from core import fleet
from core.fleet import Group, Page, Sort
from core.i18n import Texts

ICONS = {
    Group.NEEDS_PERSON: "error",
    Group.RETRYING: "schedule",
    Group.WARNING: "warning",
    Group.WAITING: "hourglass_top",
    Group.OK: "check_circle",
    Group.PAUSED: "pause_circle",
    Group.ENDED: "link_off",
}


def totals(t: Texts, shown: Page) -> None:
    """Show how many there are of each group, as buttons that filter."""
    with st.container(horizontal=True, gap="small", key="fleet_totals"):
        _total(t, None, shown.live)
        for group, count in shown.totals.items():
            if count or group is not Group.ENDED:
                _total(t, group, count)


def filters(t: Texts) -> None:
    """Let a person search, filter and sort."""
    search, provider, team, sort = st.columns([3, 2, 2, 2])
    st.session_state["fleet_q"] = ask("q")
    search.text_input(
        t("fleet.search"),
        key="fleet_q",
        icon=":material/search:",
        max_chars=200,
        on_change=lambda: turn(q=st.session_state["fleet_q"]),
    )
    with provider:
        names = fleet.providers(runtime())
        _pick(t, "provider", {one or NONE: name for one, name in names.items()})
    with team:
        _pick(t, "team", {one or NONE: one for one in fleet.teams(runtime())})
    with sort:
        st.session_state["fleet_sort"] = str(asked().sort)
        st.selectbox(
            t("fleet.sort"),
            [str(sort) for sort in Sort],
            format_func=lambda one: t(f"fleet.sorts.{one}"),
            key="fleet_sort",
            on_change=_write_sort,
        )


def _total(t: Texts, group: Group | None, count: int) -> None:
    word = group.word if group is not None else ""
    chosen = asked().group == group
    if st.button(
        t(f"fleet.group.{word or 'all'}", count=count),
        key=f"fleet_group_{word or 'all'}",
        icon=f":material/{ICONS[group] if group is not None else 'dns'}:",
        type="primary" if chosen else "secondary",
        help=t(f"fleet.group_help.{word or 'all'}"),
    ):
        turn(state=word)
        st.rerun()  # the whole page: the matrix follows too


def _pick(t: Texts, name: str, known: Mapping[str, str]) -> None:
    """Let a person choose one of some, or all of them; ids live in the link."""
    key, said = f"fleet_{name}", ask(name)
    titles = {"": t(f"fleet.{name}_all")} | dict(sorted(known.items(), key=_by_title))
    if NONE in titles:
        titles[NONE] = t(f"fleet.{name}_none")
    if said and said not in titles:  # of a link; the database says that there is none
        titles[said] = said
    st.session_state[key] = said
    st.selectbox(
        t(f"table.{name}"),
        list(titles),
        format_func=titles.__getitem__,
        key=key,
        on_change=lambda: turn(**{name: st.session_state[key]}),
    )


def _by_title(known: tuple[str, str]) -> tuple[bool, str]:
    return known[0] == NONE, known[1].casefold()


def _write_sort() -> None:
    chosen = st.session_state["fleet_sort"]
    turn(sort="" if chosen == Sort.WORST else chosen)
