"""Use case: plan acts towards contacts, and begin to execute them."""

from core.activities.changing import (
    change,
    create,
    delete,
    draft_of,
    has_mail,
    mark_done,
    sender_for,
)
from core.activities.demo import import_demo
from core.activities.files import CSV_BYTES, FILE_BYTES, FILE_ROWS, read_csv, read_file
from core.activities.importing import Changed, Imported, Plan, import_all, plan
from core.activities.json_file import read_json
from core.activities.panel import Page, Question, owners, panel
from core.activities.rows import Preview, Row, RowProblem
from core.planned import (
    EARLIEST,
    LATEST,
    OPEN,
    Draft,
    Model,
    State,
    problems,
    state_of,
)

__all__ = [
    "CSV_BYTES",
    "EARLIEST",
    "FILE_BYTES",
    "FILE_ROWS",
    "LATEST",
    "OPEN",
    "Changed",
    "Draft",
    "Imported",
    "Model",
    "Page",
    "Plan",
    "Preview",
    "Question",
    "Row",
    "RowProblem",
    "State",
    "change",
    "create",
    "delete",
    "draft_of",
    "has_mail",
    "import_all",
    "import_demo",
    "mark_done",
    "owners",
    "panel",
    "plan",
    "problems",
    "read_csv",
    "read_file",
    "read_json",
    "sender_for",
    "state_of",
]
