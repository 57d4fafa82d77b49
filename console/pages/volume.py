"""Volume: what was received and sent, when, of whom, and what IMAP cannot tell."""

import streamlit as st

from console import data_quality, volume_cards, volume_way
from console.language import texts
from console.runtime import runtime
from console.volume_choices import choices
from console.widgets import nothing, page
from core import volume, watch
from core.i18n import Texts
from core.metrics import Against
from core.volume import Question


def show(t: Texts, question: Question, against: Against) -> None:
    """Show what was counted: sums, charts, and whose it is."""
    found = volume.counted(runtime(), question, against)
    about = told(question, against)
    if found.nothing:
        st.info(t("volume.nothing"), icon=":material/info:")
    else:
        volume_cards.totals(t, found, against)
        volume_cards.bars(t, found, about)
        here = question.scope.is_mailbox
        st.caption(t("volume.click_here") if here else t("volume.click_all"))
        volume_cards.trends(t, found, about)
        volume_cards.weeks(t, found, about)
    left, right = st.columns(2)
    with left:
        volume_cards.backlog(t, question.scope, about)
    if not found.nothing:
        with right:
            volume_cards.size(t, found, about)
        volume_cards.parts(t, question, about)


def told(question: Question, against: Against) -> dict[str, str]:
    """Write what was asked, for the files that hold its numbers."""
    return {
        "of": question.scope.text,
        "from": question.days.first.isoformat(),
        "to": question.days.last.isoformat(),
        "zone": question.zone.key,
        "step": str(question.step),
        "against": str(against),
        "kinds": ",".join(question.kinds),
        "asides": ",".join(question.asides),
        "internal": {None: "all", True: "internal", False: "external"}[
            question.internal
        ],
        "folder": str(question.folder_id or question.role or ""),
    }


def not_available(t: Texts) -> None:
    """Say what IMAP cannot tell, and why: never as a nought."""
    st.subheader(t("unavailable.title"), anchor=False)
    for column, name in zip(st.columns(2), ("opens", "receipts"), strict=True):
        with column.container(border=True, height="stretch", key=f"without_{name}"):
            st.markdown(f"**{t(f'unavailable.{name}.title')}**")
            st.badge(t("availability.none"), icon=":material/block:", color="gray")
            st.markdown(t(f"unavailable.{name}.text"))


t = texts()
with page(t, "volume"):
    volume_way.follow()
    if not watch.how_many(runtime()):
        nothing(t, "volume.empty", "integrations")
    else:
        question, against = choices(t)
        data_quality.line(t, question.scope)
        show(t, question, against)
    not_available(t)
