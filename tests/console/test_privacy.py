"""The level of privacy as people see it: chosen, shown, changed."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from core import watch
from core.connect import disconnect
from core.model import Privacy
from core.runtime import Runtime
from core.store.access_tables import sign_in
from core.store.engine import reading
from core.store.schema import audit, message
from tests.console.conftest import visit, words
from tests.store.building import connected, listed, put, some

NAMES = {
    "pt_BR": ["só metadados", "metadados e assunto", "corpo sob demanda"],
    "en": ["metadata only", "metadata and subject", "body on demand"],
}


@pytest.fixture
def one(runtime: Runtime) -> int:
    """Store an integration with mail."""
    one = connected(runtime, "Ana")
    put(runtime, one, listed(runtime, one, "Inbox")["Inbox"], some(3))
    return one


def subjects(runtime: Runtime) -> set[str]:
    with reading(runtime.engine) as conn:
        return set(conn.scalars(select(message.c.subject)))


def levels_told(runtime: Runtime) -> list[tuple[str, str, str]]:
    query = select(audit.c.actor, audit.c.facts).where(audit.c.act == "privacy")
    with reading(runtime.engine) as conn:
        rows = conn.execute(query.order_by(audit.c.id))
        return [(r.actor, r.facts["before"], r.facts["after"]) for r in rows]


def dialog(one: int, language: str = "pt_BR") -> AppTest:
    """Draw what is in the dialog: AppTest closes a dialog with each run."""

    def script(one: int, language: str) -> None:
        from console.privacy_dialog import body  # noqa: PLC0415 - a script of its own
        from core.i18n import Texts  # noqa: PLC0415

        body(Texts(language), one)

    at = AppTest.from_function(script, args=(one, language), default_timeout=20)
    return at.run()


def sign_in_form() -> AppTest:
    """Draw the dialog of the sign-in at Google."""

    def script() -> None:
        from console.sign_in_dialog import form  # noqa: PLC0415 - a script of its own
        from core.i18n import Texts  # noqa: PLC0415
        from core.model import Method  # noqa: PLC0415

        form(Texts("pt_BR"), Method.GOOGLE, None)

    return AppTest.from_function(script, default_timeout=20).run()


@pytest.mark.usefixtures("runtime")
@pytest.mark.parametrize("language", NAMES)
def test_the_level_is_chosen_when_connecting_with_what_each_means(
    language: str,
) -> None:
    at = visit("integrations", language)
    at = at.button(key="connect_imap").click().run()
    radio = at.radio(key="connect_privacy")
    assert radio.options == NAMES[language]
    assert radio.value is Privacy.BODY
    captions = list(radio.proto.captions)
    assert len(set(captions)) == 3
    assert all(captions)


@pytest.mark.usefixtures("runtime")
def test_connecting_again_does_not_ask_for_a_level(one: int) -> None:
    at = visit("integrations", reconnect=str(one))
    assert at.text_input(key="connect_address").value == "me@example.org"
    assert not at.radio


def test_the_level_goes_along_with_a_sign_in(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("MALOTE_GOOGLE_CLIENT_ID", "client")
    monkeypatch.setenv("MALOTE_GOOGLE_CLIENT_SECRET", "secret")
    runtime: Runtime = request.getfixturevalue("runtime")
    at = sign_in_form()
    assert at.radio(key="connect_privacy").value is Privacy.BODY
    at.text_input(key="connect_owner").set_value("Ana").run()
    at.checkbox(key="connect_acknowledged").check().run()
    at.radio(key="connect_privacy").set_value(Privacy.METADATA).run()
    assert not at.exception
    with reading(runtime.engine) as conn:
        begun = set(conn.scalars(select(sign_in.c.privacy)))
    assert begun == {"body", "metadata"}  # one for each choice that was made


@pytest.mark.parametrize("language", NAMES)
@pytest.mark.parametrize("level", list(Privacy))
def test_the_messages_page_says_the_level_and_where_to_change_it(
    runtime: Runtime, one: int, language: str, level: Privacy
) -> None:
    watch.set_privacy(runtime, one, level, "test")
    at = visit("messages", language, integration=str(one))
    assert not at.exception
    name = NAMES[language][list(Privacy).index(level)]
    (said,) = [c.value for c in at.caption if "shield_lock" in c.value]
    assert name in said
    links = [link.proto for link in at.get("page_link")]
    (link,) = [x for x in links if "sync" in x.page]
    assert f"integration={one}" in link.query_string
    page = visit("sync", language, integration=str(one))
    assert page.button(key="privacy_open").label.endswith(name)


@pytest.mark.parametrize("language", NAMES)
def test_lowering_to_metadata_warns_and_waits_for_a_confirmation(
    runtime: Runtime, one: int, language: str
) -> None:
    at = dialog(one, language)
    assert at.button(key="privacy_change").disabled  # nothing is changed yet
    at.radio(key="privacy_level").set_value(Privacy.METADATA).run()
    (warning,) = at.warning
    assert {"pt_BR": "não tem volta", "en": "cannot be undone"}[language] in (
        warning.value
    )
    assert at.button(key="privacy_change").disabled
    assert all(subjects(runtime))
    at.checkbox(key="privacy_confirmed").check().run()
    at.button(key="privacy_change").click().run()
    assert not at.exception
    assert subjects(runtime) == {""}
    assert watch.privacy_of(runtime, one) is Privacy.METADATA
    assert levels_told(runtime) == [("console", "body", "metadata")]
    told = {"pt_BR": "3 assuntos foram apagados", "en": "3 subjects were erased"}
    assert told[language] in at.session_state["told"]


def test_cancel_changes_nothing(runtime: Runtime, one: int) -> None:
    at = dialog(one)
    at.radio(key="privacy_level").set_value(Privacy.METADATA).run()
    at.checkbox(key="privacy_confirmed").check().run()
    at.button(key="privacy_cancel").click().run()
    assert watch.privacy_of(runtime, one) is Privacy.BODY
    assert all(subjects(runtime))
    assert at.radio(key="privacy_level").value is Privacy.BODY
    assert levels_told(runtime) == []


@pytest.mark.parametrize(
    ("before", "after", "words_of"),
    [
        (Privacy.BODY, Privacy.SUBJECT, {"ninguém abre mensagens"}),
        (Privacy.SUBJECT, Privacy.BODY, {"buscada no servidor"}),
        (Privacy.METADATA, Privacy.SUBJECT, {"de agora em diante mostram"}),
        (
            Privacy.METADATA,
            Privacy.BODY,
            {"de agora em diante mostram", "buscada no servidor"},
        ),
    ],
)
def test_other_changes_say_what_they_mean_and_erase_nothing_more(
    runtime: Runtime, one: int, before: Privacy, after: Privacy, words_of: set[str]
) -> None:
    watch.set_privacy(runtime, one, before, "test")
    held = subjects(runtime)
    at = dialog(one)
    at.radio(key="privacy_level").set_value(after).run()
    assert not at.warning
    said = words(at)
    assert all(some_words in said for some_words in words_of)
    at.button(key="privacy_change").click().run()
    assert watch.privacy_of(runtime, one) is after
    assert subjects(runtime) == held
    assert levels_told(runtime)[-1] == ("console", str(before), str(after))


def test_a_change_is_among_the_events(runtime: Runtime, one: int) -> None:
    watch.set_privacy(runtime, one, Privacy.METADATA, "test")
    (shown,) = visit("sync", integration=str(one), view="events").dataframe
    assert "O nível de privacidade mudou: só metadados" in list(shown.value["what"])


def test_what_has_ended_is_not_changed_here(runtime: Runtime, one: int) -> None:
    disconnect(runtime, one, "test")
    at = visit("sync", integration=str(one))
    assert not [b for b in at.button if b.key == "privacy_open"]
