"""The matrix: what each cell says, in which order, in whose hours."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from console.fleet_matrix import COLOURS, matrix, shortened, unlike
from core.clock import to_ms
from core.i18n import Texts

COLUMNS = "integration_id slot good failed slowest_ms code cell".split()
NOON = to_ms(datetime(2026, 11, 27, 12, tzinfo=UTC)) // 900_000
SLOTS = range(NOON - 95, NOON + 1)
ENGLISH = Texts("en", "America/Sao_Paulo")
CODES = {name: code for code, name in enumerate(COLOURS)}


def drawn(*cells: tuple[object, ...], t: Texts = ENGLISH, slots: range = SLOTS):
    names = {7: "b@example.org", 3: "a@example.org"}
    return matrix(names, pd.DataFrame(list(cells), columns=COLUMNS), slots, t)


def test_rows_stand_in_the_order_given_and_gaps_are_not_run():
    heat = drawn((3, NOON, 2, 0, 900, None, "ok")).data[0]
    assert list(heat.y) == ["b@example.org", "a@example.org"]
    assert heat.z.shape == (2, 96)
    assert heat.z[1, 95] == CODES["ok"]
    assert (heat.z[0] == CODES["not_run"]).all()
    assert heat.hovertext[0, 0] == "Nothing ran"


@pytest.mark.parametrize(
    ("language", "cell", "said"),
    [
        ("en", (7, NOON, 1, 2, 0, "no_answer", "network"),
         "No connection: no answer in time<br>1 went well, 2 failed"),
        ("pt_BR", (7, NOON, 0, 2, 0, "wrong_password", "refused"),
         "Login recusado: senha recusada<br>deram certo: 0; falharam: 2"),
        ("en", (7, NOON, 1, 0, 65_000, None, "slow"), "Slow: up to 1 min 5 s"),
        ("en", (7, NOON, 0, 1, 0, "from_tomorrow", "ours"),
         "Malote itself<br>0 went well, 1 failed"),
    ],
)  # fmt: skip
def test_a_cell_says_what_it_was(language: str, cell: tuple[object, ...], said: str):
    heat = drawn(cell, t=Texts(language, "UTC")).data[0]
    assert heat.hovertext[0, 95] == said


def test_colour_is_never_alone():
    figure = drawn(
        (7, NOON - 1, 0, 1, 0, "no_answer", "network"),
        (7, NOON, 0, 1, 0, "no_answer", "network"),
        (3, NOON, 1, 0, 0, None, "ok"),
    )
    letters = figure.data[0].text
    assert (letters[0, 94], letters[0, 95], letters[1, 95]) == ("N", "", "")
    legend = [trace.name for trace in figure.data[1:]]
    assert legend == [" Nothing ran".strip(), "Good", "<b>N</b> No connection"]


def test_hours_are_the_readers():
    x = drawn((7, NOON, 1, 0, 0, None, "ok")).data[0].x
    assert x[95] == "2026-11-27 09:00 - 09:15"
    axis = drawn((7, NOON, 1, 0, 0, None, "ok")).layout.xaxis
    assert axis.ticktext[-1] == "08:00"
    assert axis.tickvals[-1] == "2026-11-27 08:00 - 08:15"


def test_an_hour_that_comes_twice_has_two_columns():
    back = to_ms(datetime(2026, 11, 1, 12, tzinfo=UTC)) // 900_000
    there = Texts("en", "America/New_York")
    empty: list[tuple[object, ...]] = [(7, back, 1, 0, 0, None, "ok")]
    x = drawn(*empty, t=there, slots=range(back - 95, back + 1)).data[0].x
    assert len(set(x)) == 96


def test_addresses_are_cut_told_apart_and_harmless():
    assert shortened("<a href='x'>@b") == "&lt;a href='x'&gt;@b"
    assert len(shortened("x" * 300)) == 34
    assert len(set(unlike(["a", "a", "b", "a"]))) == 4


def test_nothing_at_all_can_be_drawn():
    assert drawn().data[0].z.shape == (2, 96)
