"""A safe look inside a message: who, warnings, the body in its frame, attachments.

Everything of a mail is shown as mere text; its HTML only in the frame, which is served
apart and may do nothing (console/preview_routes.py).
"""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from console import attachment_list
from console.runtime import runtime
from console.widgets import escaped, explanation
from core import preview as looking
from core.errors import MailError, PrivacyForbids
from core.i18n import Texts
from core.preview import Note, Oddity, Preview, Result
from core.words import explain

TEXT_PX, RESULTS_MOST = 520, 3
GOOD = frozenset(("pass",))
BAD = frozenset(("fail", "softfail", "permerror"))


def preview(
    t: Texts, integration_id: int, message_id: int, *, sent: bool = False
) -> bool:
    """Fetch a message and show what is in it, or say why that is not possible.

    Tells whether it was shown. `sent`: maybe no server received it, and none could
    state anything of its sender; then it is not said that none did.
    """
    with st.container(border=True, key="message_preview"):
        try:
            with st.spinner(t("preview.fetching")):
                found = looking.look(runtime(), integration_id, message_id)
            _message(t, found, integration_id, message_id, sent=sent)
        except PrivacyForbids as error:
            told = explain(t, error)
            st.info(escaped(told.line), icon=":material/visibility_off:")
        except MailError as error:
            explanation(t, explain(t, error, now=True))
            st.button(
                t("preview.again"),
                key=f"preview_again_{message_id}",
                icon=":material/refresh:",
            )
        else:
            return True
    return False


def _message(
    t: Texts, found: Preview, one: int, message_id: int, *, sent: bool
) -> None:
    _people(t, found)
    _warnings(t, found.odd)
    stated = found.authentication
    if not sent or stated.server or stated.others:  # mail to oneself is both
        _authentication(t, found)
    _notes(t, found.notes)
    view = _pick_view(t, found, message_id)
    _VIEWS[view](t, found, one, message_id)
    attachment_list.show(t, found.attachments, one, message_id)


def _people(t: Texts, found: Preview) -> None:
    _line(t("detail.subject"), found.subject or t("preview.no_subject"))
    for field in found.people:
        names = ", ".join(person.text for person in field.people)
        more = t("preview.more_people") if field.more else ""
        _line(t(f"preview.role.{field.role}"), f"{names} {more}".strip())


def _line(label: str, value: str) -> None:
    left, right = st.columns([1, 6])
    left.caption(label)
    right.text(value)


def _warnings(t: Texts, found: Iterable[Oddity]) -> None:
    told = [t(f"lookalike.{one.code}", **one.facts) for one in found]
    if told:
        with st.container(border=True, key="look_twice", gap="xxsmall"):
            st.badge(t("preview.look_twice"), icon=":material/warning:", color="orange")
            for line in told:
                st.text(line)  # Markdown would make links of addresses


def _authentication(t: Texts, found: Preview) -> None:
    """Show what the receiving server states, and that it is its statement."""
    stated = found.authentication
    with st.container(horizontal=True, key="authentication", gap="small"):
        for method in looking.METHODS:
            results = stated.of(method)
            if not results:
                label = t("preview.not_stated", method=method.upper())
                st.badge(label, icon=":material/help:", color="gray")
            for one in results[:RESULTS_MOST]:
                _result(t, one)
    if stated.server:
        st.text(t("preview.stated_by", server=stated.server))
    elif stated.others:
        names = ", ".join(name or "?" for name in stated.others)
        st.text(t("preview.stated_by_others", servers=names))
    else:
        st.text(t("preview.stated_by_nobody"))


def _result(t: Texts, one: Result) -> None:
    label = f"{one.method.upper()}: {t(f'preview.result.{one.result}')}"
    icon, colour = _sign(one.result)
    st.badge(label, icon=icon, color=colour)  # type: ignore[arg-type]  # a literal
    if one.domain:
        st.text(f"({one.domain})")  # a label would make a link of it


def _sign(result: str) -> tuple[str, str]:
    if result in GOOD:
        return ":material/verified_user:", "green"
    if result in BAD:
        return ":material/gpp_bad:", "red"
    return ":material/help:", "gray"


def _notes(t: Texts, found: Iterable[Note]) -> None:
    for one in found:
        st.caption(t(f"preview.note.{one.code}", n=one.count))


def _pick_view(t: Texts, found: Preview, message_id: int) -> str:
    """Let a person choose a view; what is not looked at is not fetched."""
    views = ["text", "headers", "source"]
    if found.body.html and not found.body.text:
        views = ["html", *views] if found.text_part else ["html", *views[1:]]
    chosen = st.segmented_control(
        t("preview.view"),
        views,
        default=views[0],
        required=True,
        format_func=lambda view: t(f"preview.view_{view}"),
        key=f"preview_view_{message_id}",
        label_visibility="collapsed",
    )
    return chosen or views[0]


def _html(t: Texts, found: Preview, one: int, message_id: int) -> None:
    _notes(t, found.body.notes)
    st.iframe(
        looking.address(runtime(), one, message_id),
        height=looking.height_px(found.body.html),
        alt=t("preview.frame"),
    )
    st.caption(t("preview.never_remote"))
    if found.body.links:
        with st.expander(t("preview.links", n=len(found.body.links))):
            st.dataframe(
                attachment_list.links_frame(found.body.links),
                hide_index=True,
                key=f"preview_links_{message_id}",
                column_config={
                    "elsewhere": st.column_config.TextColumn(t("preview.link_mark")),
                    "text": st.column_config.TextColumn(t("preview.link_text")),
                    "url": st.column_config.TextColumn(t("preview.link_url")),
                },
            )


def _text(t: Texts, found: Preview, one: int, message_id: int) -> None:
    body = found.body
    if found.text_part is not None:
        with st.spinner(t("preview.fetching")):
            body = looking.text(runtime(), one, message_id)
    _notes(t, body.notes)
    if body.text.strip():
        _code(body.text)
    else:
        st.text(t("preview.no_text"))


def _headers(_t: Texts, found: Preview, _one: int, _message_id: int) -> None:
    _code(found.headers)


def _source(t: Texts, _found: Preview, one: int, message_id: int) -> None:
    with st.spinner(t("preview.fetching")):
        told = looking.source(runtime(), one, message_id)
    if told.cut:
        st.caption(t("preview.note.source_cut", n=0))
    _code(told.text)


def _code(text: str) -> None:
    lines = text.count("\n") + len(text) // 100 + 2
    height = TEXT_PX if lines * 21 > TEXT_PX else "content"
    st.code(text, language=None, wrap_lines=True, height=height)  # type: ignore[arg-type]  # a literal


_VIEWS = {"html": _html, "text": _text, "headers": _headers, "source": _source}
