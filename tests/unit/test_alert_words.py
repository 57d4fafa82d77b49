"""A notice names the mailbox, what is wrong, since when, what to do and where."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.alerting import Told
from core.alerts.builtin import RULES
from core.alerts.grouping import What
from core.alerts.sending import wait_after
from core.alerts.words import Message, place_name, rule_name, write
from core.i18n import LANGUAGES, Texts
from tests.unit.alerting import NOW, ago

URL = "https://malote.example"


def told(number: int = 3, **changes: object) -> Told:
    values: dict[str, object] = {
        "id": number,
        "rule_id": 1,
        "integration_id": number,
        "owner": f"Ana {number}",
        "address": f"ana{number}@example.org",
        "place": "uol",
        "code": "wrong_password",
        "facts": {},
        "since": ago(3600),
        "fired_at": NOW,
        **changes,
    }
    return Told(**values)  # type: ignore[arg-type]  # fields by name


def written(what: What, *some: Told, language: str = "en") -> Message:
    return write(Texts(language), what, "builtin.person", some, URL)


@pytest.mark.parametrize(
    ("language", "title", "lines"),
    [
        (
            "en",
            "[Malote] ana3@example.org: password refused",
            ["Since 2026-03-01 11:00 UTC.", "What to do: ", "Rule: Somebody must act"],
        ),
        (
            "pt_BR",
            "[Malote] ana3@example.org: senha recusada",
            ["Desde 01/03/2026 11:00 UTC.", "O que fazer: ", "Regra: Alguém precisa"],
        ),
    ],
)
def test_one_alert(language: str, title: str, lines: list[str]) -> None:
    message = written(What.FIRED, told(), language=language)
    assert message.title == title
    for line in ("Ana 3 (ana3@example.org)", *lines, f"{URL}/sync?integration=3"):
        assert line in message.body


def test_forty_name_the_first_ten_and_the_number() -> None:
    message = written(What.FIRED, *(told(n) for n in range(1, 41)))
    assert message.title == "[Malote] 40 mailboxes, UOL Mail: password refused"
    assert "ana10@example.org" in message.body
    assert "ana11@example.org" not in message.body
    assert "and 30 more" in message.body
    assert message.body.endswith(f"{URL}/alerts")


def test_different_problems_are_told_by_the_name_of_the_rule() -> None:
    message = written(What.FIRED, told(1), told(2, code="no_tls"))
    assert message.title == "[Malote] 2 mailboxes, UOL Mail: Somebody must act"


def test_a_recovery_says_since_when_and_how_long_it_lasted() -> None:
    message = written(What.RECOVERED, told(recovered_at=ago(3600 - 125)))
    assert message.title.startswith("[Malote] Well again: ana3@example.org")
    assert "Well again since 2026-03-01 11:02 UTC; it lasted 2 min 5 s." in message.body
    assert "What to do" not in message.body


def test_nothing_foreign_breaks_the_line() -> None:
    message = written(What.FIRED, told(owner="Ana\nBcc: x", address="a@b\r\nTo: c"))
    assert "\n" not in message.title
    assert "Ana Bcc: x" in message.body


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_rules_of_ours_have_names(language: str) -> None:
    names = {rule_name(Texts(language), f"builtin.{key}") for key, *_ in RULES}
    assert len(names) == len(RULES)
    assert not [name for name in names if "builtin" in name]


def test_the_name_of_a_person_stays() -> None:
    assert rule_name(Texts("en"), "Vendas (SP)") == "Vendas (SP)"


def test_a_place_is_a_provider_or_a_host() -> None:
    assert place_name("uol") == "UOL Mail"
    assert place_name("mail.example.org") == "mail.example.org"


def test_waiting_doubles_up_to_a_quarter_of_an_hour() -> None:
    waits = [wait_after(n) for n in (1, 2, 3, 5, 6, 60)]
    seconds = [30, 60, 120, 480, 900, 900]
    assert waits == [timedelta(seconds=s) for s in seconds]
