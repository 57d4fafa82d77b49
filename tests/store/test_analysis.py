"""Frames for notebooks: typed as documented, read only, and right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from sqlalchemy import text

from core import analysis, browse, volume
from core.analysis import Malote
from core.browse import Question
from core.columns import FRAMES, MESSAGES
from core.errors import BadInput, StoreUnavailable
from core.metrics import Against, Days
from core.model import Trigger
from core.runtime import Runtime, open_runtime
from core.scopes import Scope
from core.settings import Settings
from core.store import runs
from core.store.engine import reading, writing
from tests.store.building import connected, listed
from tests.store.mailbox_made import fill

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (\w+) \| ([^|]+?) \| .+ \|$", re.MULTILINE)
COUNT = 3_000


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Runtime, int]]:
    """Give an installation with a mailbox that has run once."""
    opened = open_runtime(Settings(data=tmp_path_factory.mktemp("made") / "data"))
    yield opened, fill(opened, COUNT)
    opened.engine.dispose()


@pytest.fixture
def malote(made: tuple[Runtime, int]) -> Iterator[Malote]:
    with analysis.open(made[0].settings.data) as opened:
        yield opened


def everything(malote: Malote, one: int) -> dict[str, pd.DataFrame]:
    days = malote.days() or (date(2026, 1, 1), date(2026, 1, 2))
    return {
        "messages": malote.messages(integration=one).frame(),
        "volume": malote.volume(*days, integration=one),
        "integrations": malote.integrations(),
        "folders": malote.folders(one),
        "runs": malote.runs(one),
        "threads": malote.threads(integration=one),
        "teams": malote.teams(),
        "correspondents": malote.correspondents(integration=one).frame(),
        "responses": malote.responses(integration=one).frame(),
        "waiting": malote.waiting(integration=one),
        "deliveries": malote.deliveries(*days, integration=one),
        "availability": malote.availability(),
    }


def documented() -> dict[str, dict[str, str]]:
    told = (ROOT / "docs/reference/frames.md").read_text("utf-8")
    parts = re.split(r"^## ", told, flags=re.MULTILINE)[1:]
    return {
        part.partition("\n")[0]: {
            name: kind for name, kind in ROW.findall(part) if name != "column"
        }
        for part in parts
        if ROW.search(part)
    }


def test_the_document_tells_every_column_and_its_type() -> None:
    told = {n: {c: str(d) for c, d in some.items()} for n, some in FRAMES.items()}
    assert documented() == told
    assert [*documented()["messages"]] == [*told["messages"]]


def test_every_frame_is_as_documented(
    made: tuple[Runtime, int], malote: Malote
) -> None:
    runtime, one = made
    with writing(runtime.engine) as conn:
        runs.begin(conn, one, Trigger.COMMAND, runtime.clock())
    found = everything(malote, one)
    assert {n: {c: str(d) for c, d in f.dtypes.items()} for n, f in found.items()} == (
        documented()
    )
    for name, frame in found.items():
        assert len(frame), name
        assert dict(frame.dtypes) == dict(pd.Series(FRAMES[name])), name


def test_so_are_those_without_rows(tmp_path: Path) -> None:
    runtime = open_runtime(Settings(data=tmp_path / "data"))
    one = connected(runtime)
    with analysis.open(tmp_path / "data") as malote:
        assert malote.days() is None
        for name, frame in everything(malote, one).items():
            assert dict(frame.dtypes) == dict(pd.Series(FRAMES[name])), name
    runtime.engine.dispose()


def test_messages_come_lazily_and_by_filter(
    made: tuple[Runtime, int], malote: Malote
) -> None:
    runtime, one = made
    found = malote.messages("extraordinario", integration=one)
    assert (found.count().found, found.count().exact) == (40, True)
    assert len(found.frame()) == 40
    assert len(found.frame(most=7)) == 7
    first = next(iter(malote.messages()))
    page = browse.page(runtime, Question((one,)), size=50)
    assert list(first["message_id"][:50]) == list(page.rows["message_id"])
    assert len(malote.messages(unread=True, flagged=True).frame()) == (
        browse.count(runtime, Question((one,), search="is:unread is:flagged")).found
    )
    assert malote.messages(integration=[]).frame().empty
    assert list(malote.messages("nothing-like-this").frame()) == list(MESSAGES)
    with pytest.raises(BadInput):
        malote.messages("before:yesterday")
    with pytest.raises(TypeError):
        malote.messages(colour="red")


def test_days_are_those_of_the_zone(made: tuple[Runtime, int], malote: Malote) -> None:
    runtime, one = made
    for zone in ("UTC", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia"):
        days = malote.days(zone=zone)
        assert days
        day = days[1] - timedelta(days=1)
        found = malote.messages(since=day, until=day, zone=zone).frame()
        local = found["at"].dt.tz_convert(zone).dt.date
        assert set(local) == {day}
        counted = malote.volume(day, day, zone=zone, kinds=("person", "list", "bounce"))
        assert int(counted["received"].iloc[0] + counted["sent"].iloc[0]) == len(found)
        asked = volume.Question(Scope(one), Days(*days), ZoneInfo(zone))
        page = volume.counted(runtime, asked, Against.NONE).steps
        mine = malote.volume(*days, zone=zone)
        assert list(mine["received"]) == list(page["received"])


def test_conversations_add_up(malote: Malote) -> None:
    threads = malote.threads()
    assert threads["messages"].sum() == COUNT
    assert (threads["received"] + threads["sent"] == threads["messages"]).all()
    assert threads["last_at"].is_monotonic_decreasing
    biggest = threads.sort_values("messages").iloc[-1]
    inside = malote.messages(thread=int(biggest["thread"])).frame()
    assert len(inside) == biggest["messages"]
    assert inside["at"].min() == biggest["first_at"]
    assert set(inside["in_thread"]) == {biggest["messages"]}


def test_nothing_can_be_written(malote: Malote, made: tuple[Runtime, int]) -> None:
    runtime, one = made
    for statement in (
        "DELETE FROM message", "UPDATE owner SET name = 'x'", "CREATE TABLE t (a int)",
    ):  # fmt: skip
        with pytest.raises(StoreUnavailable), reading(malote._engine) as conn:
            conn.execute(text(statement))
    assert browse.count(runtime, Question((one,))).found == COUNT


def test_it_holds_up_nobody(malote: Malote, made: tuple[Runtime, int]) -> None:
    """While somebody walks through all, others write at once, and it goes on."""
    runtime, one = made
    walking = iter(malote.messages())
    seen = len(next(walking))
    with writing(runtime.engine) as conn:
        conn.exec_driver_sql("PRAGMA busy_timeout=0")
        conn.exec_driver_sql("UPDATE owner SET team = 'Sales'")
    with writing(runtime.engine) as conn:
        conn.exec_driver_sql("PRAGMA busy_timeout=10000")
        conn.exec_driver_sql("UPDATE owner SET team = ''")
    assert seen + sum(map(len, walking)) == COUNT
    del one


def test_it_needs_neither_key_nor_worker(tmp_path: Path) -> None:
    runtime = open_runtime(Settings(data=tmp_path / "data"))
    listed(runtime, connected(runtime), "Inbox")
    runtime.engine.dispose()
    (tmp_path / "data" / "key").unlink()
    with analysis.open(f"sqlite:///{tmp_path}/data/malote.db") as malote:
        assert list(malote.integrations()["owner"]) == ["Ana"]
    assert not (tmp_path / "data" / "key").exists()


def test_what_is_no_database_of_ours_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as missing:
        analysis.open(tmp_path / "nowhere")
    assert missing.value.problem == "database_missing"
    assert not (tmp_path / "nowhere").exists()
    runtime = open_runtime(Settings(data=tmp_path / "data"))
    with writing(runtime.engine) as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    runtime.engine.dispose()
    with pytest.raises(BadInput) as older:
        analysis.open(tmp_path / "data")
    assert older.value.problem == "database_version"
