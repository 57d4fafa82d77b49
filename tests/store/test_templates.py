"""Templates in both databases: names, what cannot be kept, and who names one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from core import activities, templates
from core.activities import Draft
from core.errors import BadInput, NotFound
from core.runtime import Runtime
from core.store import outbox
from core.store.engine import reading, writing
from core.store.schema import activity, audit
from core.store.sending_tables import mail
from core.templates import Template
from tests.store.mailbox_made import fill
from tests.store.test_outbox_store import queued


def made(runtime: Runtime, name: str = "Proposal", **changes: object) -> Template:
    new = Template(
        0, name, "For {{contact.name}}", "Hi,\r\n**x**", bulk=False,
        changed_at=runtime.clock(),
    )  # fmt: skip
    new = replace(new, **changes)  # type: ignore[arg-type]  # any field
    return templates.get(runtime, templates.save(runtime, new, "ana"))


def acts(runtime: Runtime) -> list[tuple[str, str]]:
    with reading(runtime.engine) as conn:
        rows = conn.execute(select(audit.c.act, audit.c.facts).order_by(audit.c.id))
        return [(row.act, row.facts.get("name", "")) for row in rows]


def planned(runtime: Runtime, *names: str) -> None:
    """Store activities, each of which names a template."""
    for number, name in enumerate(names):
        day = runtime.clock().date()
        draft = Draft("email", f"A{number}", "Ana", "ana@x.org", "", "Rui", day)
        activities.create(runtime, draft, "test")
        here = activity.c.subject == f"A{number}"
        with writing(runtime.engine) as conn:
            conn.execute(update(activity).where(here).values(template=name))


def test_a_template_is_kept_changed_and_deleted(runtime: Runtime) -> None:
    assert templates.listed(runtime) == []
    first = made(runtime)
    assert (first.name, first.body, first.bulk) == ("Proposal", "Hi,\n**x**", False)
    changed = replace(first, name=" The  proposal ", subject=" New ", bulk=True)
    assert templates.save(runtime, changed, "ana") == first.id
    again = templates.get(runtime, first.id)
    assert (again.name, again.subject, again.bulk) == ("The proposal", "New", True)
    assert again.changed_at >= first.changed_at
    templates.delete(runtime, first.id, "ana")
    assert templates.listed(runtime) == []
    for act in (templates.get, lambda r, i: templates.delete(r, i, "ana")):
        with pytest.raises(NotFound):
            act(runtime, first.id)
    with pytest.raises(NotFound):
        templates.save(runtime, changed, "ana")
    assert acts(runtime) == [
        ("create_template", "Proposal"),
        ("change_template", "The proposal"),
        ("delete_template", "The proposal"),
    ]


def test_names_are_listed_in_order_and_found_without_case_and_accents(
    runtime: Runtime,
) -> None:
    for name in ("zebra", "Ágil", "beta"):
        made(runtime, name)
    assert [one.name for one in templates.listed(runtime)] == ["Ágil", "beta", "zebra"]
    found = templates.named(runtime, " AGIL ")
    assert found is not None
    assert found.name == "Ágil"
    for none in ("", " ", "gil", "%"):
        assert templates.named(runtime, none) is None


def test_a_name_is_there_once(runtime: Runtime) -> None:
    first, other = made(runtime, "Reunião"), made(runtime, "Other")
    for name in ("Reunião", "REUNIAO", " reuniao "):
        with pytest.raises(BadInput) as refused:
            made(runtime, name)
        told = (refused.value.field, refused.value.problem)
        assert told == ("template_name", "template_taken")
        with pytest.raises(BadInput):
            templates.save(runtime, replace(other, name=name), "ana")
    templates.save(runtime, replace(first, name="REUNIÃO"), "ana")
    assert [one.name for one in templates.listed(runtime)] == ["Other", "REUNIÃO"]


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"name": " "}, "template_name", "empty"),
        ({"name": "x" * 121}, "template_name", "too_long"),
        ({"name": "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 60},
         "template_name", "too_long"),
        ({"name": "a\nb"}, "template_name", "control"),
        ({"name": "a\u202eb"}, "template_name", "invisible"),
        ({"subject": ""}, "template_subject", "empty"),
        ({"subject": "x" * 501}, "template_subject", "too_long"),
        ({"subject": "x\r\nBcc: y@example.org"}, "template_subject", "control"),
        ({"subject": "{{contact.nmae}}"}, "template_subject", "template_unknown"),
        ({"subject": "{{contact.name"}, "template_subject", "template_syntax"),
        ({"body": " \n"}, "template_body", "empty"),
        ({"body": "x" * 50_001}, "template_body", "too_long"),
        ({"body": "a\0b"}, "template_body", "control_text"),
        ({"body": "{% for x in y %}"}, "template_body", "template_tag"),
        ({"body": "{{ x }} {{ contact.name }}"}, "template_body", "template_unknown"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_told_by_field(
    runtime: Runtime, changes: dict[str, str], field: str, problem: str
) -> None:
    with pytest.raises(BadInput) as refused:
        made(runtime, **changes)
    assert (refused.value.field, refused.value.problem) == (field, problem)
    assert templates.listed(runtime) == []


def test_everything_that_is_wrong_is_told_at_once(runtime: Runtime) -> None:
    wrong = Template(0, "", "{{", "{{x}}", bulk=False, changed_at=runtime.clock())
    found = [(one.field, one.problem) for one in templates.problems(wrong)]
    assert found == [
        ("template_name", "empty"),
        ("template_subject", "template_syntax"),
        ("template_body", "template_unknown"),
    ]


def test_open_activities_that_name_it_are_counted_and_follow_a_new_name(
    runtime: Runtime,
) -> None:
    first, other = made(runtime, "Reunião"), made(runtime, "Other")
    planned(runtime, "Reunião", "REUNIAO", "reuniao", "", "gone")
    with writing(runtime.engine) as conn:
        done = update(activity).where(activity.c.subject == "A2")
        conn.execute(done.values(done_at=runtime.clock()))
    assert templates.used_by(runtime) == {first.id: 2, other.id: 0}
    templates.save(runtime, replace(first, name="Visit"), "ana")
    assert templates.used_by(runtime) == {first.id: 2, other.id: 0}
    with reading(runtime.engine) as conn:
        names = list(conn.scalars(select(activity.c.template).order_by(activity.c.id)))
    assert names == ["Visit", "Visit", "Visit", "", "gone"]


def test_mail_that_was_made_from_it_stays(runtime: Runtime) -> None:
    first = made(runtime)
    one = queued(runtime, fill(runtime, 3))
    with writing(runtime.engine) as conn:
        conn.execute(update(mail).values(template_id=first.id))
    templates.delete(runtime, first.id, "ana")
    with reading(runtime.engine) as conn:
        assert outbox.get(conn, one).id == one
        assert conn.scalar(select(mail.c.template_id)) is None


def test_there_are_at_most_five_hundred(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "TEMPLATES_MOST", 2)
    made(runtime, "a")
    last = made(runtime, "b")
    with pytest.raises(BadInput) as refused:
        made(runtime, "c")
    assert refused.value.problem == "templates_most"
    templates.save(runtime, replace(last, subject="still"), "ana")
