"""Words, and who has them; positions, which put messages in order."""

import pytest
from hypothesis import given, strategies as st

from core.positions import END, first_at, key_of, position_of
from core.terms import WORD_CHARS, Where, matches, term, texts_of, words
from core.text import fold, harmless

MAIL = texts_of(
    fold(
        "Reunião semanal: orçamento\n"
        "Maria Aparecida ana.lima@mail.acme.example\n"
        "Ivo <ivo@b-c.example>\nli@[::1]"
    )
)


@pytest.mark.parametrize(
    ("where", "text", "found"),
    [
        (Where.ANY, "reuniao", True),
        (Where.ANY, "REUN", True),
        (Where.ANY, "uniao", False),  # of a subject, only beginnings
        (Where.SENDER, "areci", True),  # of names, anywhere
        (Where.SENDER, "re", False),  # two letters: only beginnings
        (Where.SENDER, "ivo", False),
        (Where.RECIPIENTS, "ivo", True),
        (Where.RECIPIENTS, "ivo b-c", True),
        (Where.SUBJECT, "semanal orca", True),
        (Where.SUBJECT, "reuniao orcamento", False),  # not one after the other
        (Where.ANY, "aparecida ivo", False),  # of different people's parts
        (Where.DOMAIN, "acme.example", True),
        (Where.DOMAIN, "@mail.acme.example", True),
        (Where.DOMAIN, "cme.example", False),
        (Where.DOMAIN, "example", False),
        (Where.DOMAIN, "b-c.example", True),
        (Where.DOMAIN, "b.c.example", False),
        (Where.DOMAIN, "[::1]", True),
        (Where.ANY, "!", False),
    ],
)
def test_who_has_what(where: Where, text: str, found: bool) -> None:
    assert matches(term(where, text), MAIL) is found
    assert matches(term(where, text, wanted=False), MAIL) is not found


def test_a_quoted_word_is_whole() -> None:
    assert not matches(term(Where.ANY, "reun", quoted=True), MAIL)
    assert matches(term(Where.ANY, "Reunião", quoted=True), MAIL)


@given(st.text())
def test_to_fold_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(text.upper()) == fold(text.upper().lower())


@pytest.mark.parametrize("text", ["ℌ", "𝐇", "Ⓗ", "Ｈ", "H\u0301"])
def test_a_letter_in_any_guise_is_that_letter(text: str) -> None:
    assert fold(text) == "h"


@given(st.text())
def test_words_are_short_and_have_no_signs(text: str) -> None:
    for word in words(fold(harmless(text))):
        assert 0 < len(word) <= WORD_CHARS
        assert word.isalnum()


@given(st.integers(0, 4_102_444_800), st.integers(1, (1 << 31) - 1))
def test_a_position_says_time_and_id(second: int, number: int) -> None:
    position = position_of(second * 1000, number)
    assert key_of(position) == (second * 1000, number)
    assert first_at(second * 1000) <= position < first_at(second * 1000 + 1) < END
