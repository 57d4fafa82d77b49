"""Errors in the reader's words: what happened and why, and what to do. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from core.errors import BadInput, MailError
from core.i18n import Texts
from core.text import harmless


@dataclass(frozen=True, slots=True)
class Explanation:
    """What happened and why; what to do; what the mail server said, if it did."""

    what: str
    do: str
    server_says: str = ""

    @property
    def line(self) -> str:
        """Give all of it in one line."""
        said = f" ({self.server_says})" if self.server_says else ""
        return f"{self.what}{said} {self.do}".strip()


def explain(t: Texts, error: MailError, *, now: bool = False) -> Explanation:
    """Explain an error that was just raised.

    `now`: to a person who tries something and waits; nothing is tried again by itself.
    """
    if isinstance(error, BadInput):
        return Explanation(f"{field_label(t, error)}: {problem(t, error)}", "")
    return explain_code(t, error.code, error.facts, now=now)


def explain_code(
    t: Texts, code: str, facts: Mapping[str, str], *, now: bool = False
) -> Explanation:
    """Explain an error that was stored; `now` as of `explain`."""
    known = {name: harmless(value) for name, value in facts.items()}
    known |= _readable(t, facts)
    if not t.has(f"error.{code}.what"):
        code = "mail_error"
    do = "do_now" if now and t.has(f"error.{code}.do_now") else "do"
    return Explanation(
        t(f"error.{code}.what", **known),
        t(f"error.{code}.{do}", **known),
        known.get("server_says", ""),
    )


def _readable(t: Texts, facts: Mapping[str, str]) -> dict[str, str]:
    """Write instants, sizes and spans as people read them: `since_at` gives {since}.

    `_at` ends the name of an instant in ISO 8601, `_bytes` and `_kib` those of sizes
    in octets and in units of 1,024, `_s` that of a span in seconds.
    """
    out: dict[str, str] = {}
    for name, value in facts.items():
        bare, _, kind = name.rpartition("_")
        with suppress(ValueError):  # the facts of an older version stay as they are
            match kind:
                case "at":
                    out[bare] = t.moment(datetime.fromisoformat(value))
                case "bytes":
                    out[bare] = t.size(int(value))
                case "kib":
                    out[bare] = t.size(int(value) * 1024)
                case "s":
                    out[bare] = t.duration(float(value))
    return out


def problem(t: Texts, error: BadInput) -> str:
    """Say what is wrong with a field, without its name."""
    return t(f"problem.{error.problem}", **error.facts)


def field_label(t: Texts, error: BadInput) -> str:
    """Give the name of a field as people see it."""
    key = f"field.{error.field}"
    return t(key) if t.has(key) else error.field
