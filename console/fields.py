"""The fields of the dialogs that connect a mailbox, with what is wrong beside each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from console.widgets import escaped
from core.i18n import Texts
from core.model import Security, Server
from core.secret import Secret

PREFIX = "connect_"
OFFERED = [Security.TLS, Security.STARTTLS]
Problems = Mapping[str, str]  # what is wrong, by field


def forget() -> None:
    """Forget everything that was typed, the password first."""
    for name in [k for k in st.session_state if str(k).startswith(PREFIX)]:
        del st.session_state[name]


def key(name: str, value: object) -> None:
    """Give a field of the dialog its value."""
    st.session_state[PREFIX + name] = value


def servers(imap: Server, smtp: Server) -> None:
    """Fill in both servers, with their ports and their security."""
    server("imap", imap)
    server("smtp", smtp)


def server(side: str, where: Server) -> None:
    """Fill in one server."""
    key(f"{side}_host", where.host)
    key(f"{side}_port", where.port)
    key(f"{side}_security", where.security)


def value(name: str) -> str:
    """Give what a field holds now."""
    return str(st.session_state.get(PREFIX + name) or "")


def text(
    t: Texts,
    name: str,
    problems: Problems,
    *,
    placeholder: str | None = None,
    help: str | None = None,  # noqa: A002 - Streamlit's word
    on_change: Callable[[], None] | None = None,
    disabled: bool = False,
) -> str:
    """Show a field for a line of text."""
    typed = st.text_input(
        t(f"field.{name}"),
        key=PREFIX + name,
        placeholder=placeholder,
        help=help,
        autocomplete="off",
        on_change=on_change,
        disabled=disabled,
    )
    problem(problems, name)
    return typed or ""


def password(t: Texts, problems: Problems) -> Secret:
    """Show a field for a password; what was typed is gone after each attempt."""
    number = st.session_state.get(PREFIX + "attempts", 0)
    typed = st.text_input(
        t("field.password"),
        type="password",
        key=f"{PREFIX}password_{number}",
        autocomplete="off",
        help=t("connect.password_help"),
    )
    problem(problems, "password")
    return Secret(typed or "")


def forget_password() -> None:
    """Give the field of the password a new key: the session keeps no old one."""
    number = st.session_state.get(PREFIX + "attempts", 0)
    st.session_state.pop(f"{PREFIX}password_{number}", None)
    st.session_state[PREFIX + "attempts"] = number + 1


def port(t: Texts, side: str, host: str, usual: int, problems: Problems) -> Server:
    """Show the port and the security of one side; give its server."""
    st.session_state.setdefault(f"{PREFIX}{side}_port", usual)
    left, right = st.columns([1, 2])
    with left:
        number = st.number_input(
            t(f"field.{side}_port"),
            min_value=0,
            max_value=99_999,
            step=1,
            key=f"{PREFIX}{side}_port",
        )
        problem(problems, f"{side}_port")
    with right:
        security = st.selectbox(
            t(f"field.{side}_security"),
            OFFERED,
            format_func=lambda s: t(f"security.{s}"),
            key=f"{PREFIX}{side}_security",
        )
        problem(problems, f"{side}_security")
    return Server(host, int(number), security)


def limitations(t: Texts) -> bool:
    """Show what IMAP cannot give, and let a person confirm it."""
    with st.container(border=True):
        st.markdown(f"**{t('limitations.title')}**")
        names = ("opens", "one", "peculiar")
        st.markdown("\n".join(f"- {t(f'limitations.{name}')}" for name in names))
        return st.checkbox(t("limitations.confirm"), key=PREFIX + "acknowledged")


def close(t: Texts, words: str, leave: Callable[[], None]) -> None:
    """Show the button that closes a dialog, which nothing else can close."""
    if st.button(t(words), key=PREFIX + "close"):
        leave()
        st.rerun()


def problem(problems: Problems, name: str) -> None:
    """Say what is wrong with a field, if something is."""
    if told := problems.get(name):
        st.markdown(f":red[:material/error: {escaped(told)}]")
