"""The dialog that connects a mailbox by IMAP: the same from both ways to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from console.runtime import ACTOR, runtime
from console.widgets import escaped, explanation, guarded
from core import connect
from core.connect import Form, Progress, Step
from core.demo.endpoint import Endpoint
from core.errors import BadInput, MailError
from core.i18n import Texts
from core.model import Security, Server
from core.secret import Secret
from core.words import Explanation, explain, problem

PREFIX = "connect_"
EXAMPLE_IMAP, EXAMPLE_SMTP = "imap.mail.yahoo.com", "smtp.mail.yahoo.com"
MARKS = {
    Progress.RUNNING: "hourglass_top",
    Progress.OK: "check",
    Progress.FAILED: "close",
}
FOLDED = {"imap_port", "smtp_port", "imap_security", "smtp_security", "login"}
OFFERED = [Security.TLS, Security.STARTTLS]


@dataclass(slots=True)
class Attempt:
    """What came of the last attempt: its steps, and texts for what went wrong."""

    steps: list[Step] = field(default_factory=list)
    told: Explanation | None = None
    problems: dict[str, str] = field(default_factory=dict)


def show(t: Texts, owner: str = "", demo: Endpoint | None = None) -> None:
    """Open the dialog, empty but for the owner, or filled for the demo mailbox."""
    forget()
    key("owner", demo.owner if demo else owner)
    if demo is not None:
        key("address", demo.address)
        key("imap_host", demo.host)
        key("smtp_host", demo.host)
        key("imap_port", demo.imap_port)
        key("smtp_port", demo.smtp_port)
    st.session_state[PREFIX + "demo"] = demo is not None
    title = t("connect.title_demo" if demo else "connect.title")
    # A slip of the mouse must not end a connection in the making: Cancel closes.
    st.dialog(title, width="medium", dismissible=False)(_body)(t)


def forget() -> None:
    """Forget everything that was typed, the password first."""
    for name in [k for k in st.session_state if str(k).startswith(PREFIX)]:
        del st.session_state[name]


def key(name: str, value: object) -> None:
    """Give a field of the dialog its first value."""
    st.session_state[PREFIX + name] = value


def connected() -> int | None:
    """Give the integration that was just connected, once."""
    made: int | None = st.session_state.pop("just_connected", None)
    return made


def _body(t: Texts) -> None:
    with guarded(t, "connect"):
        _form(t)


def _form(t: Texts) -> None:
    attempt: Attempt = st.session_state.get(PREFIX + "attempt") or Attempt()
    form = _fields(t, attempt)
    form = replace(form, acknowledged=_limitations(t))
    pressed = _buttons(t, confirmed=form.acknowledged)
    place = st.container(key=PREFIX + "steps").empty()
    if pressed:
        _connect(t, form, place)
    elif attempt.steps or attempt.told:
        _show_attempt(t, attempt, place)


def _buttons(t: Texts, *, confirmed: bool) -> bool:
    """Show Connect, which works only when confirmed, and Cancel."""
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            t("connect.submit"),
            type="primary",
            disabled=not confirmed,
            key=PREFIX + "submit",
            icon=":material/power:",
        )
        if st.button(t("page.cancel"), key=PREFIX + "cancel"):
            forget()
            st.rerun()
        if not confirmed:
            st.caption(t("connect.confirm_first"), width="content")
    return pressed


def _fields(t: Texts, attempt: Attempt) -> Form:
    owner = _text(t, "owner", attempt, help=t("connect.owner_help"))
    left, right = st.columns(2)
    with left:
        address = _text(t, "address", attempt, placeholder=t("connect.example"))
    with right:
        password = _password(t, attempt)
    left, right = st.columns(2)
    with left:
        imap_host = _text(t, "imap_host", attempt, placeholder=EXAMPLE_IMAP)
    with right:
        smtp_host = _text(t, "smtp_host", attempt, placeholder=EXAMPLE_SMTP)
    with st.expander(
        t("connect.ports"), expanded=bool(FOLDED & attempt.problems.keys())
    ):
        imap = _port(t, "imap", imap_host, 993, attempt)
        smtp = _port(t, "smtp", smtp_host, 465, attempt)
        login = _text(t, "login", attempt, help=t("connect.login_help"))
    return Form(owner, address, password, imap, smtp, login)


def _text(
    t: Texts,
    name: str,
    attempt: Attempt,
    placeholder: str | None = None,
    help: str | None = None,  # noqa: A002 - Streamlit's word
) -> str:
    value = st.text_input(
        t(f"field.{name}"),
        key=PREFIX + name,
        placeholder=placeholder,
        help=help,
        autocomplete="off",
    )
    _problem(attempt, name)
    return value or ""


def _password(t: Texts, attempt: Attempt) -> Secret:
    demo = runtime().demo() if st.session_state.get(PREFIX + "demo") else None
    if demo is not None:
        st.text_input(
            t("field.password"),
            key=PREFIX + "of_demo",
            placeholder=t("connect.demo_password"),
            disabled=True,
        )
        return demo.password
    # A new key after each attempt: what was typed is gone from the session with it.
    number = st.session_state.get(PREFIX + "attempts", 0)
    typed = st.text_input(
        t("field.password"),
        type="password",
        key=f"{PREFIX}password_{number}",
        autocomplete="off",
        help=t("connect.password_help"),
    )
    _problem(attempt, "password")
    return Secret(typed or "")


def _port(t: Texts, side: str, host: str, usual: int, attempt: Attempt) -> Server:
    st.session_state.setdefault(f"{PREFIX}{side}_port", usual)
    left, right = st.columns([1, 2])
    with left:
        port = st.number_input(
            t(f"field.{side}_port"),
            min_value=0,
            max_value=99_999,
            step=1,
            key=f"{PREFIX}{side}_port",
        )
        _problem(attempt, f"{side}_port")
    with right:
        security = st.selectbox(
            t(f"field.{side}_security"),
            OFFERED,
            format_func=lambda s: t(f"security.{s}"),
            key=f"{PREFIX}{side}_security",
        )
        _problem(attempt, f"{side}_security")
    return Server(host, int(port), security)


def _problem(attempt: Attempt, name: str) -> None:
    if text := attempt.problems.get(name):
        st.markdown(f":red[:material/error: {escaped(text)}]")


def _limitations(t: Texts) -> bool:
    with st.container(border=True):
        st.markdown(f"**{t('limitations.title')}**")
        names = ("opens", "one", "peculiar")
        st.markdown("\n".join(f"- {t(f'limitations.{name}')}" for name in names))
        return st.checkbox(t("limitations.confirm"), key=PREFIX + "acknowledged")


def _connect(t: Texts, form: Form, place: DeltaGenerator) -> None:
    attempt = Attempt()
    wrong = connect.problems(form, runtime().policy())
    if wrong:
        attempt.problems = {p.field: problem(t, p) for p in wrong}
        _again(attempt)

    def told(step: Step) -> None:
        if attempt.steps and attempt.steps[-1].progress is Progress.RUNNING:
            attempt.steps.pop()
        # Without the error: its traceback holds frames that have seen the password.
        attempt.steps.append(replace(step, error=None))
        _show_attempt(t, attempt, place)

    try:
        made = connect.connect(runtime(), form, ACTOR, told)
    except MailError as error:
        if isinstance(error, BadInput):
            attempt.problems = {error.field: problem(t, error)}
        else:
            attempt.told = explain(t, error)
        _again(attempt)
    forget()
    st.session_state["just_connected"] = made
    st.rerun()


def _again(attempt: Attempt) -> None:
    """Show the dialog again, with what was typed, but without the password."""
    number = st.session_state.get(PREFIX + "attempts", 0)
    st.session_state.pop(f"{PREFIX}password_{number}", None)
    st.session_state[PREFIX + "attempts"] = number + 1
    st.session_state[PREFIX + "attempt"] = attempt
    st.rerun(scope="fragment")


def _show_attempt(t: Texts, attempt: Attempt, place: DeltaGenerator) -> None:
    with place.container():
        for column, side in zip(st.columns(2), ("imap", "smtp"), strict=True):
            if lines := [_line(t, s) for s in attempt.steps if s.side == side]:
                head = f"**{t(f'connect.{side}')}**"
                column.container(border=True).markdown("  \n".join([head, *lines]))
        if attempt.told is not None:
            explanation(t, attempt.told)


def _line(t: Texts, step: Step) -> str:
    took = "" if step.progress is Progress.RUNNING else t.duration(step.seconds)
    mark = f":material/{MARKS[step.progress]}:"
    colour = {Progress.OK: "green", Progress.FAILED: "red"}.get(step.progress, "blue")
    return f":{colour}[{mark}] {t(f'step.{step.name}')} :gray[{took}]"
