"""The mails of an activity, each with what became of it; new steps appear by itself."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from console import nav
from console.ladder_view import ladder_view
from console.runtime import runtime
from console.widgets import escaped, guarded
from core import activities, outbox
from core.activities import Model
from core.i18n import Texts
from core.ladder import ladder
from core.outgoing import Evidence, Mail, Stage

EVERY = "3s"
SHOWN = 20
DRAWN = "activity_drawn"  # as it stood when the page was drawn
STAGES = {
    Stage.QUEUED: ("schedule", "blue"),
    Stage.SENDING: ("sync", "blue"),
    Stage.SENT: ("send", "green"),
    Stage.FAILED: ("error", "red"),
    Stage.UNCERTAIN: ("help", "orange"),
    Stage.CANCELLED: ("block", "gray"),
}


def mails(t: Texts, activity_id: int) -> None:
    """Show the mails of an activity, the newest first; no other model has a place.

    Each ladder says why opens and clicks are not in it; so does their place here.
    """
    st.session_state[DRAWN] = _stands(activity_id)
    row, _ = activities.sender_for(runtime(), activity_id)
    if row.model != Model.EMAIL and not activities.has_mail(runtime(), activity_id):
        return
    st.markdown(f"##### {t('activities.mails')}")
    _live(t, activity_id)


@st.fragment(run_every=EVERY)
def _live(t: Texts, activity_id: int) -> None:
    with guarded(t, "activities"):
        if st.session_state.get(DRAWN) != _stands(activity_id):
            st.rerun()  # the whole page: the activity itself stands otherwise now
        found = outbox.of_activity(runtime(), activity_id)[:SHOWN]
        if not found:
            st.text(t("activities.no_mail"))
            st.caption(escaped(t("activities.not_tracked")))
        seen = outbox.evidence_of(runtime(), [one.id for one in found])
        for one in found:
            with st.container(border=True, key=f"activity_mail_{one.id}"):
                _mail(t, one, seen.get(one.id, []))


def _mail(t: Texts, one: Mail, seen: Sequence[Evidence]) -> None:
    icon, colour = STAGES[one.stage]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(
            t(f"outbox.stage.{one.stage}"),
            icon=f":material/{icon}:",
            color=colour,  # type: ignore[arg-type]  # a literal
        )
        st.text(one.subject, width="content")
        st.space("stretch")
        st.page_link(
            nav.path("outbox"),
            label=t("activities.to_outbox"),
            icon=":material/outbox:",
            query_params={"mail": str(one.id)},
        )
    people = ", ".join(dict.fromkeys(who.address for who in one.recipients))
    st.text(f"{t.moment(one.sent_at or one.not_before)} · {people}")
    ladder_view(t, ladder(one, seen))


def _stands(activity_id: int) -> tuple[object, ...]:
    row, _ = activities.sender_for(runtime(), activity_id)
    return activity_id, row.done_at, row.answered_at
