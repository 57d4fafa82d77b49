"""What is typed at the edge of what can be asked: told, and never a broken page."""

from __future__ import annotations

from datetime import date

import pytest

from core.question import Filters, Question, typed, wanted

ZONES = ("Pacific/Kiritimati", "Etc/GMT+12", "UTC")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "word",
    ["before:0001-01-01", "after:0001-01-01", "before:9999-12-31", "depois:31/12/9999"],
)
def test_a_day_that_no_message_can_have_is_not_understood(word: str, zone: str) -> None:
    assert typed(word).unclear == (word,)
    assert wanted(Question((1,), search=word, zone=zone)).since_ms is None


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", [date.min, date.max, date(1969, 12, 31)])
def test_any_day_can_be_chosen(day: date, zone: str) -> None:
    low, high = wanted(Question((1,), filters=Filters(day, day), zone=zone)).span
    assert 0 <= low <= high


def test_words_beyond_the_twentieth_are_told() -> None:
    asked = typed(" ".join(f"w{n}" for n in range(23)) + " is:unread")
    assert len(asked.terms) == 20
    assert asked.unclear == ("w20", "w21", "w22")
    assert asked.chosen == {"unread": True}


@pytest.mark.parametrize(
    ("word", "kind"),
    [("kind:bounce", "bounce"), ("tipo:devolução", "bounce"), ("tipo:lista", "list")],
)
def test_kinds_are_known_in_both_languages(word: str, kind: str) -> None:
    assert typed(word).chosen == {"kinds": (kind,)}
    assert typed("tipo:nenhum").unclear == ("tipo:nenhum",)
