"""An import shows what it would do, and does exactly that or nothing."""

from __future__ import annotations

import json
import time
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import select

from core.activities import (
    Draft,
    Plan,
    create,
    import_all,
    plan,
    read_csv,
    read_file,
)
from core.errors import BadInput
from core.planned import CHANGING
from core.runtime import Runtime
from core.store.engine import reading
from core.store.schema import activity, audit, owner
from core.text import fold

HEAD = "model,subject,contact,contact e-mail,company,owner,due\n"
Stored = dict[tuple[object, ...], tuple[str, ...]]


def stored(runtime: Runtime) -> Stored:
    """Give every activity: what it is, and what may be changed of it."""
    c = activity.c
    query = select(activity, owner.c.folded).join(owner)
    with reading(runtime.engine) as conn:
        return {
            (r.folded, r.model, r.subject, r.contact_address, r.due_on): tuple(
                getattr(r, name) for name in CHANGING
            )
            for r in conn.execute(query.order_by(c.id))
        }


def planned(runtime: Runtime, *rows: str) -> Plan:
    return plan(runtime, read_csv((HEAD + "\n".join(rows)).encode()))


def test_new_changed_same_and_refused_are_told_apart(runtime: Runtime) -> None:
    draft = Draft("call", "A", "Bia", "", "Açaí", "Ana", date(2026, 1, 2), "Proposta")
    create(runtime, draft, "test")
    shown = planned(
        runtime,
        "call,A,Rui,,Açaí,ANA,2026-01-02",
        "call,B,Rui,,X,Ana,2026-01-02",
        "call,A,Outra,,Y,Ana,02/01/2026",
        "fax,A,Rui,,X,Ana,2026-01-02",
    )
    assert [row.line for row in shown.new] == [3]
    (changed,) = shown.changed
    assert changed.fields == (("contact", "Bia", "Rui"),)  # no word on the template
    assert [(p.line, p.problem.problem) for p in shown.refused] == [
        (4, "twice"),
        (5, "model_unknown"),
    ]
    assert shown.wrong == 2
    done = import_all(runtime, shown, "test")
    assert (done.new, done.changed) == (1, 1)
    again = planned(runtime, "call,A,Rui,,Açaí,Ana,2026-01-02")
    assert (len(again.same), again.new, again.changed) == (1, (), ())
    assert stored(runtime)["ana", "call", "A", "", date(2026, 1, 2)] == (
        "Rui",
        "Açaí",
        "Proposta",
    )


def test_each_change_of_an_import_is_in_the_audit_log(runtime: Runtime) -> None:
    import_all(runtime, planned(runtime, "call,A,Bia,,X,Ana,2026-01-02"), "test")
    import_all(runtime, planned(runtime, "call,A,Rui,,,Ana,2026-01-02"), "Rui")
    with reading(runtime.engine) as conn:
        rows = conn.execute(select(audit.c.act, audit.c.facts).order_by(audit.c.id))
        *_, changed, imported = [(row[0], row[1]) for row in rows]
    assert changed[0] == "change_activity"
    assert (changed[1]["contact"], changed[1]["company"]) == ("Bia → Rui", "X → ")
    assert imported == (
        "import_activities",
        {"new": "0", "changed": "1", "refused": "0"},
    )


def test_what_was_not_shown_is_not_done(runtime: Runtime) -> None:
    shown = planned(
        runtime, "call,A,Rui,,X,Ana,2026-01-02", "call,B,Rui,,X,Ana,2026-01-02"
    )
    draft = Draft("call", "B", "Bia", "", "X", "Ana", date(2026, 1, 2))
    create(runtime, draft, "another")
    before = stored(runtime)
    with pytest.raises(BadInput, match="changed_meanwhile"):
        import_all(runtime, shown, "test")
    assert stored(runtime) == before


@pytest.mark.slow
def test_a_file_of_20_000_rows_stays_quick(runtime: Runtime) -> None:
    rows = [
        {
            "model": "call", "subject": f"A {n}", "contact": "Bia", "company": "X",
            "owner": f"Owner {n % 40}", "due": "2026-01-02", "email": "",
        }
        for n in range(20_000)
    ]  # fmt: skip
    began = time.monotonic()
    for company, expected in (("X", (20_000, 0)), ("Y", (0, 20_000))):
        content = json.dumps([{**row, "company": company} for row in rows]).encode()
        shown = plan(runtime, read_file("x.json", content))
        assert (len(shown.new), len(shown.changed)) == expected
        done = import_all(runtime, shown, "test")
        assert (done.new, done.changed) == expected
    assert time.monotonic() - began < 60
    assert len(stored(runtime)) == 20_000


ROW = st.fixed_dictionaries(
    {
        "model": st.sampled_from(["call", "visit", "fax"]),
        "subject": st.sampled_from(["A", "a", "Á", " A ", ""]),
        "contact": st.sampled_from(["Bia", "Rui", "Bia ", "=x"]),
        "owner": st.sampled_from(["Ana", "ANA", "Aná", "Íris"]),
        "due": st.sampled_from(["2026-01-02", "02/01/2026", "2026-01-03"]),
    },
    optional={
        "company": st.sampled_from(["", "X", "Y"]),
        "template": st.sampled_from(["", "T"]),
        "email": st.sampled_from(["", "b@x.example", "B@x.example"]),
    },
)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(files=st.lists(st.lists(ROW, max_size=8), min_size=1, max_size=3))
def test_what_is_shown_is_what_is_done(
    runtime: Runtime, files: list[list[dict[str, str]]]
) -> None:
    for rows in files:
        before = stored(runtime)
        shown = plan(runtime, read_file("x.json", json.dumps(rows).encode()))
        expected = dict(before)
        for row in shown.new:
            assert row.draft.identity not in expected
            texts = tuple(getattr(row.draft, name) for name in CHANGING)
            expected[row.draft.identity] = texts
        for one in shown.changed:
            known = dict(zip(CHANGING, expected[one.row.draft.identity], strict=True))
            for name, old, new in one.fields:
                assert known[name] == old != new
                known[name] = new
            expected[one.row.draft.identity] = tuple(known.values())
        done = import_all(runtime, shown, "test")
        assert stored(runtime) == expected
        assert (done.new, done.changed) == (len(shown.new), len(shown.changed))
        lines = [row.line for row in (*shown.new, *shown.same)]
        lines += [one.row.line for one in shown.changed]
        lines += sorted({one.line for one in shown.refused})
        assert sorted(lines) == list(range(1, len(rows) + 1))
        assert all(fold(str(key[0])) == key[0] for key in expected)
