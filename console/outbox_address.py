"""The address bar of the outbox: which mail, which stage, and where a page begins."""

from __future__ import annotations

import streamlit as st

from console.pick import DIGITS_MOST
from core.outgoing import Picked, Seen, Stage

PLACE = ("mail", "before")
PICKED = ("template", "seen")
NONE = "none"  # no template


def stage() -> Stage | None:
    """Give the stage that is asked for; None: all."""
    said = st.query_params.get("stage", "")
    return Stage(said) if said in set(Stage) else None


def picked() -> Picked:
    """Give which mails are asked for by template, and by what was seen of them."""
    template = number("template") or None
    if st.query_params.get("template") == NONE:
        template = 0
    name = st.query_params.get("seen", "").upper()
    return Picked(template, Seen.__members__.get(name))


def number(name: str) -> int:
    """Give a part that is a number; 0 where it is none."""
    said = st.query_params.get(name, "")
    return int(said) if said.isdecimal() and len(said) <= DIGITS_MOST else 0


def turn(**changes: str) -> None:
    """Change parts of the address; another question begins at its first page."""
    for name, value in {**dict.fromkeys(PLACE, ""), **changes}.items():
        also(name, value)


def also(name: str, value: str) -> None:
    """Change one part, and nothing else."""
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)
