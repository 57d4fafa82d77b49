"""What is asked of the activity panel, as the address bar says it."""

from __future__ import annotations

import streamlit as st

from console.runtime import runtime
from core.activities import Model, Question, State
from core.i18n import Texts

OPEN, ALL = "open", "all"
GROUPS = (OPEN, *map(str, (State.LATE, State.TODAY, State.UPCOMING)),
          str(State.DONE), str(State.ANSWERED), ALL)  # fmt: skip
SEARCH_MOST, DIGITS_MOST = 200, 10


def asked(t: Texts) -> Question:
    """Read the question out of the address bar; what cannot be read is not asked."""
    state, model = ask("state"), ask("model")
    return Question(
        today=runtime().clock().astimezone(t.zone).date(),
        state=state if state in GROUPS else OPEN,
        search=ask("q")[:SEARCH_MOST],
        model=model if model in set(Model) else "",
        owner_id=_number("owner"),
        after=ask("after"),
        before=ask("before"),
    )


def chosen() -> int:
    """Give the activity that is open, or 0."""
    return _number("activity")


def open_one(activity_id: int) -> None:
    """Open an activity, or none (0); another one is not being executed yet."""
    st.session_state.pop("executing", None)
    if activity_id:
        st.query_params["activity"] = str(activity_id)
    else:
        st.query_params.pop("activity", None)


def ask(name: str) -> str:
    """Read a part of the question."""
    return st.query_params.get(name, "")


def turn(**changes: str) -> None:
    """Write changes into the address bar; another question begins at its first page."""
    for name, value in {"after": "", "before": "", **changes}.items():
        if value:
            st.query_params[name] = value
        else:
            st.query_params.pop(name, None)


def _number(name: str) -> int:
    said = ask(name)
    numbered = said.isascii() and said.isdecimal() and len(said) <= DIGITS_MOST
    return int(said) if numbered else 0
