"""More that messages can be filtered by, and which of it is active, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from console.message_address import DIRECTIONS, FILTERS, KINDS, View, filtered
from console.message_link import asked, clear, turn
from console.pick import EVERY
from console.runtime import runtime
from console.widgets import escaped
from core import watch
from core.i18n import Texts

TEXTS = ("sender", "recipient", "domain", "subject")
STATES = ("unread", "flagged", "answered", "attachment", "replied", "threaded")
SIZES = (0, 100_000, 1_000_000, 5_000_000, 10_000_000, 25_000_000)
ANY, YES, NO = "any", "yes", "no"
CHIP_MOST = 60  # characters


def more(t: Texts) -> None:
    """Offer every filter, in a popover; each works at once."""
    count = len(set(filtered(asked())) - {"q", "folder", "period", "since", "until"})
    words = t("filter.more_of", n=count) if count else t("filter.more")
    with st.popover(
        words, icon=":material/filter_list:", key="message_filters", width="content"
    ):
        left, right = st.columns(2, gap="medium", width=560)
        with left:
            for name in TEXTS:
                _text(t, name)
            _choice(t, "direction", ("", *DIRECTIONS), lambda one: _way(t, one))
        with right:
            _kinds(t)
            _choice(t, "larger", _sizes(), lambda one: _least(t, one))
            first, second = st.columns(2)
            for at, name in enumerate(STATES):
                with second if at % 2 else first:
                    _state(t, name)


def chips(t: Texts, view: View) -> None:
    """Show each active filter in words, as a button that takes it away."""
    shown = [name for name in filtered(view) if name not in {"since", "until"}]
    if not shown:
        return
    with st.container(horizontal=True, gap="xsmall", key="message_chips"):
        for name in shown:
            st.button(
                escaped(_short(told(t, view, name))),
                key=f"chip_{name}",
                icon=":material/close:",
                icon_position="right",
                help=t("filter.remove"),
                on_click=turn,
                kwargs=_without(name),
            )
        st.button(t("filter.clear"), key="chips_clear", type="tertiary", on_click=clear)


def told(t: Texts, view: View, name: str) -> str:
    """Say in words what a filter asks for."""
    value = getattr(view, name)
    if isinstance(value, bool):
        return t(f"chip.{name}.{YES if value else NO}")
    match name:
        case "folder":
            known = watch.folder_titles(runtime(), view.integration or EVERY)
            value = known[value]
        case "period":
            return _period(t, view)
        case "direction":
            return _way(t, value)
        case "kinds":
            value = ", ".join(t(f"kind.{kind}") for kind in value)
        case "larger" | "smaller":
            value = t.size(value)
    return t(f"chip.{name}", value=value)


def _period(t: Texts, view: View) -> str:
    if not view.since and not view.until:
        return t(f"period.{view.period}")
    if not view.until and view.since:
        return t("chip.since", day=t.day(view.since))
    if not view.since and view.until:
        return t("chip.until", day=t.day(view.until))
    ends = [t.day(day) for day in (view.since, view.until) if day]
    return t("chip.days", first=ends[0], last=ends[-1])


def _without(name: str) -> dict[str, Any]:
    usual = View()
    names = ("period", "since", "until") if name == "period" else (name,)
    return {one: getattr(usual, one) for one in names if one in FILTERS}


def _short(words: str) -> str:
    return words if len(words) <= CHIP_MOST else words[: CHIP_MOST - 1] + "…"


def _text(t: Texts, name: str) -> None:
    key = f"filter_{name}"
    st.session_state[key] = getattr(asked(), name)
    st.text_input(
        t(f"filter.{name}"),
        key=key,
        max_chars=200,
        help=t(f"filter_help.{name}"),
        on_change=lambda: turn(**{name: st.session_state[key]}),
    )


def _choice(
    t: Texts, name: str, options: Sequence[Any], words: Callable[[Any], str]
) -> None:
    key = f"filter_{name}"
    st.session_state[key] = getattr(asked(), name)
    st.selectbox(
        t(f"filter.{name}"),
        options,
        format_func=words,
        key=key,
        on_change=lambda: turn(**{name: st.session_state[key]}),
    )


def _state(t: Texts, name: str) -> None:
    key, held = f"filter_{name}", getattr(asked(), name)
    values = {ANY: None, YES: True, NO: False}
    st.session_state[key] = ANY if held is None else YES if held else NO
    st.selectbox(
        t(f"filter.{name}"),
        list(values),
        format_func=lambda one: t(f"filter.{one}"),
        key=key,
        on_change=lambda: turn(**{name: values[st.session_state[key]]}),
    )


def _kinds(t: Texts) -> None:
    st.session_state["filter_kinds"] = list(asked().kinds)
    st.pills(
        t("filter.kinds"),
        KINDS,
        selection_mode="multi",
        format_func=lambda kind: t(f"kind.{kind}"),
        key="filter_kinds",
        wrap=True,
        on_change=lambda: turn(kinds=tuple(st.session_state["filter_kinds"])),
    )


def _sizes() -> list[int]:
    return sorted({*SIZES, asked().larger})


def _least(t: Texts, size: int) -> str:
    return t("chip.larger", value=t.size(size)) if size else t("filter.any_size")


def _way(t: Texts, direction: str) -> str:
    return t(f"direction.{direction}") if direction else t("filter.both")
