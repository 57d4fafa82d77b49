"""`malote export volume|responses|correspondents`, as a process, on each database."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from core.analysis import Malote
from core.columns import FRAMES
from core.runtime import Runtime
from core.store.engine import reading, writing
from core.store.schema import audit, owner
from tests.store.building import connected, listed, made, put, some
from tests.store.mailbox_made import take_all_in
from tests.store.responses_drawn import Mail, put_in_team
from tests.store.test_export_command import in_terminal, said
from tests.store.test_exporting import FORMULAS

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
PERIOD = ("--from", "2026-03-05", "--to", "2026-05-05")
DAYS = date(2026, 3, 5), date(2026, 5, 5)
SQL = re.compile(r"^```sql\n(.+?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^malote export (.+?)(?:  #.*)?$", re.MULTILINE)
SOME = re.compile(rb"[1-9][\d,]* rows so far")
Command = Callable[..., subprocess.CompletedProcess[str]]


def environment(runtime: Runtime) -> dict[str, str]:
    return {
        **os.environ,
        "MALOTE_DATA": str(runtime.settings.data),
        "MALOTE_DATABASE_URL": runtime.settings.database_url,
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
    }


@pytest.fixture
def malote(runtime: Runtime) -> Malote:
    Mail(runtime, seed=3).arrive()
    return Malote(runtime.engine)


@pytest.fixture
def export(runtime: Runtime, tmp_path: Path) -> Command:
    """Give what runs `malote export`, in a folder for its files."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "core.cli", "export", *words],
            env=environment(runtime),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def audited(runtime: Runtime) -> dict[str, Any]:
    with reading(runtime.engine) as conn:
        row = conn.execute(select(audit).order_by(audit.c.id.desc()).limit(1)).one()
    assert row.act == "export"
    assert row.actor.startswith("cli")
    return {**row.facts, "of": row.integration_id}


def read_csv(path: Path, name: str) -> pd.DataFrame:
    columns = FRAMES[name]
    dates = [n for n, kind in columns.items() if str(kind).startswith("datetime")]
    found = pd.read_csv(
        path,
        dtype={n: kind for n, kind in columns.items() if n not in dates},
        keep_default_na=False,
        na_values={n: [""] for n, kind in columns.items() if kind != "str"},
        parse_dates=dates,
    )
    return found.astype({n: columns[n] for n in dates})


def test_every_table_in_both_formats(
    runtime: Runtime, malote: Malote, export: Command, tmp_path: Path
) -> None:
    one = int(malote.integrations()["id"].min())
    true = {
        ("volume", "--step", "week", "--by", "team", "--zone", "Asia/Kathmandu"): (
            malote.volume(*DAYS, step="week", by="team", zone="Asia/Kathmandu")
        ),
        ("responses", "--team", "Sales", "--side", "ours"): malote.responses(
            *DAYS, team="Sales", side="ours", zone=malote.zone()
        ).frame(),
        ("correspondents", "--mailbox", str(one), "--what", "domain"): (
            malote.correspondents(
                "domain", first=DAYS[0], last=DAYS[1], integration=one
            ).frame()
        ),
    }
    for (name, *words), frame in true.items():
        assert len(frame) > 5, name
        for ending in ("parquet", "csv"):
            file = f"{name}.{ending}"
            done = export(name, file, *PERIOD, *words, "--json")
            assert done.returncode == 0, done.stderr
            assert json.loads(done.stdout) == {"file": file, "rows": len(frame)}
            noted = audited(runtime)
            assert (noted["numbers"], noted["format"]) == (name, ending)
        assert noted["of"] == (one if name == "correspondents" else None)
        parquet = pd.read_parquet(tmp_path / f"{name}.parquet")
        pd.testing.assert_frame_equal(parquet, frame)
        sheet = read_csv(tmp_path / f"{name}.csv", name)
        # CSV has whole seconds; so has all that is drawn here.
        pd.testing.assert_frame_equal(sheet, frame)
        kept = pq.read_schema(tmp_path / f"{name}.parquet").metadata
        question = json.loads(kept[b"malote.question"])
        assert question["numbers"] == name
        assert (question["first"], question["last"]) == ("2026-03-05", "2026-05-05")
        beside = json.loads((tmp_path / f"{name}.csv-metadata.json").read_text("utf-8"))
        assert beside["notes"][0]["question"] == question
        described = beside["tableSchema"]["columns"]
        assert [column["name"] for column in described] == list(FRAMES[name])
    assert question["team" if "team" in question else "integration"] == str(one)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_periods_and_formats(
    runtime: Runtime, malote: Malote, export: Command, tmp_path: Path
) -> None:
    assert export("volume", "all.out", "--format", "parquet").returncode == 0
    every = pd.read_parquet(tmp_path / "all.out")
    held = malote.days(zone=malote.zone())
    assert held == (every["day"].iloc[0].date(), every["day"].iloc[-1].date())
    assert every["received"].sum() == malote.volume(*held)["received"].sum() > 0
    assert export("volume", "two.csv", "--months", "2").returncode == 0
    today = runtime.clock().astimezone().date()
    days = pd.read_csv(tmp_path / "two.csv", parse_dates=["day"])["day"]
    assert days.iloc[0].day == 1
    assert 27 < (pd.Timestamp(today) - days.iloc[0]).days < 63


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_cell_is_a_formula(
    runtime: Runtime, export: Command, tmp_path: Path
) -> None:
    one = connected(runtime, "=1+1")
    with writing(runtime.engine) as conn:
        put_in_team(conn, "=1+1", "@SUM(A1)")
        assert conn.scalar(select(owner.c.team)) == "@SUM(A1)"
    rows = [
        f._replace(
            message=made(
                identity=f"i{n}", message_id=f"<{n}@x>", from_address=f"{text}@x.test"
            )
        )
        for n, (f, text) in enumerate(zip(some(len(FORMULAS)), FORMULAS, strict=True))
    ]
    put(runtime, one, listed(runtime, one, "Inbox")["Inbox"], rows)
    take_all_in(runtime)
    assert export("responses", "r.csv").returncode == 0
    found = pd.read_csv(tmp_path / "r.csv", keep_default_na=False)
    assert len(found) == len(FORMULAS)
    assert set(found["owner"]) == {"'=1+1"}
    assert set(found["team"]) == {"'@SUM(A1)"}
    assert set(found["whom"]) == {f"'{text}@x.test" for text in FORMULAS}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("volume", "x.txt"), ".parquet"),
        (("volume", "x.csv", "--team", "nobody"), "nobody"),
        (("volume", "x.csv", "--team", "Sales", "--mailbox", "1"), "not both"),
        (("volume", "x.csv", "--months", "1", "--from", "2026-01-01"), "not both"),
        (("volume", "x.csv", "--from", "2026-02-02", "--to", "2026-02-01"), "before"),
        (("volume", "x.csv", "--zone", "Mars"), "time zone"),
        (("responses", "x.csv", "--mailbox", "999"), "exist"),
        (("correspondents", "nowhere/x.csv"), "cannot be written"),
        (("correspondence", "x.csv"), "No such command"),
    ],
)
def test_what_cannot_be_is_told_in_a_line(
    malote: Malote, export: Command, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    del malote
    done = export(*words)
    assert done.returncode == 2
    assert told in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("x*"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_number_still_means_messages(
    malote: Malote, export: Command, tmp_path: Path
) -> None:
    one = str(malote.integrations()["id"].min())
    for n, words in enumerate(
        ((one,), ("messages", one), ("--search", "is:sent", one))
    ):
        done = export(*words, f"{n}.parquet")
        assert done.returncode == 0, done.stderr
    whole, same, sent = (pd.read_parquet(tmp_path / f"{n}.parquet") for n in range(3))
    pd.testing.assert_frame_equal(whole, same)
    assert set(sent["direction"]) == {"sent"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_ended_early_it_leaves_nothing(
    runtime: Runtime, tmp_path: Path, name: str
) -> None:
    for n in range(40):  # each a frame of two years of hours
        connected(runtime, f"Owner {n}", f"me{n}@example.org")
    folder = tmp_path / "files"
    folder.mkdir()
    words = ("volume", str(folder / name), "--step", "hour", "--by", "mailbox")
    process, ours = in_terminal(
        runtime.settings.data, *words, "--from", "2024-01-01", "--to", "2025-12-31"
    )
    shown, sent = b"", False
    for part in said(ours):
        shown += part
        if not sent and SOME.search(shown):
            process.send_signal(signal.SIGINT)
            sent = True
    os.close(ours)
    assert process.wait(60) == 128 + signal.SIGINT
    assert b"Traceback" not in shown
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_query_of_the_document_runs(
    malote: Malote,
    export: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DuckDB on the files that the document's commands make, compared with pandas."""
    document = (ROOT / "docs/reference/frames.md").read_text("utf-8")
    commands = [told.split() for told in COMMAND.findall(document)]
    by_file = {words[1]: words for words in commands}
    _, _, *parts = by_file["volume.parquet"]
    kept = [*PERIOD, *parts[2:]]  # the drawn mail is older than so many months
    assert parts[0] == "--months"
    assert export("volume", "volume.parquet", *kept).returncode == 0
    _, _, *period, _team, _name = by_file["answers.parquet"]
    assert period[0] == "--from"
    assert export("responses", "answers.parquet", *PERIOD).returncode == 0
    monkeypatch.chdir(tmp_path)
    (query,) = SQL.findall(document)
    found = duckdb.execute(query).df()

    zone = malote.zone()
    volume = malote.volume(*DAYS, step="month", by="team", zone=zone)
    asked = malote.responses(*DAYS, side="ours", zone=zone).frame()
    asked["month"] = asked["asked_at"].dt.tz_convert(zone).dt.strftime("%Y-%m")
    groups = asked.groupby(["team", "month"])
    true = volume.assign(month=volume["day"].dt.strftime("%Y-%m"))
    true = true.set_index(["team", "month"])[["received", "sent"]]
    true["answered"] = groups["answer_id"].count()
    true["waiting"] = groups.size() - true["answered"]
    true["half_within_hours"] = groups["business_s"].median().astype("float") / 3600
    assert true["answered"].sum() > 5
    pd.testing.assert_frame_equal(
        found, true.reset_index(), check_dtype=False, check_exact=False
    )
