"""Activity panel: planned acts, executing one, and what became of its mail."""

import streamlit as st

from console.activity_card import card
from console.activity_choices import filters, groups
from console.activity_dialogs import create
from console.activity_import import import_file
from console.activity_mails import mails
from console.activity_question import asked, chosen
from console.activity_table import pager, table
from console.language import texts
from console.runtime import runtime
from console.widgets import guarded, nothing, page
from core import activities
from core.i18n import Texts


def doors(t: Texts) -> None:
    """Offer to plan an activity, or to import a file of them."""
    with st.container(horizontal=True):
        if st.button(t("activities.new"), key="activity_new", icon=":material/add:"):
            create(t)
        if st.button(
            t("activities.import"), key="activity_import", icon=":material/upload:"
        ):
            import_file(t)


def opened(t: Texts, activity_id: int) -> None:
    """Show the chosen activity, and what became of its mail."""
    with guarded(t, "activities"):
        card(t, activity_id)
        mails(t, activity_id)


t = texts()
with page(t, "activities"):
    doors(t)
    shown = activities.panel(runtime(), asked(t))
    groups(t, shown)
    filters(t)
    if one := chosen():
        opened(t, one)
    elif shown.count:
        st.caption(t("activities.choose"))
    if shown.count:
        table(t, shown)
        pager(t, shown)
    else:
        nothing(t, "activities.empty")
