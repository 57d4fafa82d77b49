"""What came of an attempt to connect: its steps as they happen, and its report."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from console.widgets import escaped, explanation
from core.connect import Progress, Step
from core.errors import BadInput, MailError
from core.i18n import Texts
from core.words import Explanation, explain, problem

MARKS = {
    Progress.RUNNING: "hourglass_top",
    Progress.OK: "check",
    Progress.FAILED: "close",
    Progress.SKIPPED: "skip_next",
}
COLOURS = {Progress.OK: "green", Progress.FAILED: "red", Progress.SKIPPED: "gray"}


@dataclass(slots=True)
class Attempt:
    """What came of the last attempt: its steps, and texts for what went wrong."""

    steps: list[Step] = field(default_factory=list)
    told: Explanation | None = None
    problems: dict[str, str] = field(default_factory=dict)
    report: str = ""  # as text, for support

    def add(self, step: Step) -> None:
        """Keep a step in place of its own beginning.

        Without the error: its traceback holds frames that have seen the password.
        """
        if self.steps and self.steps[-1].progress is Progress.RUNNING:
            self.steps.pop()
        self.steps.append(replace(step, error=None))

    def explain(self, t: Texts, error: MailError) -> None:
        """Keep what went wrong as texts, beside its field if it has one."""
        if isinstance(error, BadInput):
            self.problems = {error.field: problem(t, error)}
        else:
            self.told = explain(t, error, now=True)


def show(t: Texts, attempt: Attempt, place: DeltaGenerator) -> None:
    """Show both sides beside each other, then what went wrong and the report."""
    with place.container():
        for column, side in zip(st.columns(2), ("imap", "smtp"), strict=True):
            if lines := [_line(t, s) for s in attempt.steps if s.side == side]:
                head = f"**{t(f'connect.{side}')}**"
                column.container(border=True).markdown("  \n".join([head, *lines]))
        if attempt.told is not None:
            explanation(t, attempt.told)
        if attempt.report:
            with st.expander(t("connect.report"), icon=":material/description:"):
                st.caption(t("connect.report_help"))
                st.code(attempt.report, language=None, wrap_lines=True)


def _line(t: Texts, step: Step) -> str:
    took = "" if step.progress is Progress.RUNNING else t.duration(step.seconds)
    mark = f":material/{MARKS[step.progress]}:"
    colour = COLOURS.get(step.progress, "blue")
    said = f"  \n:small[:gray[{escaped(step.says)}]]" if step.says else ""
    return f":{colour}[{mark}] {t(f'step.{step.name}')} :gray[{took}]{said}"
