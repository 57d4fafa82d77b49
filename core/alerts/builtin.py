"""The rules that Malote begins with; people change, switch off or delete them."""

from __future__ import annotations

from core.alerting import FOR_A_PERSON, PASSING, Rule
from core.runtime import Runtime
from core.store import alert_rules, runs
from core.store.engine import reading, writing

MINUTE_S = 60
# Key of the name, codes, seconds that it must last, whether it is on.
RULES: tuple[tuple[str, tuple[str, ...], int, bool], ...] = (
    ("person", (FOR_A_PERSON,), 0, True),
    ("passing", (PASSING,), 15 * MINUTE_S, True),
    ("behind", ("behind",), 10 * MINUTE_S, True),
    ("deaf", ("deaf",), 0, True),
    ("silent", ("silent",), 0, True),
    ("quota", ("quota_full",), 0, True),
    ("certificate", ("certificate_7", "certificate_1"), 0, True),
    ("short", ("short",), 30 * MINUTE_S, True),
    # People delete and rename folders all day; and most of these mend themselves.
    ("vanished", ("folder_vanished",), 0, False),
    (
        "minor",
        ("quota_nearly_full", "certificate_30", "issuer_changed", "clock_skewed",
         "renumbered"),
        0,
        False,
    ),
)  # fmt: skip


def add_missing(runtime: Runtime) -> None:
    """Write the rules that come with Malote, the first time that a worker starts.

    Whoever deletes them all does not get them back: that they were written is in the
    audit log.
    """
    with reading(runtime.engine) as conn:
        if alert_rules.rules(conn):
            return
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        if alert_rules.rules(conn) or runs.was_done(conn, "create_rules"):
            return
        for key, codes, after_s, enabled in RULES:
            name = f"builtin.{key}"
            alert_rules.add_rule(
                conn, Rule(0, name, codes, after_s, now, enabled=enabled)
            )
        runs.record(conn, "create_rules", "malote", now, n=str(len(RULES)))
