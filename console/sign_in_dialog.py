"""The dialogs around a sign-in at Google or Microsoft: before it, and after it."""

from __future__ import annotations

import html
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from console import attempt_view, fields, privacy_choice
from console.attempt_view import Attempt
from console.fields import PREFIX, key, value
from console.runtime import ACTOR, runtime
from console.widgets import explanation, guarded, stored_problem
from core import sign_in
from core.connect import Step
from core.errors import MailError, SignInNotSetUp
from core.i18n import Texts
from core.model import Integration, Method, Privacy
from core.sign_in import Stage
from core.words import explain

ICONS = {Method.GOOGLE: ":material/mail:", Method.MICROSOFT: ":material/window:"}
ASKED = "sign_in_asked"  # the dialog to be opened by the next run of the page


def ask_for(method: Method, owner: str, address: str, again: int | None = None) -> None:
    """Have the page open the dialog of a method: one dialog cannot open another."""
    st.session_state[ASKED] = (method, owner, address, again)


def asked_for(t: Texts) -> bool:
    """Open the dialog that was asked for, once."""
    asked: tuple[Method, str, str, int | None] | None
    asked = st.session_state.pop(ASKED, None)
    if asked is None:
        return False
    method, owner, address, again = asked
    fields.forget()
    key("owner", owner)
    key("address", address)
    _open(t, method, again)
    return True


def show(t: Texts, method: Method, owner: str = "", address: str = "") -> None:
    """Open the dialog that leads to the provider's own page."""
    fields.forget()
    key("owner", owner)
    key("address", address)
    _open(t, method, None)


def show_again(t: Texts, one: Integration) -> None:
    """Open it for a mailbox that needs permission again; what was read stays."""
    fields.forget()
    key("owner", one.owner)
    key("address", one.address)
    _open(t, one.method, one.id)


def arrived(t: Texts, ticket: str) -> None:
    """Open the dialog that ends a sign-in, back from the provider's page."""
    title = t("sign_in.title_back")
    st.dialog(title, width="medium", dismissible=False)(_back)(t, ticket)


def _open(t: Texts, method: Method, again: int | None) -> None:
    title = t(f"sign_in.{method}.title")
    st.dialog(title, width="medium", dismissible=False)(_body)(t, method, again)


def _body(t: Texts, method: Method, again: int | None) -> None:
    drawn = False
    with guarded(t, "sign_in"):
        if _is_set_up(t, method):
            form(t, method, again)
            drawn = True
    if not drawn:
        fields.close(t, "page.close", _leave)


def _is_set_up(t: Texts, method: Method) -> bool:
    try:
        sign_in.check_set_up(runtime(), method)
    except SignInNotSetUp as error:
        explanation(t, explain(t, error))
        url = sign_in.redirect_to(runtime())
        st.markdown(t(f"sign_in.{method}.set_up", url=url))
        return False
    return True


def form(t: Texts, method: Method, again: int | None) -> None:
    """Show what is asked before a person leaves for the provider."""
    st.markdown(t(f"sign_in.{method}.text"))
    fixed = again is not None
    confirmed = fixed or bool(st.session_state.get(PREFIX + "acknowledged"))
    attempt, link = Attempt(), ""
    if confirmed and value("owner").strip():
        attempt, link = _begun(t, method, again)
    wrong = attempt.problems
    left, right = st.columns(2)
    with left:
        fields.text(t, "owner", wrong, disabled=fixed)
    with right:
        fields.text(t, "address", wrong, help=t("sign_in.address_help"), disabled=fixed)
    if not fixed:
        privacy_choice.choose(t, PREFIX + "privacy")
        st.caption(t("privacy.later"))
        fields.limitations(t)
    if attempt.told is not None:
        explanation(t, attempt.told)
    with st.container(horizontal=True, vertical_alignment="center"):
        _go(t, method, link)
        fields.close(t, "page.cancel", _leave)
        if not confirmed:
            st.caption(t("connect.confirm_first"), width="content")


def _begun(t: Texts, method: Method, again: int | None) -> tuple[Attempt, str]:
    """Begin a sign-in for what is typed now, once for each; nothing is sent yet.

    Gives what is wrong with it, or the link to follow.
    """
    level = Privacy(value("privacy") or Privacy.BODY)
    asked = (method, value("owner").strip(), value("address").strip(), again, level)
    kept: tuple[object, Attempt, str] | None = st.session_state.get(PREFIX + "link")
    if kept is not None and kept[0] == asked:
        return kept[1:]
    attempt, link = Attempt(), ""
    try:
        begun = sign_in.begin(
            runtime(), method, asked[1], ACTOR,
            address=asked[2], integration_id=again, acknowledged=True, privacy=level,
        )  # fmt: skip
        link = begun.url
    except MailError as error:
        attempt.explain(t, error)
    st.session_state[PREFIX + "link"] = (asked, attempt, link)
    return attempt, link


def _go(t: Texts, method: Method, link: str) -> None:
    """Show the way to the provider's page; a link, because it leaves this page."""
    label = t(f"lead.{method}.go")
    if not link:
        st.button(label, type="primary", disabled=True, key=PREFIX + "go")
        return
    activity = st.query_params.get("activity", "")
    if activity.isdecimal():  # where the person came from, and is led back to
        link = f"{link}&{urlencode({'activity': activity})}"
    href, words = html.escape(link), html.escape(label)
    st.html(f'<a class="malote-go" href="{href}" target="_self">{words}</a>')


def _back(t: Texts, ticket: str) -> None:
    drawn = False
    with guarded(t, "sign_in"):
        _ending(t, ticket)
        drawn = True
    if not drawn:
        fields.close(t, "page.close", _leave)


def _ending(t: Texts, ticket: str) -> None:
    status = sign_in.status(runtime(), ticket)
    st.text(f"{status.owner} · {status.address}".rstrip(" ·"))
    place = st.container(key=PREFIX + "steps").empty()
    attempt: Attempt | None = st.session_state.get(PREFIX + "attempt")
    if attempt is not None:
        attempt_view.show(t, attempt, place)
    elif status.made_id is not None:
        _done(status.made_id)
    elif status.problem is not None:
        stored_problem(t, status.problem.code, status.problem.facts)
    elif status.stage is Stage.CONSENTED:
        _finish(t, ticket, place)
    else:
        st.markdown(t("sign_in.waiting"))
    with st.container(horizontal=True):
        if st.button(t("sign_in.again"), type="primary", key=PREFIX + "begin_again"):
            _leave()
            address = status.address if status.integration_id else ""
            ask_for(status.method, status.owner, address, status.integration_id)
            st.rerun()
        fields.close(t, "page.close", _leave)


def _finish(t: Texts, ticket: str, place: DeltaGenerator) -> None:
    attempt = Attempt()

    def told(step: Step) -> None:
        attempt.add(step)
        attempt_view.show(t, attempt, place)

    try:
        made = sign_in.finish(runtime(), ticket, told)
    except MailError as error:
        attempt.explain(t, error)
        st.session_state[PREFIX + "attempt"] = attempt
        attempt_view.show(t, attempt, place)
        return
    _done(made)


def _done(made: int) -> None:
    _leave()
    st.session_state["just_connected"] = made
    st.rerun()


def _leave() -> None:
    fields.forget()
    st.query_params.pop("sign_in", None)
