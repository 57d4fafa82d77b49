"""Whether a bar was reached: the verdicts of `make bench`."""

import json
from functools import partial
from pathlib import Path

import pytest

from tests.bench import idling, table
from tests.bench.bars import BARS, MBSYNC, PRODUCT, WIRE, Bar, judged
from tests.bench.rounds import Figure, Measured, Result, interleaved


def taken(work: str, **seconds: list[float]) -> Measured:
    named = {"wire": WIRE, "product": PRODUCT, "mbsync": MBSYNC}
    return Measured(work, 10, "messages", {named[k]: v for k, v in seconds.items()})


@pytest.mark.parametrize(
    ("result", "value", "reached", "aimed"),
    [
        (taken("first sync, plain", product=[5.0], wire=[1.0]), 5, True, False),
        (taken("first sync, plain", product=[3.5], wire=[1.0]), 3.5, True, True),
        (taken("first sync, TLS", product=[5.1], wire=[1.0]), 5.1, False, False),
        (taken("nothing changed", product=[1.0], mbsync=[10.0]), 10, True, None),
        (taken("nothing changed", product=[1.0], mbsync=[9.9]), 9.9, False, None),
        # The median counts, not the one bad round.
        (taken("delta", product=[1, 9, 1], mbsync=[5, 5, 5]), 5, True, False),
        (Figure("memory, first sync of 10", 60.0, "MB"), 60, True, True),
        (Figure("memory, first sync of 10", 100.1, "MB"), 100.1, False, False),
    ],
)
def test_a_bar_is_held_against_what_was_measured(
    result: Result, value: float, reached: bool, aimed: bool | None
):
    (verdict,) = [v for v in judged([result]) if v.value is not None]
    assert verdict.value == pytest.approx(value)
    assert (verdict.reached, verdict.aimed) == (reached, aimed)


def test_a_bar_that_was_not_measured_stays_in_the_list():
    assert [(v.bar, v.reached) for v in judged([])] == [(bar, None) for bar in BARS]


def test_every_result_that_a_bar_is_about_is_judged():
    both = [taken(f"first sync, {x}", product=[1], wire=[1]) for x in ("plain", "TLS")]
    works = [v.work for v in judged(both) if v.value is not None]
    assert works == ["first sync, plain", "first sync, TLS"]


def test_bars_say_what_must_be():
    assert Bar("w", PRODUCT, WIRE, most=5).text == "product / wire limit ≤ 5"
    assert Bar("w", MBSYNC, PRODUCT, least=10).text == "mbsync / product ≥ 10"
    assert Bar("w", most=100, unit="MB").text == "≤ 100 MB"


def test_the_page_and_the_json_say_the_same():
    results = [taken("delta", product=[1.0], mbsync=[4.0])]
    page = table.markdown(results, {"cores": "2"}, 1)
    assert "| delta | mbsync / product ≥ 5 | 4.00 times | **no** | 10: **no** |" in page
    assert "| mbsync | 4.000 | 4.000, 4.000 | 2 | 4.00 |" in page
    told = json.loads(table.as_json(results, {"cores": "2"}, 1))
    verdict = {"work": "delta", "must": "mbsync / product ≥ 5", "value": 4.0}
    assert {**verdict, "aim": 10, "reached": False} in told["bars"]
    assert told["works"][0]["median"] == {"product": 1.0, "mbsync": 4.0}


def test_what_the_bench_of_idle_tells_is_judged():
    took = {"kib": 24.0, "notice_p50_ms": 9.0, "table_p95_ms": 2e3, "cpu_percent": 1.0}
    told = list(idling.figures({"plain": took, "tls": took}, 2000))
    verdicts = [v for v in judged(told) if v.value is not None]
    assert len(verdicts) == len(told)
    missed = {v.work for v in verdicts if not v.reached}
    assert missed == {f"delivery in the table (p95), {x}" for x in ("plain", "TLS")}


def test_sides_take_turns_in_beginning():
    began: list[str] = []

    def side(name: str) -> float:
        began.append(name)
        return 1.0

    seconds = interleaved({n: partial(side, n) for n in "abc"}, 3)
    assert "".join(began) == "abcbcacab"
    assert seconds == {n: [1.0, 1.0, 1.0] for n in "abc"}


def test_what_is_not_measured_again_stays_with_its_commit(tmp_path: Path) -> None:
    old: list[Result] = [
        Measured("delta", 10, "messages", {PRODUCT: [1.0], MBSYNC: [2.0]}, "login too"),
        Figure("memory, first sync", 40.0, "MB", "TLS"),
    ]
    table.write(tmp_path, old, {"commit": "aaa"}, 3)
    new: list[Result] = [Figure("memory, first sync", 30.0, "MB", "TLS")]
    (kept,) = table.kept(tmp_path, new)
    assert isinstance(kept, Measured)
    assert (kept.work, kept.median(MBSYNC)) == ("delta", 2.0)
    assert kept.notes == "login too; at commit aaa"
    table.write(tmp_path, [*new, kept], {"commit": "bbb"}, 3)
    assert table.kept(tmp_path, new) == [kept]
