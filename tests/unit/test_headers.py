"""Header bytes as they come, hostile ones too (THREATS T14, T15, rows 33 to 35)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from core.clock import to_ms
from core.imap import dates, headers
from core.model import Address
from core.text import fold


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("plain", "plain"),
        ("=?utf-8?q?Ol=C3=A1?=", "Olá"),
        ("=?UTF-8?B?T2zDoQ==?=", "Olá"),
        ("=?iso-8859-1?q?Reuni=E3o?= amanhã", "Reunião amanhã"),
        ("=?utf-8?b?T2w=?= =?utf-8?b?w6E=?=", "Olá"),
        ("=?utf-8*pt?q?Ol=C3=A1?=", "Olá"),
        ("=?rot13?q?uryyb?=", "uryyb"),
        ("=?utf-7?q?+AGEAYg-?=", "+AGEAYg-"),
        ("=?nonsense?q?abc?=", "abc"),
        ("=?utf-8?b?!!!?=", ""),
        ("a\u202eexe.pdf", "a\N{REPLACEMENT CHARACTER}exe.pdf"),
        ("a\x00b", "a\N{REPLACEMENT CHARACTER}b"),
    ],
)
def test_words_are_decoded_and_harmless(raw: str, text: str) -> None:
    assert headers.decode(raw) == text


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("Ana <ana@x.example>", [("Ana", "ana@x.example")]),
        ("ANA@X.example", [("", "ana@x.example")]),
        (
            '"Silva, Ana" <a@x.example>, b@y.example',
            [("Silva, Ana", "a@x.example"), ("", "b@y.example")],
        ),
        ("=?utf-8?q?Jo=C3=A3o?= <j@x.example>", [("João", "j@x.example")]),
        (
            '"potus@whitehouse.gov" <evil@example.com>',
            [("potus@whitehouse.gov", "evil@example.com")],
        ),
        ("", []),
    ],
)
def test_addresses(raw: str, found: list[tuple[str, str]]) -> None:
    assert headers.addresses(raw) == tuple(Address(*pair) for pair in found)


@pytest.mark.parametrize(
    ("raw", "at"),
    [
        ("Mon, 2 Mar 2026 10:00:00 -0300", datetime(2026, 3, 2, 13, tzinfo=UTC)),
        ("2 Mar 2026 10:00 GMT", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("Fri, 31 Dec 9999 23:59:59 -1200", None),
        ("Mon, 2 Mar 2026 10:00:00 +99999999", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_that_make_no_sense_are_none(raw: str, at: datetime | None) -> None:
    assert dates.date_ms(raw) == (to_ms(at) if at else None)


@pytest.mark.parametrize(
    "bomb",
    [
        "To: " + "," * 100_000,
        "To: " + "(" * 50_000,
        "To: " + "a@b.example, " * 50_000,
        "Subject: " + "=?utf-8?q?x?= " * 20_000,
        "Subject: " + "=?utf-8?b?" + "QUFB" * 100_000 + "?=",
        "From: " + "<" * 10_000,
        "From: " + '"' * 9_999,
        "\r\n".join(f"H{n}: x" for n in range(100_000)),
    ],
    ids=lambda bomb: bomb[:24],
)
def test_bombs_cost_no_more_than_their_caps(bomb: str) -> None:
    found = headers.fields(bomb.encode())
    assert len(headers.addresses(found.get("to", ""))) <= headers.ADDRESSES
    assert len(headers.decode(found.get("subject", ""))) <= headers.TEXT_CHARS
    assert len(headers.addresses(found.get("from", ""))) <= headers.ADDRESSES


@given(st.binary(max_size=400))
def test_no_bytes_raise_and_no_control_survives(block: bytes) -> None:
    found = headers.fields(b"Subject: " + block)
    texts = [headers.decode(value) for value in found.values()]
    texts += [a.name + a.address for v in found.values() for a in headers.addresses(v)]
    assert not any(c < " " or "\ud800" <= c <= "\udfff" for text in texts for c in text)
    dates.date_ms(block.decode("latin-1"))
    dates.internal_ms(block)


def test_search_ignores_case_and_accents() -> None:
    assert fold("Reunião às 10h") == "reuniao as 10h"
