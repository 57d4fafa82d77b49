"""Use case: plan acts towards contacts, and begin to execute them."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import pandas as pd

from core.demo import plans as demo
from core.errors import BadInput
from core.model import Integration
from core.runtime import Runtime
from core.store import activities, integrations, runs
from core.store.engine import reading, writing
from core.store.frames import frame
from core.text import fold, harmless

CSV_BYTES = 5 << 20
CSV_ROWS = 20_000
TEXT_MAX = {"subject": 500, "contact": 200, "contact_address": 320, "company": 200}
OWNER_MAX = 200  # also of what it is compared by, which may be longer
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


class Model(StrEnum):
    """What kind of act an activity is."""

    EMAIL = "email"
    CALL = "call"
    MESSAGE = "message"
    RESEARCH = "research"
    VISIT = "visit"


@dataclass(frozen=True, slots=True)
class Draft:
    """An activity as a person or a file gives it, not yet checked."""

    model: str
    subject: str
    contact: str
    contact_address: str
    company: str
    owner: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a line of a file (the header is line 1)."""

    line: int
    problem: BadInput


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would bring: good rows, and what is wrong with the others."""

    drafts: list[Draft] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)


COLUMNS = {
    "model": ("model", "modelo", "type", "tipo"),
    "subject": ("subject", "assunto", "title", "titulo"),
    "contact": ("contact", "contato", "name", "nome"),
    "contact_address": ("contact e-mail", "contact email", "email", "e-mail",
                        "e-mail do contato", "email do contato", "contact_address"),
    "company": ("company", "empresa"),
    "owner": ("owner", "responsavel", "dono", "proprietario"),
    "due_on": ("due", "due on", "due_on", "vencimento", "data", "prazo"),
}  # fmt: skip
MODELS = {
    "email": Model.EMAIL, "e-mail": Model.EMAIL, "call": Model.CALL,
    "ligacao": Model.CALL, "message": Model.MESSAGE, "mensagem": Model.MESSAGE,
    "research": Model.RESEARCH, "pesquisa": Model.RESEARCH, "visit": Model.VISIT,
    "visita": Model.VISIT,
}  # fmt: skip


def panel(
    runtime: Runtime, *, search: str = "", model: str = "", done: bool | None = None
) -> pd.DataFrame:
    """Give the activities, soonest due first, at most 500.

    id, model, subject, contact, contact_address, company, owner, due_on, done_at.
    """
    with reading(runtime.engine) as conn:
        query = activities.listed(conn, search=search, model=model, done=done)
        return frame(conn, query)


def problems(draft: Draft) -> list[BadInput]:
    """Find everything that cannot be used, field by field."""
    found = []
    if draft.model not in set(Model):
        found.append(BadInput("model", "model_unknown"))
    needed = ("subject", "contact", "owner")
    found += [BadInput(n, "empty") for n in needed if not getattr(draft, n).strip()]
    found += [
        BadInput(name, "too_long")
        for name, most in TEXT_MAX.items()
        if len(getattr(draft, name)) > most
    ]
    if max(len(draft.owner), len(fold(draft.owner))) > OWNER_MAX:
        found.append(BadInput("owner", "too_long"))
    address = draft.contact_address.strip()
    if draft.model == Model.EMAIL and not address:
        found.append(BadInput("contact_address", "empty"))
    if address and not re.fullmatch(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+", address):
        found.append(BadInput("contact_address", "address_form"))
    if draft.due_on is None or not EARLIEST <= draft.due_on <= LATEST:
        found.append(BadInput("due_on", "date"))
    return found


def create(runtime: Runtime, draft: Draft, actor: str) -> bool:
    """Store one activity; False when the same one exists.

    Raises:
        BadInput: the first field that cannot be used.

    """
    for problem in problems(draft):
        raise problem
    return _store(runtime, [draft], actor, "create_activity") == 1


def read_csv(content: bytes) -> Preview:
    """Read a CSV of activities (comma or semicolon, UTF-8 or Latin-1).

    Raises:
        BadInput: it is no such file at all: too large, no known columns.

    """
    if len(content) > CSV_BYTES:
        raise BadInput("file", "file_too_large")
    text = _decoded(content)
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    preview = Preview()
    try:
        places = _places(next(rows, []))
        for row in rows:
            if any(cell.strip() for cell in row):
                _read_row(preview, places, row, rows.line_num)
            if len(preview.drafts) + len(preview.problems) > CSV_ROWS:
                raise BadInput("file", "file_too_large")
    except csv.Error:
        raise BadInput("file", "file_form") from None
    return preview


def import_all(runtime: Runtime, drafts: list[Draft], actor: str) -> int:
    """Store the activities of a file; give how many are new."""
    return _store(runtime, drafts, actor, "import_activities")


def import_demo(runtime: Runtime, actor: str) -> int:
    """Store the activities that go with the demo mailbox; give how many are new."""
    today = runtime.clock().date()
    drafts = [
        Draft(
            a.model,
            a.subject,
            a.contact,
            a.contact_address,
            a.company,
            a.owner,
            a.due_on,
        )
        for a in demo.activities(today)
    ]
    return _store(runtime, drafts, actor, "import_demo_activities")


def sender_for(runtime: Runtime, activity_id: int) -> tuple[Any, Integration | None]:
    """Give an activity, and its owner's live integration if there is one.

    Raises:
        NotFound: there is no such activity.

    """
    with reading(runtime.engine) as conn:
        row = activities.get(conn, activity_id)
        return row, integrations.live_of(conn, row.owner)


def mark_done(
    runtime: Runtime, activity_id: int, actor: str, *, done: bool = True
) -> None:
    """Mark an activity as done, or as open again."""
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        activities.get(conn, activity_id)
        activities.set_done(conn, activity_id, now if done else None)
        runs.record(conn, "done" if done else "reopen", actor, now, id=str(activity_id))


def _store(runtime: Runtime, drafts: list[Draft], actor: str, act: str) -> int:
    now = runtime.clock()
    rows = [_row(d) for d in drafts]
    with writing(runtime.engine) as conn:
        made = activities.add(conn, rows, now)
        runs.record(conn, act, actor, now, new=str(made), given=str(len(rows)))
    return made


def _row(draft: Draft) -> dict[str, Any]:
    return {
        "model": draft.model,
        "owner": " ".join(harmless(draft.owner).split()),
        "due_on": draft.due_on,
        **{n: harmless(getattr(draft, n)).strip() for n in TEXT_MAX},
    }


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _places(header: list[str]) -> dict[str, int]:
    names = [fold(cell.strip()) for cell in header]
    places = {
        column: names.index(word)
        for column, words in COLUMNS.items()
        for word in words
        if word in names
    }
    lacking = {"model", "subject", "contact", "owner", "due_on"} - places.keys()
    if lacking:
        raise BadInput("file", "file_columns", columns=", ".join(sorted(lacking)))
    return places


def _read_row(
    preview: Preview, places: dict[str, int], row: list[str], line: int
) -> None:
    cells = {c: row[i].strip() if i < len(row) else "" for c, i in places.items()}
    model = MODELS.get(fold(cells["model"]), cells["model"])
    draft = Draft(
        model=str(model),
        subject=cells["subject"],
        contact=cells["contact"],
        contact_address=cells.get("contact_address", ""),
        company=cells.get("company", ""),
        owner=cells["owner"],
        due_on=_date(cells["due_on"]),
    )
    wrong = problems(draft)
    preview.problems.extend(RowProblem(line, p) for p in wrong)
    if not wrong:
        preview.drafts.append(draft)


def _date(text: str) -> date | None:
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None
