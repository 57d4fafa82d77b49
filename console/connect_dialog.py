"""The dialog that connects a mailbox by IMAP, and the one that connects it again.

The same from both ways to it. As soon as an address is typed it says what its provider
needs; an address at Google or Microsoft is led to its button before a password is asked
for.
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from console import (
    attempt_view,
    fields,
    privacy_choice,
    provider_panel,
    sign_in_dialog,
)
from console.attempt_view import Attempt
from console.fields import PREFIX, key
from console.provider_panel import Search
from console.runtime import ACTOR, runtime
from console.widgets import guarded
from core import connect
from core.connect import Form, Report, Step
from core.demo.endpoint import Endpoint
from core.errors import MailError
from core.i18n import Texts
from core.model import Integration, Method, Server
from core.secret import Secret
from core.words import problem

EXAMPLE_IMAP, EXAMPLE_SMTP = "imap.mail.yahoo.com", "smtp.mail.yahoo.com"
FOLDED = {"imap_port", "smtp_port", "imap_security", "smtp_security", "login"}


def show(t: Texts, owner: str = "", demo: Endpoint | None = None) -> None:
    """Open the dialog, empty but for the owner, or filled for the demo mailbox."""
    fields.forget()
    key("owner", demo.owner if demo else owner)
    if demo is not None:
        key("address", demo.address)
        fields.servers(
            Server(demo.host, demo.imap_port), Server(demo.host, demo.smtp_port)
        )
    key("demo", demo is not None)
    _open(t, t("connect.title_demo" if demo else "connect.title"))


def show_again(t: Texts, one: Integration) -> None:
    """Open the dialog for a new password or other servers; what was read stays."""
    fields.forget()
    key("again", one.id)
    key("owner", one.owner)
    key("address", one.address)
    fields.servers(one.imap, one.smtp)
    key("login", one.login if one.login != one.address else "")
    key("demo", one.demo)
    _open(t, t("connect.title_again"))


def connected() -> int | None:
    """Give the integration that was just connected, once."""
    made: int | None = st.session_state.pop("just_connected", None)
    return made


def _open(t: Texts, title: str) -> None:
    # A slip of the mouse must not end a connection in the making: Cancel closes.
    st.dialog(title, width="medium", dismissible=False)(_body)(t)


def _body(t: Texts) -> None:
    drawn = False
    with guarded(t, "connect"):
        _form(t)
        drawn = True
    if not drawn:
        fields.close(t, "page.close", fields.forget)


def _form(t: Texts) -> None:
    attempt: Attempt = st.session_state.get(PREFIX + "attempt") or Attempt()
    again: int | None = st.session_state.get(PREFIX + "again")
    owner, address = _person(t, attempt, fixed=again is not None)
    changed = False
    if again is None and not st.session_state.get(PREFIX + "demo"):
        search = provider_panel.search_for(address)
        with st.container():  # always: fields that move lose what is being typed
            if (led := provider_panel.leads_to(search)) is not None:
                _lead(t, led, owner, address.strip(), search)
                return
            provider_panel.show(t, search, address.strip())
        changed = provider_panel.fill_in(search, address.strip())
        if provider_panel.has_no_imap(search):
            fields.close(t, "page.cancel", fields.forget)
            return
    form = _mailbox(t, attempt, owner, address)
    if again is None:
        level = privacy_choice.choose(t, PREFIX + "privacy")
        st.caption(t("privacy.later"))
        form = replace(form, privacy=level, acknowledged=fields.limitations(t))
    pressed = _buttons(t, again=again, confirmed=form.acknowledged)
    place = st.container(key=PREFIX + "steps").empty()
    # A second click that came while the first was worked on means the first.
    late = st.session_state.pop(PREFIX + "stayed", False)
    if pressed and not late:
        _connect(t, form, again, place, unseen=changed)
    elif attempt.steps or attempt.told:
        attempt_view.show(t, attempt, place)


def _person(t: Texts, attempt: Attempt, *, fixed: bool) -> tuple[str, str]:
    left, right = st.columns(2)
    with left:
        owner = fields.text(
            t,
            "owner",
            attempt.problems,
            help=None if fixed else t("connect.owner_help"),
            disabled=fixed,
        )
    with right:
        address = fields.text(
            t,
            "address",
            attempt.problems,
            placeholder=t("connect.example"),
            disabled=fixed,
        )
    return owner, address


def _lead(t: Texts, method: Method, owner: str, address: str, search: Search) -> None:
    """Lead to the provider's own sign-in; a password is asked for on demand only."""
    with st.container(border=True, key=PREFIX + "lead"):
        st.markdown(f"**{t(f'lead.{method}.title')}**")
        st.markdown(t(f"lead.{method}.text"))
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            t(f"lead.{method}.go"),
            type="primary",
            key=PREFIX + "lead_go",
            icon=sign_in_dialog.ICONS[method],
        ):
            fields.forget()
            sign_in_dialog.ask_for(method, owner, address)
            st.rerun()
        if st.button(t(f"lead.{method}.password"), key=PREFIX + "lead_password"):
            key("by_password", search.domain)
            st.rerun(scope="fragment")
        fields.close(t, "page.cancel", fields.forget)


def _mailbox(t: Texts, attempt: Attempt, owner: str, address: str) -> Form:
    wrong = attempt.problems
    secret = _password(t, attempt)
    left, right = st.columns(2)
    with left:
        imap_host = fields.text(t, "imap_host", wrong, placeholder=EXAMPLE_IMAP)
    with right:
        smtp_host = fields.text(t, "smtp_host", wrong, placeholder=EXAMPLE_SMTP)
    with st.expander(t("connect.ports"), expanded=bool(FOLDED & wrong.keys())):
        imap = fields.port(t, "imap", imap_host, 993, wrong)
        smtp = fields.port(t, "smtp", smtp_host, 465, wrong)
        login = fields.text(t, "login", wrong, help=t("connect.login_help"))
    return Form(owner, address, secret, imap, smtp, login)


def _password(t: Texts, attempt: Attempt) -> Secret:
    demo = runtime().demo() if st.session_state.get(PREFIX + "demo") else None
    if demo is None:
        return fields.password(t, attempt.problems)
    st.text_input(
        t("field.password"),
        key=PREFIX + "of_demo",
        placeholder=t("connect.demo_password"),
        disabled=True,
    )
    return demo.password


def _buttons(t: Texts, *, again: int | None, confirmed: bool) -> bool:
    """Show Connect, which works only when confirmed, and Cancel."""
    ready = confirmed or again is not None
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            t("connect.submit" if again is None else "connect.submit_again"),
            type="primary",
            disabled=not ready,
            key=PREFIX + "submit",
            icon=":material/power:",
        )
        fields.close(t, "page.cancel", fields.forget)
        if not ready:
            st.caption(t("connect.confirm_first"), width="content")
    return pressed


def _connect(
    t: Texts, form: Form, again: int | None, place: DeltaGenerator, *, unseen: bool
) -> None:
    attempt = Attempt()
    wrong = connect.problems(form, runtime().policy())
    attempt.problems = {p.field: problem(t, p) for p in wrong}
    if unseen:  # a password goes only to servers that the person has seen
        attempt.problems.setdefault("imap_host", t("connect.unseen"))
    if attempt.problems:
        _stay(attempt)

    def told(step: Step) -> None:
        attempt.add(step)
        attempt_view.show(t, attempt, place)

    def reported(report: Report) -> None:
        attempt.report = report.as_text(t)

    try:
        if again is None:
            made = connect.connect(runtime(), form, ACTOR, told, reported)
        else:
            connect.reconnect(runtime(), again, form, ACTOR, told, reported)
            made = again
    except MailError as error:
        attempt.explain(t, error)
        _stay(attempt)
    except Exception:
        fields.forget_password()
        raise
    fields.forget()
    st.session_state["just_connected"] = made
    st.rerun()


def _stay(attempt: Attempt) -> None:
    """Show the dialog again, with what was typed, but without the password."""
    fields.forget_password()
    key("stayed", value=True)
    st.session_state[PREFIX + "attempt"] = attempt
    st.rerun(scope="fragment")
