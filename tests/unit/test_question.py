"""What was typed is read as people mean it, and anything else without an error."""

from datetime import date

import pytest
from hypothesis import given, strategies as st

from core.question import TERMS_MOST, Filters, Question, typed, wanted
from core.terms import Term, Where

PIECES = [
    "from:", "de:", "-", '"', ":", "before:", "2026-11-01", "is:unread", "has:", "tem:",
    "é:não-lida", "larger:", "2M", "kind:", "bounce", " ", "\x00", "domínio:", "@", "ß",
]  # fmt: skip


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)))
def test_whatever_is_typed_is_read(search: str) -> None:
    found = typed(search)
    assert len(found.terms) <= TERMS_MOST
    assert all(isinstance(term, Term) for term in found.terms)
    wanted(Question((1,), search=search))


@pytest.mark.parametrize(
    ("english", "portuguese"),
    [
        ("from:ana", "de:ana"),
        ("to:ana", "para:ana"),
        ("subject:ata", "assunto:ata"),
        ("domain:acme.example", "domínio:acme.example"),
        ("before:2026-11-01", "antes:01/11/2026"),
        ("after:2026-11-01", "depois:2026/11/01"),
        ("is:unread", "é:não-lida"),
        ("is:read", "está:lida"),
        ("is:flagged", "é:marcada"),
        ("is:answered", "é:respondida"),
        ("is:sent", "é:enviada"),
        ("has:attachment", "tem:anexo"),
        ("has:reply", "tem:resposta"),
        ("has:thread", "tem:conversa"),
        ("larger:2M", "maior:2m"),
        ("smaller:100k", "menor:100KB"),
    ],
)
def test_both_languages_mean_the_same(english: str, portuguese: str) -> None:
    assert typed(english) == typed(portuguese)
    assert not typed(english).unclear
    assert typed(english) != typed("")


@pytest.mark.parametrize(
    ("search", "terms"),
    [
        ("Reunião", [Term(Where.ANY, ("reuniao",))]),
        ('"Reunião semanal"', [Term(Where.ANY, ("reuniao", "semanal"), whole=True)]),
        ("-from:ana", [Term(Where.SENDER, ("ana",), wanted=False)]),
        ("ana@x.example", [Term(Where.ANY, ("ana", "x", "example"))]),
        ("re:viagem", [Term(Where.ANY, ("re", "viagem"))]),
        ("domain:@X.example", [Term(Where.DOMAIN, ("x.example",), whole=True)]),
        ('"open', [Term(Where.ANY, ("open",), whole=True)]),
        ("--", []),
        ("-!", []),
        ("!", [Term(Where.ANY, ())]),
    ],
)
def test_words_are_looked_for(search: str, terms: list[Term]) -> None:
    assert list(typed(search).terms) == terms


@pytest.mark.parametrize(
    "search",
    ["before:yesterday", "is:purple", "has:", "larger:big", "kind:cat", "-is:unread"],
)
def test_what_is_not_understood_is_said(search: str) -> None:
    found = typed(f"{search} ana")
    assert [one.split()[0] for one in found.unclear] == [search] or search == "has:"
    assert not found.chosen


def test_before_is_not_of_that_day_and_after_is() -> None:
    assert typed("before:2026-11-02").chosen == {"until": date(2026, 11, 1)}
    assert typed("after:2026-11-02").chosen == {"since": date(2026, 11, 2)}


def test_what_is_typed_goes_before_what_was_chosen() -> None:
    asked = Question((1,), search="is:read", filters=Filters(unread=True))
    assert wanted(asked).unread is False


def test_days_are_the_viewers() -> None:
    day = Filters(since=date(2026, 3, 1), until=date(2026, 3, 1))
    utc, here = (
        wanted(Question((1,), filters=day, zone=zone))
        for zone in ("UTC", "America/Sao_Paulo")
    )
    assert utc.since_ms is not None
    assert here.since_ms == utc.since_ms + 3 * 3_600_000
    assert utc.until_ms == utc.since_ms + 24 * 3_600_000
