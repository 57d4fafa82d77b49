"""Write a notice: which mailbox, what is wrong, since when, what to do, where. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core import providers
from core.alerting import Told
from core.alerts.grouping import What
from core.i18n import Texts
from core.text import harmless
from core.words import explain_code

NAMED = 10  # mailboxes of a notice that are told by name
TITLE_MOST = 160


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: a line, and a text."""

    title: str
    body: str


def rule_name(t: Texts, name: str) -> str:
    """Give the name of a rule; those that come with Malote are in every language."""
    key = f"alerts.{name}"
    return t(key) if name.startswith("builtin.") and t.has(key) else name


def short(t: Texts, code: str) -> str:
    """Say in a few words what is wrong."""
    return t(f"short.{code}") if t.has(f"short.{code}") else t("short.other")


def place_name(place: str) -> str:
    """Give the name of a provider of the catalogue, or the host as it is."""
    known = providers.catalogue().by_id(place)
    return known.name if known else place


def write(
    t: Texts, what: What, rule: str, told: Sequence[Told], public_url: str
) -> Message:
    """Write the notice of some alerts of one rule and one place, at least one."""
    one = told[0]
    about = one.code if len({x.code for x in told}) == 1 else ""
    problem = short(t, about) if about else rule_name(t, rule)
    if len(told) == 1:
        link = f"{public_url}/sync?integration={one.integration_id}"
        title = t(f"notice.title.{what}", what=problem, address=harmless(one.address))
        lines = _of_one(t, what, one)
    else:
        link = f"{public_url}/alerts"
        title = t(
            f"notice.title.{what}_many",
            n=len(told),
            place=harmless(place_name(one.place)),
            what=problem,
        )
        lines = _of_many(t, what, told)
    foot = [t("notice.by_rule", name=harmless(rule_name(t, rule))), link]
    return Message(title[:TITLE_MOST], "\n".join([*lines, "", *foot]))


def trial(t: Texts, sink: str, public_url: str) -> Message:
    """Write what a test sends."""
    text = t("notice.trial_text", name=harmless(sink))
    return Message(t("notice.trial_title"), f"{text}\n\n{public_url}/alerts")


def _of_one(t: Texts, what: What, one: Told) -> list[str]:
    told = explain_code(t, one.code, one.facts)
    if what is What.RECOVERED:
        return [_who(one), _over(t, one), "", told.what]
    lines = [_who(one), told.what, t("notice.since", at=t.moment(one.since))]
    return [*lines, "", t("notice.do", text=told.do)] if told.do else lines


def _of_many(t: Texts, what: What, told: Sequence[Told]) -> list[str]:
    lines = [_line(t, what, one) for one in told[:NAMED]]
    if len(told) > NAMED:
        lines.append(t("notice.more", n=len(told) - NAMED))
    if what is What.RECOVERED:
        return lines
    code = Counter(one.code for one in told).most_common(1)[0][0]
    facts = next(one.facts for one in told if one.code == code)
    do = explain_code(t, code, facts).do
    return [*lines, "", t("notice.do", text=do)] if do else lines


def _line(t: Texts, what: What, one: Told) -> str:
    if what is What.RECOVERED:
        return f"- {_who(one)}: {_over(t, one)}"
    since = t("notice.since", at=t.moment(one.since))
    return f"- {_who(one)}: {short(t, one.code)}. {since}"


def _over(t: Texts, one: Told) -> str:
    at = one.recovered_at or one.since
    lasted = t.duration((at - one.since).total_seconds())
    return t("notice.over", at=t.moment(at), lasted=lasted)


def _who(one: Told) -> str:
    return f"{harmless(one.owner)} ({harmless(one.address)})"
