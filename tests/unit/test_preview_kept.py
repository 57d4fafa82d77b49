"""What is kept in memory is bounded; tokens are short-lived and cannot be made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from core.errors import LinkExpired, MessageGone
from core.preview import tokens
from core.preview.document import HEADER_POLICY, LEAST_PX, MOST_PX, height_px, page
from core.preview.kept import Kept
from core.preview.shown import Person
from core.preview.tokens import Named
from core.vault import Vault

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
VAULT = Vault(b"k" * 32)
ONE = Named(3, 42)


def test_a_value_is_made_once_and_forgotten_in_time() -> None:
    now = [0.0]
    made: list[int] = []
    kept = Kept(seconds=10, most=100, clock=lambda: now[0])

    def make() -> int:
        made.append(1)
        return len(made)

    assert [kept.get("a", make, lambda _: 1) for _ in range(3)] == [1, 1, 1]
    now[0] = 9.9
    assert kept.get("a", make, lambda _: 1) == 1
    now[0] = 10.0
    assert kept.get("a", make, lambda _: 1) == 2


def test_bytes_are_bounded_and_the_oldest_go() -> None:
    kept = Kept(most=100)
    for name in "abcd":
        kept.get(name, lambda: name, lambda _: 40)  # noqa: B023 - made at once
        assert kept.size_bytes <= 100
    assert kept.get("d", lambda: "anew", lambda _: 40) == "d"
    assert kept.get("a", lambda: "anew", lambda _: 40) == "anew"
    assert kept.get("large", lambda: "x", lambda _: 101) == "x"
    assert kept.size_bytes == 0


def test_a_failure_is_not_kept_and_what_is_chosen_is_forgotten() -> None:
    kept = Kept()

    def fail() -> str:
        raise MessageGone("x")

    with pytest.raises(MessageGone):
        kept.get("a", fail, len)
    assert kept.get("a", lambda: "good", len) == "good"
    kept.forget(lambda key: key == "a")
    assert kept.get("a", lambda: "anew", len) == "anew"


def test_a_token_names_a_message_for_some_minutes() -> None:
    token = tokens.make(VAULT, ONE, NOW)
    assert tokens.read(VAULT, token, NOW) == ONE
    assert tokens.read(VAULT, token, NOW + timedelta(minutes=10)) == ONE
    with pytest.raises(LinkExpired):
        tokens.read(VAULT, token, NOW + timedelta(minutes=15))
    assert tokens.make(VAULT, ONE, NOW + timedelta(minutes=4)) == token
    assert tokens.make(VAULT, Named(3, 43), NOW) != token


def test_a_token_of_another_key_or_changed_opens_nothing() -> None:
    token = tokens.make(VAULT, ONE, NOW)
    with pytest.raises(LinkExpired):
        tokens.read(Vault(b"q" * 32), token, NOW)
    for at in range(len(token) - 1):  # the last character holds bits of no meaning
        changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        with pytest.raises(LinkExpired):
            tokens.read(VAULT, changed, NOW)


@given(st.text(max_size=120))
def test_no_text_is_a_token(text: str) -> None:
    with pytest.raises(LinkExpired):
        tokens.read(VAULT, text, NOW)


def test_the_page_says_its_policy_and_its_title_is_text() -> None:
    made = page("<p>x</p>", "</title><script>", "pt-BR")
    assert "<script>" not in made
    assert "default-src &#x27;none&#x27;" in made
    assert "sandbox " in HEADER_POLICY
    assert "allow-scripts" not in HEADER_POLICY
    assert "allow-same-origin" not in HEADER_POLICY


def test_the_height_is_within_reason() -> None:
    assert height_px("") == LEAST_PX
    assert height_px("<p>x</p>" * 10_000) == MOST_PX
    assert LEAST_PX < height_px("<p>x</p>" * 12) < MOST_PX


def test_an_address_stands_beside_every_name() -> None:
    assert Person("Ana", "a@x.example").text == "Ana <a@x.example>"
    assert Person("", "a@x.example").text == "a@x.example"
