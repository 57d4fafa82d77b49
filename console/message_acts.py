"""Buttons that act on messages, and what became of it: on its way, done, or refused.

Titles of folders are the mailbox's words: they are shown by `st.text` and in lists.
"""

from __future__ import annotations

import streamlit as st

from console.runtime import ACTOR, runtime
from console.widgets import explanation, guarded, stored_problem, tell
from core import mail_acts
from core.acting import Act, Stage
from core.errors import MailError
from core.i18n import Texts
from core.mail_acts import Told
from core.words import explain

REFUSED = "act_refused"  # an error for the next page that is drawn
POLL = "5s"
ICONS = {
    Act.READ: "drafts",
    Act.UNREAD: "mark_email_unread",
    Act.FLAG: "flag",
    Act.UNFLAG: "outlined_flag",
    Act.ARCHIVE: "archive",
    Act.MOVE: "drive_file_move",
    Act.DELETE: "delete",
}
BUTTONS = (Act.READ, Act.UNREAD, Act.FLAG, Act.UNFLAG, Act.ARCHIVE, Act.DELETE)


def bar(
    t: Texts, integration_id: int, message_ids: list[int], folder_id: int | None
) -> None:
    """Offer acts on messages that are seen in a folder, or across all (None).

    Nothing is drawn where none is chosen. What cannot be done is told by `state`, which
    is to be drawn before it.
    """
    if not message_ids:
        return
    where = (t, integration_id, message_ids, folder_id)
    with st.container(horizontal=True, key="message_acts", gap="small"):
        if len(message_ids) > 1:
            st.text(t("acts.selected", n=len(message_ids)))
        for act in BUTTONS:
            st.button(
                t(f"acts.{act}"),
                key=f"act_{act}",
                icon=f":material/{ICONS[act]}:",
                help=t("acts.delete_help") if act is Act.DELETE else None,
                on_click=_ask,
                args=(*where, act),
            )
        _move(t, integration_id, message_ids, folder_id)


def state(t: Texts, integration_id: int) -> None:
    """Show what is on its way, what was refused lately, and the way to take it back.

    Asks again only while something is on its way; nothing is drawn where there is
    nothing to tell.
    """
    error = st.session_state.pop(REFUSED, None)
    if isinstance(error, MailError):
        explanation(t, explain(t, error, now=True))
    found = mail_acts.acts_of(runtime(), integration_id)
    if any(told.is_open for told in found):
        _on_its_way(t, integration_id)
    else:
        _show(t, found)


@st.fragment(run_every=POLL)
def _on_its_way(t: Texts, integration_id: int) -> None:
    with guarded(t, "messages"):
        found = mail_acts.acts_of(runtime(), integration_id)
        if any(told.is_open for told in found):
            _show(t, found)
            return
    st.rerun()  # the table shows what has come of it; nothing is asked any more


def _move(
    t: Texts, integration_id: int, message_ids: list[int], folder_id: int | None
) -> None:
    """Let a person choose a folder to move to."""
    with st.popover(
        t("acts.move"), icon=f":material/{ICONS[Act.MOVE]}:", key="act_move_to"
    ):
        found = mail_acts.targets(runtime(), integration_id)
        titles = {f.id: f.title for f in found if f.id != folder_id}
        if not titles:
            st.caption(t("acts.no_targets"))
            return
        target = st.selectbox(
            t("acts.move_to"),
            list(titles),
            format_func=titles.__getitem__,
            key=f"act_target_{integration_id}",
        )
        st.button(
            t("acts.move_go"),
            key="act_move",
            type="primary",
            on_click=_ask,
            args=(t, integration_id, message_ids, folder_id, Act.MOVE, target),
        )


def _ask(
    t: Texts,
    integration_id: int,
    message_ids: list[int],
    folder_id: int | None,
    act: Act,
    target: int | None = None,
) -> None:
    where = (integration_id, message_ids, act, target, folder_id)
    try:
        asked = mail_acts.ask(runtime(), ACTOR, *where)
    except MailError as error:
        st.session_state[REFUSED] = error
        return
    if asked is None:
        tell(t("acts.nothing_to_do"))
    if act.moves:  # it is not where it was chosen any more
        st.query_params.pop("message", None)


def _show(t: Texts, found: list[Told]) -> None:
    """Show what is on its way and what failed; of what was done, the newest."""
    done = [told for told in found if told.stage is Stage.DONE][:1]
    shown = [told for told in found if told.is_open or told.stage is Stage.FAILED]
    for told in [*shown, *done]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(_line(t, told))
            if told.can_undo and st.button(
                t("acts.undo"), key=f"act_undo_{told.id}", icon=":material/undo:"
            ):
                _undo(t, told)
        if told.problem is not None:
            stored_problem(t, told.problem.code, told.problem.facts)
        if note := _note(t, told):
            st.caption(note)


def _undo(t: Texts, told: Told) -> None:
    try:
        mail_acts.undo(runtime(), ACTOR, told.id)
    except MailError as error:
        st.session_state[REFUSED] = error
    else:
        tell(t("acts.undone"))
    st.rerun()


def _line(t: Texts, told: Told) -> str:
    if told.is_open:
        how, count = "doing", told.total
    elif told.stage is Stage.DONE:
        how, count = "done", told.done
    else:
        how, count = "failed", told.total - told.done
    return t(f"acts.{how}.{told.act}", n=count, folder=told.target)


def _note(t: Texts, told: Told) -> str:
    """Say what else is to be known of an act that ended."""
    if told.left_marked:
        return t("acts.left_marked", n=told.left_marked)
    if told.stage is Stage.DONE and told.done < told.total:
        return t("acts.some_gone", n=told.total - told.done)
    if told.stage is Stage.FAILED and told.done:
        return t("acts.partly", done=told.done, n=told.total)
    return ""
