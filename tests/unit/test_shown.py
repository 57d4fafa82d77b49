"""What a text may show outside: hostile and ordinary words of servers."""

from base64 import b64encode
from urllib.parse import quote

import pytest

from core.bundle.shown import HIDDEN, MOST, Screen

ADDRESS, OWNER = "joao.conceicao@acme-metais.example", "João Conceição"
LOGIN, HOST = "acme\\jconceicao", "mail.acme-metais.example"
WORDS = [
    ADDRESS, "joao.conceicao", "acme-metais.example", OWNER, *OWNER.split(), LOGIN,
    HOST, "Clientes/Zanzibar", "Ana",
]  # fmt: skip
PLAIN = Screen(b"k" * 32, {"imap.gmail.com", "gmail.com"}.__contains__)
SCREEN = PLAIN.of(WORDS)


def coded(text: str, before: str = "", code: str = "utf-8") -> str:
    return b64encode((before + text).encode(code)).decode()


@pytest.mark.parametrize(
    "said",
    [
        f"no such user {ADDRESS}",
        f"no such user <{ADDRESS.upper()}>",
        f"no such user {quote(ADDRESS)}",
        "no such user joao.conceicao\uff20acme-metais.example",
        "no such user joao.conceicao(at)acme-metais.example",
        "user joao.conceicao at acme-metais.example",
        "user JOAO.CONCEICAO is locked",
        "João Conceição: caixa cheia",
        "joao conceicao: caixa cheia",
        "JOÃO CONCEIÇÃO: caixa cheia",
        "Joa\u0303o Conceic\u0327a\u0303o",
        f"login {LOGIN} refused",
        f"mailbox Clientes/Zanzibar missing at {HOST}",
        f"echo {coded(ADDRESS)}",
        f"echo {coded(LOGIN)}",
        f"echo{coded(ADDRESS, 'x')}",
        f"echo {coded(f'{LOGIN}', chr(0))}",
        f"echo {coded(ADDRESS, 'xy')}.",
        f"echo {coded(ADDRESS, code='utf-16-le')}",
        f"echo {ADDRESS.encode().hex()}",
        'message "Salary of joao" rejected',
        "message “Zanzibar talks” rejected",
        "call Ana now",
    ],
)
def test_nothing_of_a_person_is_left(said: str) -> None:
    text = SCREEN.text(said).lower()
    for word in ("joao", "joão", "concei", "acme", "zanzibar", "salary", "ana "):
        assert word not in text
    assert coded(ADDRESS).lower()[8:16] not in text
    assert ADDRESS.encode().hex()[8:20] not in text


@pytest.mark.parametrize(
    ("said", "hidden"),
    [
        ("ask maria@else.example", "maria"),
        ("ask maria@else.example", "else"),
        ("from 203.0.113.77 refused", "203.0"),
        ("from [2001:db8::77] refused", "2001"),
        ("at srv7.intranet.acme.example.", "intranet"),
        ("session k3JfDk29xQpLmN0a", "k3Jf"),
        ("token ya29.a0AfH6SMBx-99_k", "AfH6"),
        ("see /var/mail/maria/cur", "maria"),
        (r"see C:\Users\maria\mail", "maria"),
        ("call +55 11 98765-4321", "98765"),
        ("CPF 123.456.789-09", "456"),
        ('unfinished "quotation with a subject', "subject"),
        ("tenant acme.onmicrosoft.example", "acme"),
        ("address-6a6f616f31 host-6e6f6d6521", "6a6f"),
    ],
)
def test_what_may_be_somebody_s_is_hidden(said: str, hidden: str) -> None:
    assert hidden not in PLAIN.text(said)


@pytest.mark.parametrize(
    "said",
    [
        "[AUTHENTICATIONFAILED] Authentication failed.",
        "[UNAVAILABLE] Temporary authentication failure.",
        "Connection refused by imap.gmail.com",
        "Too many simultaneous connections. (Failure)",
        "2026-11-27T23:48:40.123+00:00",
        "A7 UID FETCH 1:* (UID FLAGS BODY.PEEK[HEADER.FIELDS (DATE)])",
        '* LIST () "/" "INBOX"',
        "analysis of the anatomy at 12:30:45",
        "127.0.0.1 refused",
        "",
    ],
)
def test_what_helps_is_kept(said: str) -> None:
    assert SCREEN.text(said) == said


@pytest.mark.parametrize("name", ["AUTH=XOAUTH2", "IMAP4rev1", "QUOTA=RES-STORAGE"])
def test_capabilities_are_kept(name: str) -> None:
    assert SCREEN.capability(name) == name


@pytest.mark.parametrize("name", [f"X-{ADDRESS}", "X-CONCEICAO", "a b", "", "X" * 90])
def test_what_is_no_capability_is_not(name: str) -> None:
    assert SCREEN.capability(name) == HIDDEN


def test_a_hash_tells_the_same_from_another_and_needs_the_key() -> None:
    one = PLAIN.hashed("address", ADDRESS)
    assert one == PLAIN.hashed("address", f" {ADDRESS.upper()} ")
    assert one != PLAIN.hashed("address", "x" + ADDRESS)
    assert one != PLAIN.hashed("login", ADDRESS)
    assert one != Screen(b"j" * 32).hashed("address", ADDRESS)
    assert one in PLAIN.text(f"no {ADDRESS} here")


def test_it_is_bounded_and_prints_no_key() -> None:
    assert len(SCREEN.text("word " * 10_000)) <= MOST
    assert "kkk" not in repr(SCREEN)
    assert "conceicao" not in repr(SCREEN)
