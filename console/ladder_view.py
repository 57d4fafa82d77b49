"""A delivery ladder: its rungs in their order, and what became of it for whom."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from console.widgets import escaped
from core.i18n import Texts
from core.ladder import Fate, Ladder, Rung, State
from core.outgoing import Evidence, Source

# Never colour alone: each state has its own sign, and is told in words.
SIGNS = {
    State.SEEN: ("check_circle", "green"),
    State.NOT_SEEN: ("radio_button_unchecked", "gray"),
    State.FAILED: ("cancel", "red"),
}
LATE = ("schedule", "orange")  # "delayed" is seen, and not well
FATES_SHOWN = 10


def ladder_view(t: Texts, ladder: Ladder) -> None:
    """Show what became of a mail, and that opens and clicks are not tracked."""
    st.markdown(_numbered([_rung(t, one) for one in ladder.rungs]))
    if ladder.fates:
        st.markdown(f"**{t('ladder.recipients')}**")
        st.markdown(_listed([_fate(t, one) for one in ladder.fates[:FATES_SHOWN]]))
    if len(ladder.fates) > FATES_SHOWN:
        with st.expander(t("ladder.more", n=len(ladder.fates))):
            st.markdown(_listed([_fate(t, one) for one in ladder.fates]))
    if ladder.automatic:
        st.markdown(f"**{t('ladder.automatic')}**")
        st.markdown(_listed([_automatic(t, one) for one in ladder.automatic]))
    st.caption(t("ladder.not_tracked"))


def _rung(t: Texts, rung: Rung) -> str:
    head = t(
        "ladder.line",
        name=f"**{t(f'ladder.rung.{rung.words}.name')}**",
        state=t(f"ladder.state.{rung.state}"),
    )
    lines = [f"{_sign(rung.words, rung.state)} {head}"]
    if told := _told(t, rung.at, rung.source):
        lines.append(f":small[{told}]")
    lines.append(f":small[{t(f'ladder.rung.{rung.words}.{rung.state}')}]")
    return "  \n   ".join(lines)


def _fate(t: Texts, fate: Fate) -> str:
    name = f"**{escaped(fate.name)}** " if fate.name else ""
    who = name + _verbatim(fate.address)
    head = t("ladder.line", name=who, state=t(f"ladder.fate.{fate.words}"))
    lines = [f"{_sign(fate.words, fate.state)} {head}"]
    told = [_told(t, fate.at, fate.source)]
    told += [t("ladder.status", status=escaped(fate.status))] if fate.status else []
    if any(told):
        lines.append(f":small[{', '.join(one for one in told if one)}]")
    if fate.reason:
        lines.append(f":small[{t(f'ladder.reason.{fate.reason}')}]")
    if fate.said:
        lines.append(f":small[{t('ladder.server_says')}] {_verbatim(fate.said)}")
    return "  \n   ".join(lines)


def _automatic(t: Texts, one: Evidence) -> str:
    who = f"{_verbatim(one.recipient)} " if one.recipient else ""
    return who + t.moment(one.at)


def _verbatim(text: str) -> str:
    """Write foreign words as code: elsewhere what looks like a link becomes one."""
    return f"`{' '.join(text.replace('`', chr(39)).split())}`"


def _sign(words: str, state: State) -> str:
    sign, colour = LATE if words == "delayed" else SIGNS[state]
    return f":{colour}[:material/{sign}:]"


def _told(t: Texts, at: datetime | None, source: Source | None) -> str:
    """Say when a thing was seen, and where."""
    if source is None:
        return ""
    by = t(f"ladder.source.{source}")
    if at is None:
        return t("ladder.by_source", source=by)
    return t("ladder.from_source", at=t.moment(at), source=by)


def _numbered(items: list[str]) -> str:
    return "\n".join(f"{number}. {item}" for number, item in enumerate(items, 1))


def _listed(items: list[str]) -> str:
    return "\n".join(f"-  {item}" for item in items)
