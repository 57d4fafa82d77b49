"""Who may connect, and when."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import given, strategies as st

from core.jobs.gate import NO_WAIT, Ask, Bounds, Gate, Place

FREE = Bounds(account=10, host=10, starting=10, gap_s=0.0)


def ask(
    who: object,
    bounds: Bounds = FREE,
    *,
    host: str = "a",
    account: object = None,
    first: bool = False,
) -> Ask:
    return Ask(who, Place(host, account or who, bounds), lambda: None, first)


def let_in(gate: Gate, now: float = 0.0) -> list[object]:
    return [one.who for one in gate.ready(now)]


def test_connections_of_a_host_are_bounded():
    gate, two = Gate(), Bounds(host=2, starting=9, gap_s=0)
    for who in "abc":
        gate.ask(ask(who, two))
    gate.ask(ask("elsewhere", two, host="b"))
    assert let_in(gate) == ["a", "b", "elsewhere"]
    assert let_in(gate) == []
    gate.give_back("a")
    assert let_in(gate) == ["c"]
    assert gate.open_of("a") == 2


def test_connections_of_an_account_are_bounded():
    gate, one = Gate(), Bounds(account=1, gap_s=0)
    gate.ask(ask("watch", one, account=7))
    gate.ask(ask("sync", one, account=7))
    gate.ask(ask("other", one, account=8))
    assert let_in(gate) == ["watch", "other"]
    gate.give_back("watch")
    assert let_in(gate) == ["sync"]


def test_logins_under_way_are_bounded():
    gate, few = Gate(), Bounds(starting=2, gap_s=0)
    for who in "abcd":
        gate.ask(ask(who, few))
    assert let_in(gate) == ["a", "b"]
    gate.started("a")
    assert let_in(gate) == ["c"]
    gate.give_back("b")  # it failed
    assert let_in(gate) == ["d"]


def test_starts_are_staggered():
    gate, slow = Gate(), Bounds(starting=9, gap_s=1.2)  # INTEROP 37
    for who in "abc":
        gate.ask(ask(who, slow))
    assert let_in(gate, 100.0) == ["a"]
    assert gate.next_at(100.0) == 101.2
    assert let_in(gate, 101.1) == []
    assert let_in(gate, 101.2) == ["b"]
    assert let_in(gate, 500.0) == ["c"]
    assert gate.next_at(500.0) == NO_WAIT


def test_syncs_and_watching_take_turns():
    gate, one = Gate(), Bounds(host=1, gap_s=0)
    for who in "abc":
        gate.ask(ask(who, one))
    for who in "xyz":
        gate.ask(ask(who, one, first=True))
    order: list[object] = []
    while entered := let_in(gate):
        order += entered
        gate.give_back(entered[0])
    assert order == ["x", "a", "y", "b", "z", "c"]


def test_an_account_that_is_full_is_told_so_when_a_sync_wants_in():
    told: list[object] = []
    gate = Gate(crowded=told.append)
    one = Bounds(account=1, gap_s=0)
    gate.ask(ask("watch", one, account=7))
    let_in(gate)
    gate.ask(ask("watch too", one, account=7))
    assert told == []
    gate.ask(ask("sync", one, account=7, first=True))
    assert told == [7]


def test_who_waits_may_leave():
    gate, one = Gate(), Bounds(host=1, gap_s=0)
    gate.ask(ask("a", one))
    gate.ask(ask("b", one))
    assert let_in(gate) == ["a"]
    gate.give_back("b")
    gate.give_back("a")
    gate.give_back("nobody")
    assert let_in(gate) == []
    assert gate.open_of("a") == 0


def test_whoever_may_begin_later_is_woken():
    woken: list[bool] = []
    gate = Gate(wake=lambda: woken.append(True))
    gate.ask(ask("a"))
    let_in(gate)
    gate.give_back("a")
    assert len(woken) == 2


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "start", "leave", "pass"]),
        st.integers(0, 9),
        st.booleans(),
    )
)


@given(ACTS)
def test_no_bound_is_ever_passed_and_nobody_is_forgotten(
    acts: list[tuple[str, int, bool]],
):
    gate, bounds = Gate(), Bounds(account=2, host=3, starting=2, gap_s=1)
    wanted: dict[Any, Ask] = {}
    inside: dict[Any, Ask] = {}
    starting: set[object] = set()
    now = 0.0
    for turn, (act, number, first) in enumerate(acts):
        now += 0.5
        mine = next((w for w in [*inside, *wanted] if w[0] == number), (number, turn))
        if act == "ask":
            who = (number, turn)
            one = ask(
                who, bounds, host="ab"[number % 2], account=number // 4, first=first
            )
            wanted[who] = one
            gate.ask(one)
        elif act == "start":
            gate.started(mine)
            starting.discard(mine)
        elif act == "leave":
            gate.give_back(mine)
            wanted.pop(mine, None)
            inside.pop(mine, None)
            starting.discard(mine)
        for entered in gate.ready(now):
            inside[entered.who] = wanted.pop(entered.who)
            starting.add(entered.who)
        hosts = Counter(one.host for one in inside.values())
        accounts = Counter(one.account for one in inside.values())
        assert max(hosts.values(), default=0) <= 3
        assert max(accounts.values(), default=0) <= 2
    while wanted:  # everybody leaves in the end, so everybody gets in
        for who in list(inside):
            gate.give_back(who)
            del inside[who]
        now += 1
        entered_now = gate.ready(now)
        assert entered_now
        for entered in entered_now:
            inside[entered.who] = wanted.pop(entered.who)


def test_nobody_leaves_for_a_sync_while_a_brief_one_is_in():
    crowded: list[object] = []
    gate, two = Gate(crowded=crowded.append), Bounds(account=2, gap_s=0)
    place = Place("a", 7, two)
    gate.ask(ask("watch", two, account=7))
    assert let_in(gate) == ["watch"]
    assert gate.has_room(place)
    gate.ask(replace(ask("probe", two, account=7), brief=True))
    assert let_in(gate) == ["probe"]
    assert not gate.has_room(place)
    gate.ask(ask("sync", two, account=7, first=True))
    assert (let_in(gate), crowded) == ([], [])
    gate.give_back("probe")
    assert let_in(gate) == ["sync"]
    gate.ask(ask("another", two, account=7, first=True))
    assert crowded == [7]  # both of them stay: one has to make room


def test_there_is_no_room_where_a_sync_waits_or_the_host_is_full():
    gate, few = Gate(), Bounds(account=2, host=2, gap_s=0)
    gate.ask(ask("sync", few, account=7, first=True))
    assert not gate.has_room(Place("a", 7, few))
    assert gate.has_room(Place("a", 8, few))
    gate.ask(ask("watch", few, account=8))
    assert len(let_in(gate)) == 2
    assert not gate.has_room(Place("a", 9, few))
    assert gate.has_room(Place("b", 9, few))
