"""Use case: keep templates of mail, which activities name and letters are made from."""

from __future__ import annotations

from dataclasses import replace

from core.errors import BadInput
from core.letters import VARIABLES, unknown
from core.letters.characters import check, check_text
from core.runtime import Runtime
from core.store import runs, templates
from core.store.engine import reading, writing
from core.store.templates import Template
from core.text import fold

__all__ = [
    "BODY_MOST",
    "NAME_MOST",
    "SUBJECT_MOST",
    "Template",
    "delete",
    "get",
    "listed",
    "named",
    "problems",
    "save",
    "used_by",
]

NAME_MOST = 120
FOLDED_MOST = 240
SUBJECT_MOST = 500
BODY_MOST = 50_000
TEMPLATES_MOST = 500


def listed(runtime: Runtime) -> list[Template]:
    """List the templates by name."""
    with reading(runtime.engine) as conn:
        return templates.listed(conn)


def get(runtime: Runtime, template_id: int) -> Template:
    """Give one template.

    Raises:
        NotFound: there is none with this id.

    """
    with reading(runtime.engine) as conn:
        return templates.get(conn, template_id)


def named(runtime: Runtime, name: str) -> Template | None:
    """Give the template that an activity names; case and accents do not count."""
    if not name.strip():
        return None
    with reading(runtime.engine) as conn:
        return templates.named(conn, _tidy(name))


def used_by(runtime: Runtime) -> dict[int, int]:
    """Count the open activities that name each template, by its id; none is 0."""
    with reading(runtime.engine) as conn:
        times = templates.used(conn)
        return {t.id: times.get(fold(t.name), 0) for t in templates.listed(conn)}


def problems(template: Template) -> list[BadInput]:
    """Find everything that cannot be used, field by field; empty when all can."""
    found: list[BadInput] = []
    for look in (_check_name, _check_subject, _check_body):
        try:
            look(template)
        except BadInput as problem:
            found.append(problem)
    return found


def save(runtime: Runtime, template: Template, actor: str) -> int:
    """Store a template, as a new one where its id is 0; give its id.

    Activities that named it by its old name name it by the new one then.

    Raises:
        BadInput: the first field that cannot be used, or a name that is taken.
        NotFound: there is none with its id.

    """
    for problem in problems(template):
        raise problem
    now = runtime.clock()
    clean = replace(
        template,
        name=_tidy(template.name),
        subject=template.subject.strip(),
        body=template.body.replace("\r\n", "\n").replace("\r", "\n"),
        changed_at=now,
    )
    act = "change_template" if clean.id else "create_template"
    with writing(runtime.engine) as conn:
        if clean.id:
            old = templates.get(conn, clean.id)
            if old.name != clean.name:
                templates.renamed(conn, old.name, clean.name)
        elif templates.count(conn) >= TEMPLATES_MOST:
            raise BadInput("template_name", "templates_most", n=TEMPLATES_MOST)
        made = templates.put(conn, clean)
        runs.record(conn, act, actor, now, None, id=str(made), name=clean.name)
    return made


def delete(runtime: Runtime, template_id: int, actor: str) -> None:
    """Forget a template; mail that was made from it stays.

    Raises:
        NotFound: there is none with this id.

    """
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        name = templates.get(conn, template_id).name
        templates.remove(conn, template_id)
        facts = {"id": str(template_id), "name": name}
        runs.record(conn, "delete_template", actor, now, None, **facts)


def _tidy(name: str) -> str:
    return " ".join(name.split())


def _check_name(template: Template) -> None:
    name = template.name.strip()
    if not name:
        raise BadInput("template_name", "empty")
    check(name, "template_name")
    if len(name) > NAME_MOST or len(fold(name)) > FOLDED_MOST:
        raise BadInput("template_name", "too_long")


def _check_subject(template: Template) -> None:
    subject = template.subject.strip()
    if not subject:
        raise BadInput("template_subject", "empty")
    check(subject, "template_subject")
    if len(subject) > SUBJECT_MOST:
        raise BadInput("template_subject", "too_long")
    _check_variables(subject, "template_subject")


def _check_body(template: Template) -> None:
    body = template.body.replace("\r\n", "\n").replace("\r", "\n")
    if not body.strip():
        raise BadInput("template_body", "empty")
    if len(body) > BODY_MOST:
        raise BadInput("template_body", "too_long")
    check_text(body, "template_body")
    _check_variables(body, "template_body")


def _check_variables(text: str, field: str) -> None:
    if names := unknown(text, field=field):
        known = ", ".join(VARIABLES)
        facts = {"names": ", ".join(names), "known": known}
        raise BadInput(field, "template_unknown", **facts)
