"""Rows of a file of activities, whatever its form: read, checked, told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from core.errors import BadInput
from core.planned import Draft, Model, cleaned, problems
from core.text import fold, harmless

COLUMNS = {
    "model": ("model", "modelo", "type", "tipo"),
    "subject": ("subject", "assunto", "title", "titulo"),
    "contact": ("contact", "contato", "name", "nome"),
    "contact_address": ("contact e-mail", "contact email", "email", "e-mail",
                        "e-mail do contato", "email do contato", "contact_address",
                        "contact_email", "email_do_contato"),
    "company": ("company", "empresa"),
    "owner": ("owner", "responsavel", "dono", "proprietario"),
    "due_on": ("due", "due on", "due_on", "due_date", "vencimento", "data", "prazo"),
    "template": ("template", "modelo de e-mail", "modelo de email", "modelo_de_email"),
}  # fmt: skip
NEEDED = frozenset({"model", "subject", "contact", "owner", "due_on"})
MODELS = {
    "email": Model.EMAIL, "e-mail": Model.EMAIL, "call": Model.CALL,
    "ligacao": Model.CALL, "message": Model.MESSAGE, "mensagem": Model.MESSAGE,
    "research": Model.RESEARCH, "pesquisa": Model.RESEARCH, "visit": Model.VISIT,
    "visita": Model.VISIT,
}  # fmt: skip
IGNORED_MOST, NAME_CHARS = 20, 60


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a row of a file: `line` of a CSV, or number in a list."""

    line: int
    problem: BadInput


@dataclass(frozen=True, slots=True)
class Row:
    """A good row; `given` names the fields that the file has a word on."""

    line: int
    draft: Draft
    given: frozenset[str]


@dataclass(slots=True)
class Preview:
    """What a file says: good rows, what is wrong with others, what is not read.

    `numbered`: rows are counted, as in a list, and have no lines.
    """

    rows: list[Row] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    numbered: bool = False
    wrong: int = 0  # rows with problems

    @property
    def drafts(self) -> list[Draft]:
        """Give the good rows as drafts."""
        return [row.draft for row in self.rows]

    def take(self, line: int, cells: Mapping[str, str]) -> None:
        """Add a row, by what it says of each field; `COLUMNS` names them."""
        model = cells.get("model", "").strip()
        draft = Draft(
            model=str(MODELS.get(fold(model), model)),
            subject=cells.get("subject", "").strip(),
            contact=cells.get("contact", "").strip(),
            contact_address=cells.get("contact_address", "").strip(),
            company=cells.get("company", "").strip(),
            owner=cells.get("owner", "").strip(),
            due_on=day(cells.get("due_on", "").strip()),
            template=cells.get("template", "").strip(),
        )
        if wrong := problems(draft):
            self.refuse(line, wrong)
        else:
            self.rows.append(Row(line, cleaned(draft), frozenset(cells)))

    def refuse(self, line: int, wrong: Iterable[BadInput]) -> None:
        """Note what is wrong with a row."""
        self.wrong += 1
        self.problems.extend(RowProblem(line, one) for one in wrong)

    def ignore(self, names: Iterable[str]) -> None:
        """Note columns that mean nothing here, each once, and not without end."""
        for name in names:
            shown = harmless(name.strip())[:NAME_CHARS]
            if shown and shown not in self.ignored:
                self.ignored = [*self.ignored, shown][:IGNORED_MOST]


def column(name: str) -> str:
    """Give the field that a column's name stands for, or nothing."""
    return _BY_WORD.get(fold(name.strip()), "")


_BY_WORD = {word: column for column, words in COLUMNS.items() for word in words}


def day(text: str) -> date | None:
    """Read a day as people and programs write them."""
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None
