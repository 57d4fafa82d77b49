"""The look inside a message, where there is nothing to be seen: told in words."""

from __future__ import annotations

import pytest

from core.runtime import Runtime
from core.store import integrations
from core.store.engine import writing
from tests.console.conftest import visit, words
from tests.store.building import connected, listed, put, some

TOLD = {
    ("subject", "pt_BR"): "não permite abrir mensagens",
    ("subject", "en"): "does not allow messages to be opened",
    ("metadata", "pt_BR"): "não permite abrir mensagens",
    ("body", "pt_BR"): "foi movida ou excluída nesse meio-tempo",
    ("body", "en"): "it was moved or deleted meanwhile",
}


@pytest.mark.parametrize(("level", "language"), TOLD)
def test_what_cannot_be_shown_is_told(
    runtime: Runtime, level: str, language: str
) -> None:
    one = connected(runtime)
    ids = listed(runtime, one, "Inbox")
    put(runtime, one, ids["Inbox"], some(1))
    listed(runtime, one, "Another")  # the folder that it lay in is gone
    with writing(runtime.engine) as conn:
        integrations.change(conn, one, privacy=level)
    at = visit("messages", language, integration=str(one), message="1")
    assert not at.exception
    assert TOLD[level, language] in words(at)
    again = {"pt_BR": "Tentar de novo", "en": "Try again"}[language]
    assert (again in words(at)) is (level == "body")
