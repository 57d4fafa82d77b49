"""What can be done with a mail: cancel, try again, and say what became of it.

Each asks once more before it is done. It is drawn with the page and not by itself:
what is open would be shut by that.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from console.runtime import ACTOR, runtime
from console.widgets import explanation, tell
from core import outbox
from core.errors import MailError, NotFound
from core.i18n import Texts
from core.outgoing import Stage
from core.words import explain

REFUSED = "outbox_refused"  # an error for the page that is drawn next
DRAWN = "outbox_drawn"  # the mail and the stage that acts were drawn for
Do = Callable[[int], None]


def acts(t: Texts, mail_id: int) -> None:
    """Offer what can be done with a mail in its stage."""
    error = st.session_state.pop(REFUSED, None)
    if isinstance(error, MailError):
        explanation(t, explain(t, error, now=True))
    try:
        stage = outbox.one(runtime(), mail_id).stage
    except NotFound:  # which is told where the mail would be shown
        return
    st.session_state[DRAWN] = (mail_id, stage)
    with st.container(horizontal=True, key="outbox_acts"):
        for name, icon, do in OFFERED.get(stage, ()):
            with st.popover(t(f"outbox.act.{name}"), icon=f":material/{icon}:"):
                st.markdown(t(f"outbox.act.{name}_text"))
                st.button(
                    t(f"outbox.act.{name}_yes"),
                    key=f"outbox_{name}",
                    type="primary",
                    on_click=_do,
                    args=(t, name, do, mail_id),
                )


def _do(t: Texts, name: str, do: Do, mail_id: int) -> None:
    try:
        do(mail_id)
    except MailError as error:
        st.session_state[REFUSED] = error
    else:
        tell(t(f"outbox.act.{name}_done"))


def _cancel(mail_id: int) -> None:
    outbox.cancel(runtime(), mail_id, ACTOR)


def _again(mail_id: int) -> None:
    outbox.try_again(runtime(), mail_id, ACTOR)


def _arrived(mail_id: int) -> None:
    outbox.settle(runtime(), mail_id, sent=True, actor=ACTOR)


def _lost(mail_id: int) -> None:
    outbox.settle(runtime(), mail_id, sent=False, actor=ACTOR)


OFFERED: dict[Stage, tuple[tuple[str, str, Do], ...]] = {
    Stage.QUEUED: (("cancel", "cancel", _cancel),),
    Stage.FAILED: (("again", "refresh", _again),),
    Stage.UNCERTAIN: (
        ("arrived", "mark_email_read", _arrived),
        ("lost", "forward_to_inbox", _lost),
    ),
}
