"""What is asked of the fleet, as the address bar says it: a link shows the same."""

from __future__ import annotations

import streamlit as st

from core.fleet import Group, Question, Sort

NONE = "-"  # of no provider, in no team
PARTS = ("state", "provider", "team", "q", "sort")


def asked() -> Question:
    """Read the question out of the address bar; what cannot be read is not asked."""
    words = {group.word: group for group in Group}
    sort, page = ask("sort"), ask("page")
    return Question(
        group=words.get(ask("state")),
        provider=_or_none("provider"),
        team=_or_none("team"),
        search=ask("q"),
        sort=Sort(sort) if sort in set(Sort) else Sort.WORST,
        page=int(page) if page.isdecimal() and len(page) < 10 else 1,  # noqa: PLR2004 - digits
    )


def ask(name: str) -> str:
    """Read a part of the question."""
    return st.query_params.get(name, "")


def turn(**changes: str) -> None:
    """Write changes into the address bar; another question begins at its first page."""
    for name, value in {"page": "", **changes}.items():
        if value:
            st.query_params[name] = value
        else:
            st.query_params.pop(name, None)


def forget() -> None:
    """Ask for everything."""
    turn(**dict.fromkeys(PARTS, ""))


def _or_none(name: str) -> str | None:
    said = ask(name)
    return "" if said == NONE else said or None
