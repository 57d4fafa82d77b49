"""Mail for the tests of the composer and of the outbox."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from streamlit.testing.v1 import AppTest

from core import outbox, templates
from core.activities import Draft as Activity, create
from core.outbox import Draft
from core.outgoing import Stage
from core.runtime import Runtime
from core.store import outbox as kept
from core.store.engine import reading, writing
from core.templates import Template
from tests.console.conftest import visit

DUE = date(2026, 12, 1)
GREETING = "Olá {{contact.first_name}}, da {{contact.company}}."


def activity(runtime: Runtime, subject: str = "Proposta", **changes: str) -> None:
    """Plan an e-mail activity of Ana's towards João."""
    values = {
        "model": "email",
        "contact": "João Lima",
        "contact_address": "joao@acai.example",
        "company": "Açaí Ltda",
        "owner": "Ana",
        **changes,
    }
    create(runtime, Activity(subject=subject, due_on=DUE, **values), "test")


def queued(runtime: Runtime, integration_id: int, **changes: Any) -> int:
    """Queue a mail of a mailbox; give its id."""
    values = {"to": "joao@acai.example", "subject": "Proposta", "text": "Olá"}
    return outbox.send(runtime, Draft(integration_id, **(values | changes)), "test")


def set_stage(runtime: Runtime, mail_id: int, stage: Stage, **values: Any) -> None:
    """Write that a mail is in another stage."""
    with writing(runtime.engine) as conn:
        assert kept.change(conn, mail_id, list(Stage), stage=stage, **values)


def content(runtime: Runtime, mail_id: int) -> str:
    """Give what goes over the wire."""
    with reading(runtime.engine) as conn:
        return kept.content(conn, mail_id).decode()


def compose(language: str = "pt_BR", **question: str) -> AppTest:
    """Open the composer; for the first activity unless told otherwise."""
    at = visit("compose", language, **(question or {"activity": "1"}))
    assert not at.exception
    return at


def write(at: AppTest, /, **values: object) -> AppTest:
    """Type into fields, one after another."""
    for name, value in values.items():
        field(at, name).set_value(value).run()
    assert not at.exception
    return at


def send(at: AppTest) -> AppTest:
    """Press Send."""
    at.button(key="compose_send").click().run()
    assert not at.exception
    return at


def template(runtime: Runtime, name: str, body: str, *, bulk: bool = False) -> int:
    """Keep a template; give its id."""
    new = Template(0, name, f"Assunto de {name}", body, bulk, runtime.clock())
    return templates.save(runtime, new, "test")


def field(at: AppTest, name: str) -> Any:
    """Give a field of the composer: of whatever is being written."""
    kinds = (at.text_input, at.text_area, at.selectbox, at.toggle, at.number_input,
             at.button_group, at.get("date_time_input"))  # fmt: skip
    for kind in kinds:
        for one in kind:
            if re.fullmatch(rf"compose_[aim]\d+_{name}(_\d+)?", str(one.key)):
                return one
    raise AssertionError(f"no field {name}")


def has(at: AppTest, name: str) -> bool:
    """Tell whether a field is drawn."""
    try:
        return field(at, name) is not None
    except AssertionError:
        return False
