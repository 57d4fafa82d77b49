"""The habit of a mailbox, in words and as a map, in both languages."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from console.habit_view import sentence
from console.week_chart import week as draw
from core.i18n import Texts
from core.quiet import Quiet, week
from core.runtime import Runtime
from core.silence import learn
from tests.console.conftest import words
from tests.store.following import followed, office_hours, stand

LANGUAGES = ("en", "pt_BR")


def shown(one: int, language: str) -> AppTest:
    def page(one: int, language: str) -> None:
        from console.habit_view import habit  # noqa: PLC0415 - runs by itself
        from core.i18n import Texts  # noqa: PLC0415 - the same

        habit(Texts(language, "America/Sao_Paulo"), one)

    at = AppTest.from_function(page, args=(one, language), default_timeout=20).run()
    assert not at.exception
    return at


def mailbox(runtime: Runtime, weeks: int, silent_days: int) -> int:
    now = runtime.clock()
    until = (now - timedelta(days=silent_days)).replace(
        minute=0, second=0, microsecond=0
    )
    return followed(runtime, office_hours(weeks, until))


@pytest.mark.parametrize(
    ("weeks", "silent_days", "english", "portuguese"),
    [
        (1, 0, "four weeks) are needed", "quatro semanas) para avaliar"),
        (6, 0, "that will be improbable (p < 0.001)", "será improvável (p < 0,001)"),
        (6, 20, "none came (p < 0.000001)", "nenhuma chegou (p < 0,000001)"),
    ],
)
def test_what_silence_means_is_said(
    runtime: Runtime, weeks: int, silent_days: int, english: str, portuguese: str
):
    one = mailbox(runtime, weeks, silent_days)
    for language, told in zip(LANGUAGES, (english, portuguese), strict=True):
        at = shown(one, language)
        assert told in words(at)
        assert "{" not in words(at)
        assert len(at.get("plotly_chart")) == 1


def test_a_mailbox_without_history_has_no_map(runtime: Runtime):
    one = followed(runtime, [])
    assert not shown(one, "en").get("plotly_chart")


def test_what_comes_too_rarely_is_said_so(runtime: Runtime):
    now = runtime.clock()
    one = followed(runtime, [now - timedelta(days=n) for n in (3, 40, 80)])
    stand(runtime, one, seen_at=now)
    assert "not even 30 days" in words(shown(one, "en"))


def test_the_map_is_drawn_with_a_day_a_row():
    monday = datetime.fromisoformat("2026-03-02T00:00+00:00")
    habit = learn({}, 0, 0)
    t = Texts("pt_BR", "America/Sao_Paulo")
    frame = week(habit, t.zone, monday)
    figure = draw(frame, t)
    assert list(figure.data[0].y)[:2] == ["seg.", "ter."]
    assert figure.data[0].z.shape == (7, 24)
    known = Quiet(1, False, monday, None, 0, 1, None, False, frame)
    assert sentence(t, known).startswith("Histórico de 1 dia;")
