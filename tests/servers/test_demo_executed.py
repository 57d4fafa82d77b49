"""A newcomer executes the demo's activities: every rung, without any account."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from core import outbox, watch
from core.activities import OPEN, Question, import_demo, panel
from core.connect import Form, connect
from core.demo.habits import Habit, habit
from core.demo.plans import UNCONNECTED
from core.model import Server
from core.outgoing import CopyStage, Mail, Stage, Step
from core.runtime import Runtime
from core.templates import named
from tests.certificates import Certificates
from tests.servers.installation import installed
from tests.servers.worker_process import worker_process

pytestmark = [pytest.mark.server, pytest.mark.slow]
WAIT_S = 240.0  # a deferred mail is tried again after a minute
SEEN = {
    Habit.ANSWERS: {Step.ANSWERED},
    Habit.DISPLAYS: {Step.DISPLAYED, Step.ANSWERED},
    Habit.AWAY: {Step.AUTO_ANSWERED},
    Habit.GREYLISTS: {Step.ANSWERED},
    Habit.DELAYS: {Step.DELAYED, Step.ANSWERED},
    Habit.BOUNCES: {Step.FAILED},
    Habit.REFUSED: set(),
    Habit.SILENT: set(),
}


def mailbox(runtime: Runtime) -> int:
    found = runtime.demo()
    assert found is not None
    form = Form(
        owner=found.owner,
        address=found.address,
        password=found.password,
        imap=Server(found.host, found.imap_port),
        smtp=Server(found.host, found.smtp_port),
        acknowledged=True,
    )
    return connect(runtime, form, "test")


def execute(runtime: Runtime, one: int) -> dict[int, Habit]:
    """Send every e-mail of the demo's owner; give what is to become of each."""
    shown = panel(runtime, Question(runtime.clock().date(), model="email"))
    mails = {}
    for row in shown.rows.to_dict("records"):
        if row["owner"] == UNCONNECTED:
            continue
        template = named(runtime, row["template"])
        assert template is not None
        draft = outbox.Draft(
            one,
            activity_id=row["id"],
            to=row["contact_address"],
            subject=template.subject,
            text=template.body,
        )
        mails[outbox.send(runtime, draft, "test")] = habit(row["contact_address"])
    return mails


def lacking(runtime: Runtime, mails: dict[int, Habit]) -> dict[int, object]:
    """Give the mails of which something is still to come, with what was seen."""
    evidence = outbox.evidence_of(runtime, list(mails))
    out: dict[int, object] = {}
    for number, kind in mails.items():
        mail = outbox.one(runtime, number)
        seen = {one.step for one in evidence.get(number, [])}
        if not _ended(mail, kind) or not seen >= SEEN[kind]:
            out[number] = (kind, mail.stage, mail.copy, seen)
    return out


def _ended(mail: Mail, kind: Habit) -> bool:
    if kind is Habit.REFUSED:
        return mail.stage is Stage.FAILED
    return mail.stage is Stage.SENT and mail.copy in {
        CopyStage.STORED,
        CopyStage.FOUND,
    }


def test_each_activity_of_the_demo_ends_as_its_subject_says(
    tmp_path: Path, certificates: Certificates
) -> None:
    with installed(tmp_path / "data", certificates.ca_file) as installation:
        runtime = installation.runtime
        watch.want_demo(runtime)
        with worker_process(installation, tmp_path / "log") as worker:
            worker.until(lambda: watch.demo_ready(runtime))
            one = mailbox(runtime)
            import_demo(runtime, "test")
            mails = execute(runtime, one)
            assert set(mails.values()) == set(Habit)
            until = time.monotonic() + WAIT_S
            while left := lacking(runtime, mails):
                assert time.monotonic() < until, left
                time.sleep(0.5)
        evidence = outbox.evidence_of(runtime, list(mails))
        for number, kind in mails.items():
            steps = {step.step for step in evidence[number]}
            assert (Step.ANSWERED in steps) is (Step.ANSWERED in SEEN[kind])
        today = runtime.clock().date()
        answered = panel(runtime, Question(today, "answered", model="email"))
        assert answered.count == 4
        still = panel(runtime, Question(today, model="email"))
        assert still.count == sum(still.counts[state] for state in OPEN) == 2
