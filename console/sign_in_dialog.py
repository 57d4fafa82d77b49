"""The dialogs around a sign-in at Google or Microsoft: before it, and after it."""

from __future__ import annotations

import html

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from console import attempt_view, fields
from console.attempt_view import Attempt
from console.fields import PREFIX, key
from console.runtime import ACTOR, runtime
from console.widgets import explanation, guarded, stored_problem
from core import sign_in
from core.connect import Step
from core.errors import BadInput, MailError, SignInNotSetUp
from core.i18n import Texts
from core.model import Integration, Method
from core.sign_in import Stage
from core.words import explain, problem

ICONS = {Method.GOOGLE: ":material/mail:", Method.MICROSOFT: ":material/window:"}
ASKED = "sign_in_asked"  # the dialog to be opened by the next run of the page


def ask_for(method: Method, owner: str, address: str) -> None:
    """Have the page open the dialog of a method: one dialog cannot open another."""
    st.session_state[ASKED] = (method, owner, address)


def asked_for(t: Texts) -> bool:
    """Open the dialog that was asked for, once."""
    asked: tuple[Method, str, str] | None = st.session_state.pop(ASKED, None)
    if asked is not None:
        show(t, *asked)
    return asked is not None


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
    with guarded(t, "sign_in"):
        try:
            sign_in.check_set_up(runtime(), method)
        except SignInNotSetUp as error:
            explanation(t, explain(t, error))
            st.markdown(
                t(f"sign_in.{method}.set_up", url=sign_in.redirect_to(runtime()))
            )
            _close(t, "page.cancel")
            return
        _form(t, method, again)


def _form(t: Texts, method: Method, again: int | None) -> None:
    st.markdown(t(f"sign_in.{method}.text"))
    attempt: Attempt = st.session_state.get(PREFIX + "attempt") or Attempt()
    wrong, fixed = attempt.problems, again is not None
    left, right = st.columns(2)
    with left:
        owner = fields.text(t, "owner", wrong, disabled=fixed)
    with right:
        address = fields.text(
            t, "address", wrong, help=t("sign_in.address_help"), disabled=fixed
        )
    confirmed = fixed or fields.limitations(t)
    if attempt.told is not None:
        explanation(t, attempt.told)
    with st.container(horizontal=True, vertical_alignment="center"):
        link = ""
        if confirmed and owner.strip():
            link = _link(t, method, owner, address, again)
        _go(t, method, link)
        _close(t, "page.cancel")
        if not confirmed:
            st.caption(t("connect.confirm_first"), width="content")


def _link(t: Texts, method: Method, owner: str, address: str, again: int | None) -> str:
    """Begin a sign-in for what is typed now, once for each; nothing is sent yet."""
    asked = (method, owner.strip(), address.strip(), again)
    kept: tuple[object, str] | None = st.session_state.get(PREFIX + "link")
    if kept is not None and kept[0] == asked:
        return kept[1]
    attempt = Attempt()
    link = ""
    try:
        begun = sign_in.begin(
            runtime(), method, owner, ACTOR,
            address=address, integration_id=again, acknowledged=True,
        )  # fmt: skip
        link = begun.url
    except BadInput as error:
        attempt.problems = {error.field: problem(t, error)}
    except MailError as error:
        attempt.told = explain(t, error)
    st.session_state[PREFIX + "attempt"] = attempt
    st.session_state[PREFIX + "link"] = (asked, link)
    if not link:
        st.rerun(scope="fragment")
    return link


def _go(t: Texts, method: Method, link: str) -> None:
    """Show the way to the provider's page; a link, because it leaves this page."""
    label = t(f"lead.{method}.go")
    if not link:
        st.button(label, type="primary", disabled=True, key=PREFIX + "go")
        return
    href, words = html.escape(link), html.escape(label)
    st.html(f'<a class="malote-go" href="{href}" target="_self">{words}</a>')


def _back(t: Texts, ticket: str) -> None:
    with guarded(t, "sign_in"):
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
        _again(t, status)


def _finish(t: Texts, ticket: str, place: DeltaGenerator) -> None:
    attempt = Attempt()

    def told(step: Step) -> None:
        attempt.add(step)
        attempt_view.show(t, attempt, place)

    try:
        made = sign_in.finish(runtime(), ticket, told)
    except MailError as error:
        attempt.told = explain(t, error)
        st.session_state[PREFIX + "attempt"] = attempt
        attempt_view.show(t, attempt, place)
        return
    _done(made)


def _again(t: Texts, status: sign_in.Status) -> None:
    with st.container(horizontal=True):
        if st.button(t("sign_in.again"), type="primary", key=PREFIX + "again"):
            _leave()
            if status.integration_id is None:
                ask_for(status.method, status.owner, "")
            st.rerun()
        _close(t, "page.close")


def _done(made: int) -> None:
    _leave()
    st.session_state["just_connected"] = made
    st.rerun()


def _leave() -> None:
    fields.forget()
    st.query_params.pop("sign_in", None)


def _close(t: Texts, words: str) -> None:
    if st.button(t(words), key=PREFIX + "close"):
        _leave()
        st.rerun()
