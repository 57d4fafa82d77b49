"""Change rules and sinks, snooze and test, as a person asks; each act is recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core import incidents
from core.alerting import FOR_A_PERSON, NOBODY, PASSING, Rule, Snooze
from core.alerts import sinks
from core.alerts.sending import SINK, url_of
from core.alerts.sinks import Sending
from core.alerts.words import trial
from core.errors import BadInput
from core.i18n import LANGUAGES, Texts
from core.runtime import Runtime
from core.secret import Secret
from core.store import alert_rules, integrations, notices, runs
from core.store.engine import reading, writing
from core.text import harmless

NAME_MOST = 120
AFTER_MOST_S = 7 * 86_400
SNOOZE_MOST = timedelta(days=30)
CODE_MOST = 48


def create_rule(runtime: Runtime, new: Rule, actor: str) -> int:
    """Store a rule (its id and instant are ignored); give its id.

    Raises:
        BadInput: the first field that cannot be used.

    """
    now = runtime.clock()
    checked = replace(_checked(new), created_at=now)
    with writing(runtime.engine) as conn:
        _check_sinks(conn, checked)
        made = alert_rules.add_rule(conn, checked)
        runs.record(conn, "create_rule", actor, now, id=str(made), name=checked.name)
    return made


def change_rule(runtime: Runtime, changed: Rule, actor: str) -> None:
    """Store a rule in place of the one with its id.

    Raises:
        BadInput: the first field that cannot be used.
        NotFound: there is no such rule.

    """
    checked = _checked(changed)
    with writing(runtime.engine) as conn:
        alert_rules.rule(conn, checked.id)
        _check_sinks(conn, checked)
        alert_rules.change_rule(conn, checked)
        facts = {"id": str(checked.id), "name": checked.name}
        runs.record(conn, "change_rule", actor, runtime.clock(), None, **facts)


def enable_rule(runtime: Runtime, rule_id: int, actor: str, *, enabled: bool) -> None:
    """Switch a rule on or off; what is open for a rule that is off is over.

    Raises:
        NotFound: there is no such rule.

    """
    act = "enable_rule" if enabled else "disable_rule"
    with writing(runtime.engine) as conn:
        known = alert_rules.rule(conn, rule_id)
        alert_rules.change_rule(conn, replace(known, enabled=enabled))
        runs.record(conn, act, actor, runtime.clock(), id=str(rule_id))


def delete_rule(runtime: Runtime, rule_id: int, actor: str) -> None:
    """Forget a rule, and the history of what fired for it.

    Raises:
        NotFound: there is no such rule.

    """
    with writing(runtime.engine) as conn:
        name = alert_rules.rule(conn, rule_id).name
        alert_rules.delete_rule(conn, rule_id)
        facts = {"id": str(rule_id), "name": name}
        runs.record(conn, "delete_rule", actor, runtime.clock(), None, **facts)


def add_sink(
    runtime: Runtime, name: str, language: str, url: Secret, actor: str
) -> int:
    """Store a sink, its URL sealed; give its id. Nothing is sent.

    Raises:
        BadInput: the first field that cannot be used.

    """
    name = _name(name, "sink_name")
    if language not in LANGUAGES:
        raise BadInput("sink_language", "language_unknown")
    shown, now = sinks.check(url), runtime.clock()
    vault, bare = runtime.vault, Secret(url.reveal().strip())
    with writing(runtime.engine) as conn:
        made = notices.add_sink(conn, name, language, shown, now)
        value = vault.seal(bare, made, SINK)
        notices.seal_sink(conn, made, vault.key_id, value)
        facts = {"id": str(made), "name": name, "shown": shown}
        runs.record(conn, "add_sink", actor, now, None, **facts)
    return made


def remove_sink(runtime: Runtime, sink_id: int, actor: str) -> None:
    """Forget a sink and its URL; what waits for it is not sent.

    A rule for which it was the only chosen sink then has none, rather than all.

    Raises:
        NotFound: there is no such sink.

    """
    with writing(runtime.engine) as conn:
        name = notices.sink(conn, sink_id).name
        for rule in alert_rules.rules(conn):
            if sink_id in rule.sinks:
                left = tuple(i for i in rule.sinks if i != sink_id) or (NOBODY,)
                alert_rules.change_rule(conn, replace(rule, sinks=left))
        notices.delete_sink(conn, sink_id)
        facts = {"id": str(sink_id), "name": name}
        runs.record(conn, "remove_sink", actor, runtime.clock(), None, **facts)


def test_sink(runtime: Runtime, sink_id: int, actor: str) -> Sending:
    """Send a message to a sink now, and tell what happened.

    Raises:
        NotFound: there is no such sink.
        KeyWrong: its URL cannot be opened.

    """
    with reading(runtime.engine) as conn:
        sink = notices.sink(conn, sink_id)
    public_url = runtime.settings.public_url.rstrip("/")
    message = trial(Texts(sink.language), sink.name, public_url)
    url = url_of(runtime, sink_id)
    done, now = sinks.send(url, None, message.title, message.body), runtime.clock()
    with writing(runtime.engine) as conn:
        if done.ok:
            notices.worked(conn, sink_id, now)
        else:
            notices.failed(conn, sink_id, done.words, now)
        facts = {"id": str(sink_id), "ok": str(done.ok)}
        runs.record(conn, "test_sink", actor, now, None, **facts)
    return done


def snooze(
    runtime: Runtime,
    until: datetime,
    actor: str,
    *,
    rule_id: int | None = None,
    integration_id: int | None = None,
) -> None:
    """Tell nothing of a mailbox, a rule, or both, until then; it stays in the history.

    Raises:
        BadInput: neither is named, or `until` is past or more than 30 days ahead.
        NotFound: there is no such rule or integration.

    """
    now = runtime.clock()
    if rule_id is None and integration_id is None:
        raise BadInput("snooze", "snooze_all")
    if not now < until <= now + SNOOZE_MOST:
        raise BadInput("snooze", "snooze_until")
    with writing(runtime.engine) as conn:
        if rule_id is not None:
            alert_rules.rule(conn, rule_id)
        if integration_id is not None:
            integrations.get(conn, integration_id)
        alert_rules.add_snooze(
            conn, Snooze(0, rule_id, integration_id, now, until), actor
        )
        facts = {"rule": str(rule_id or ""), "until": until.isoformat()}
        runs.record(conn, "snooze", actor, now, integration_id, **facts)


def unsnooze(
    runtime: Runtime,
    actor: str,
    *,
    rule_id: int | None = None,
    integration_id: int | None = None,
) -> None:
    """End what was snoozed; what still burns is told."""
    with writing(runtime.engine) as conn:
        alert_rules.end_snoozes(conn, rule_id, integration_id)
        facts = {"rule": str(rule_id or "")}
        runs.record(conn, "unsnooze", actor, runtime.clock(), integration_id, **facts)


def _checked(rule: Rule) -> Rule:
    known = {*incidents.WARNINGS, FOR_A_PERSON, PASSING}
    for code in rule.codes:
        one_of_ours = code in known or code.isidentifier()
        if not one_of_ours or len(code) > CODE_MOST:
            raise BadInput("rule_codes", "code_unknown", code=code)
    if not 0 <= rule.after_s <= AFTER_MOST_S:
        raise BadInput("rule_after", "after_s")
    return replace(rule, name=_name(rule.name, "rule_name"))


def _check_sinks(conn: Connection, rule: Rule) -> None:
    there = {NOBODY, *(sink.id for sink in notices.sinks(conn))}
    if not there.issuperset(rule.sinks):
        raise BadInput("rule_sinks", "sink_unknown")


def _name(text: str, field: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise BadInput(field, "empty")
    if harmless(name) != name:
        raise BadInput(field, "control")
    if len(name) > NAME_MOST:
        raise BadInput(field, "too_long")
    return name
