"""Writing mail: what is typed stays until it is sent, and a template can be undone."""

from __future__ import annotations

import pytest

from console.nav import path
from core import outbox
from core.runtime import Runtime
from tests.console.conftest import words
from tests.console.writing import (
    GREETING,
    activity,
    compose,
    content,
    field,
    send,
    template,
    write,
)
from tests.store.building import connected


@pytest.fixture
def one(runtime: Runtime) -> int:
    """Connect Ana's mailbox, and plan an activity of hers."""
    mailbox = connected(runtime, "Ana")
    activity(runtime)
    return mailbox


def test_leaving_is_not_losing(runtime: Runtime, one: int) -> None:
    activity(runtime, "Outra")
    at = write(compose(), text="Meio escrito", copies=True, cc="c@example.net")
    at.file_uploader[0].upload("a.txt", b"abc", "text/plain").run()
    at.switch_page(str(path("start"))).run()
    at.query_params["activity"] = "2"
    at.switch_page(str(path("compose"))).run()
    assert field(at, "text").value == ""
    at.switch_page(str(path("start"))).run()
    at.query_params["activity"] = "1"
    at.switch_page(str(path("compose"))).run()
    assert field(at, "text").value == "Meio escrito"
    assert field(at, "cc").value == "c@example.net"
    assert "a.txt" in words(at)
    at.selectbox(key="language_switch").set_value("en").run()
    assert field(at, "text").value == "Meio escrito"
    assert at.title[0].value == "Compose"
    send(at)
    (mail,) = outbox.listed(runtime)
    assert "a.txt" in content(runtime, mail.id)
    assert one


def test_files_are_taken_away_again(one: int) -> None:
    at = compose()
    at.file_uploader[0].upload("a.txt", b"abc").run()
    at.file_uploader[0].upload("b.txt", b"abcd").run()
    assert "2 arquivos, 7 B no total" in words(at)
    at.button(key="compose_a1_remove_0_0").click().run()
    assert "a.txt" not in words(at)
    assert "b.txt · 4 B" in words(at)
    at.file_uploader[0].upload("c.bin", bytes(26 << 20)).run()
    assert "c.bin" in str(at.warning[0].value).replace("\\", "")
    assert one


def test_what_is_thrown_away_is_gone(one: int) -> None:
    at = write(compose(), text="Rascunho")
    at.button(key="compose_discard").click().run()
    assert field(at, "text").value == ""
    assert field(at, "subject").value == "Proposta"
    assert one


# ---- templates


def test_a_template_fills_an_empty_text_at_once(runtime: Runtime, one: int) -> None:
    number = template(runtime, "Boletim", GREETING, bulk=True)
    at = write(compose(), template=number)
    assert field(at, "text").value == GREETING
    assert field(at, "subject").value == "Assunto de Boletim"
    assert "List-Unsubscribe" in words(at)
    send(at)
    (mail,) = outbox.listed(runtime)
    assert mail.bulk
    assert "List-Unsubscribe: <" in content(runtime, mail.id)
    assert one


def test_a_typed_text_gives_way_only_after_a_yes_and_comes_back(
    runtime: Runtime, one: int
) -> None:
    number = template(runtime, "Boletim", GREETING)
    at = write(compose(), text="Meu texto")
    write(at, template=number)
    assert field(at, "text").value == "Meu texto"
    at.button(key="compose_template_no").click().run()
    assert (field(at, "text").value, field(at, "template").value) == ("Meu texto", 0)
    write(at, template=number)
    at.button(key="compose_template_yes").click().run()
    assert field(at, "text").value == GREETING
    at.button(key="compose_template_undo").click().run()
    assert (field(at, "text").value, field(at, "template").value) == ("Meu texto", 0)
    assert field(at, "subject").value == "Proposta"
    assert one
