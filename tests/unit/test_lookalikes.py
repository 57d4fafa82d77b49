"""Tricks with letters are seen, and ordinary names are left alone."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from core import lookalikes
from core.i18n import LANGUAGES, Texts


def codes(name: str, address: str = "ana@example.com") -> set[str]:
    return {one.code for one in lookalikes.of_person(name, address)}


@pytest.mark.parametrize(
    ("name", "address", "told"),
    [
        ("potus@whitehouse.gov", "evil@example.com", {"name_has_address"}),
        ('"ana@example.com"', "ana@example.com", set()),
        ("ANA@EXAMPLE.COM", "ana@example.com", set()),
        ("ana＠example.org", "ana@example.com", {"name_has_address"}),  # noqa: RUF001 - full-width on purpose
        ("p\u200bo@whitehouse.gov", "a@b.example", {"name_has_address", "invisible"}),
        ("P\u0430ypal", "a@paypal.example", {"mixed"}),
        ("Αpple", "a@example.com", {"mixed"}),  # noqa: RUF001 - Greek on purpose
        ("𝐏aypal", "a@example.com", set()),  # noqa: RUF001 - Latin, dressed up
        ("Анна", "anna@example.com", set()),
        ("Ελένη", "eleni@example.com", set()),
        ("東京タワーABC", "a@example.jp", set()),
        ("한국 KBS", "a@example.kr", set()),
        ("João Açaí", "joao@example.com", set()),
        ("Ana ❤️ 👩‍👧", "ana@example.com", set()),
        ("ana\u202egpj.exe", "ana@example.com", {"direction"}),
        ("a\u2066b\u2069", "ana@example.com", {"direction"}),
        ("soft\u00adware", "ana@example.com", {"invisible"}),
        ("Ana", "a@xn--80ak6aa92e.com", {"punycode", "like_latin"}),
        ("Ana", "a@аррӏе.com", {"not_ascii", "like_latin"}),  # noqa: RUF001 - the trick
        ("Ana", "a@p\u0430ypal.com", {"not_ascii", "mixed"}),
        ("Ana", "a@açaí.com.br", {"not_ascii"}),
        ("Ana", "p\u0430ypal@example.com", {"mixed"}),
        ("Ana", "a@xn--!!!.com", set()),
        ("Ana", "a@яндекс.рф", {"not_ascii"}),
    ],
)
def test_what_is_seen(name: str, address: str, told: set[str]) -> None:
    assert codes(name, address) == told


def test_what_is_invisible_is_shown() -> None:
    assert lookalikes.visible("a\u202eb\u200bc") == "a⟨U+202E⟩b⟨U+200B⟩c"
    assert lookalikes.visible("👩‍👧❤️") == "👩‍👧❤️"
    assert lookalikes.visible_lines("a\n\tb\u202e\x07") == "a\n\tb⟨U+202E⟩⟨U+0007⟩"
    assert lookalikes.visible("\ud800") == "?"


@pytest.mark.parametrize(
    ("one", "other", "different"),
    [
        ("www.bank.com", "bank.com", False),
        ("BANK.com", "bank.com.", False),
        ("xn--80ak6aa92e.com", "аррӏе.com", False),  # noqa: RUF001 - the trick
        ("apple.com", "аррӏе.com", True),  # noqa: RUF001 - the trick
        ("bank.com", "bank.com.evil.example", True),
    ],
)
def test_hosts_are_compared_however_written(
    one: str, other: str, different: bool
) -> None:
    assert lookalikes.differs(one, other) is different


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_name_and_address_is_judged_in_words(name: str, address: str) -> None:
    found = lookalikes.of_person(name, address)
    assert len(found) <= lookalikes.WARNINGS_MOST
    for language in LANGUAGES:
        t = Texts(language)
        for one in found:
            said = t(f"lookalike.{one.code}", **one.facts)
            assert said != f"lookalike.{one.code}"
            assert not lookalikes.HIDDEN.search(said)


def test_much_is_not_looked_at_for_long() -> None:
    name = "a\u0430" * 100_000 + "@" * 100_000
    found = lookalikes.of_person(name, name)
    assert all(len(one.facts.get("text", "")) < 20_000 for one in found)
