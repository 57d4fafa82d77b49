"""What an export was asked for, as JSON: for another process, and beside the rows."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

from core.question import Filters, Question
from core.release import NAME, version_of

DAYS = ("since", "until")


def as_plain(question: Question) -> dict[str, Any]:
    """Give a question as JSON can hold it; what was not chosen is left out."""
    chosen = {
        field.name: value
        for field in fields(Filters)
        if (value := getattr(question.filters, field.name)) != field.default
    }
    for name in DAYS:
        if name in chosen:
            chosen[name] = chosen[name].isoformat()
    return {**asdict(question), "filters": chosen}


def from_plain(value: dict[str, Any]) -> Question:
    """Give the question again."""
    chosen = dict(value["filters"])
    for name in DAYS:
        if name in chosen:
            chosen[name] = date.fromisoformat(chosen[name])
    if "kinds" in chosen:
        chosen["kinds"] = tuple(chosen["kinds"])
    some = tuple(value["integrations"])
    return Question(**{**value, "integrations": some, "filters": Filters(**chosen)})


def about(question: dict[str, Any], made_at: datetime) -> dict[str, Any]:
    """Tell who made an export, when, and from what question (as JSON can hold it)."""
    return {
        "made_by": f"{NAME} {version_of()}".strip(),
        "made_at": made_at.isoformat(),
        "question": question,
    }
