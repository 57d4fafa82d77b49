"""What people type into the dialog, field by field (THREATS T19, T20)."""

from dataclasses import replace

import pytest

from core.connect import Form, cleaned, problems
from core.model import Security, Server
from core.network import Policy
from core.secret import Secret

GOOD = Form(
    owner="  Ana   Souza ",
    address=" Ana@Empresa.com.br. ",
    password=Secret("säcret with spaces"),
    imap=Server("IMAP.empresa.com.br", 993),
    smtp=Server("smtp.empresa.com.br", 587, Security.STARTTLS),
    acknowledged=True,
)


def test_a_good_form_is_cleaned() -> None:
    assert problems(GOOD, Policy()) == []
    clean = cleaned(GOOD, Policy())
    assert (clean.owner, clean.address) == ("Ana Souza", "Ana@empresa.com.br")
    assert clean.login == "Ana@empresa.com.br"
    assert clean.imap.host == "imap.empresa.com.br"


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"owner": " "}, "owner", "empty"),
        ({"owner": "x" * 201}, "owner", "too_long"),
        ({"owner": "ß" * 101}, "owner", "too_long"),  # folded: two letters each
        ({"login": "ß" * 128}, "login", "too_long"),
        ({"address": ""}, "address", "empty"),
        ({"address": "ana"}, "address", "address_form"),
        ({"address": "a@b@c.example"}, "address", "address_form"),
        ({"address": "a@localhost"}, "address", "address_form"),
        ({"address": '"a b"@c.example'}, "address", "address_form"),
        ({"address": "a@c.example\r\nX"}, "address", "address_form"),
        ({"address": f"{'x' * 65}@c.example"}, "address", "address_form"),
        ({"login": "a\r\nb"}, "login", "control"),
        ({"password": Secret("")}, "password", "empty"),
        ({"password": Secret("a\r\nb")}, "password", "control"),
        ({"password": Secret("x" * 10_000)}, "password", "too_long"),
        ({"imap": Server("", 993)}, "imap_host", "empty"),
        ({"imap": Server("https://x.example/", 993)}, "imap_host", "host_extra"),
        ({"imap": Server("127.1", 993)}, "imap_host", "host_form"),
        ({"imap": Server("x.example", 0)}, "imap_port", "port"),
        ({"imap": Server("x.example", 65536)}, "imap_port", "port"),
        ({"imap": Server("x.example", 22)}, "imap_port", "port"),
        ({"smtp": Server("x.example", 25)}, "smtp_port", "port"),
        ({"imap": Server("x.example", 143, Security.NONE)}, "imap_security", "plain"),
    ],
)
def test_what_cannot_be_used_is_named(
    changes: dict[str, object], field: str, problem: str
) -> None:
    wrong = replace(GOOD, **changes)  # type: ignore[arg-type]  # fields by name
    assert [(p.field, p.problem) for p in problems(wrong, Policy())] == [
        (field, problem)
    ]


def test_every_problem_is_told_at_once() -> None:
    empty = Form("", "", Secret(""), Server("", 993), Server("", 465))
    fields = [p.field for p in problems(empty, Policy())]
    assert fields == ["owner", "address", "password", "imap_host", "smtp_host"]


def test_other_ports_only_where_a_setting_allows_the_host() -> None:
    policy = Policy(allow_hosts=frozenset({"localhost"}))
    local = replace(
        GOOD, imap=Server("localhost", 4143), smtp=Server("localhost", 4165)
    )
    assert problems(local, policy) == []


def test_a_form_does_not_show_its_password() -> None:
    assert "säcret" not in repr(GOOD)
