"""What the dashboard and the rules of docs/monitoring ask of Prometheus."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import promql_parser
import yaml
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

MONITORING = Path(__file__).parents[2] / "docs" / "monitoring"
OF_PROMETHEUS = {"instance", "job"}  # labels that scraping adds
VARIABLES = {"$__rate_interval": "5m", "$instance": ".*"}  # of Grafana


@dataclass(frozen=True)
class Selector:
    """A metric that a query names, and (label, operator, value) of its matchers."""

    metric: str
    matchers: tuple[tuple[str, str, str], ...]

    def selects(self, sample: Sample) -> bool:
        """Tell whether a sample is meant, but for labels that are not ours."""
        own = [m for m in self.matchers if m[0] not in OF_PROMETHEUS]
        return sample.name == self.metric and all(
            _fits(operator, value, sample.labels.get(label, ""))
            for label, operator, value in own
        )


def dashboard() -> dict[str, Any]:
    """Read the dashboard."""
    found = json.loads((MONITORING / "malote-dashboard.json").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def rules() -> list[dict[str, Any]]:
    """Read the alerting rules."""
    read = yaml.safe_load((MONITORING / "malote-alerts.yml").read_text("utf-8"))
    return [rule for group in read["groups"] for rule in group["rules"]]


def asked() -> Iterator[str]:
    """Give every query of the dashboard, its variables too, and of the rules."""
    for panel in dashboard()["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))
    for variable in dashboard()["templating"]["list"]:
        if variable["type"] == "query":
            values = re.fullmatch(r"label_values\((.+), \w+\)", variable["definition"])
            assert values
            yield values[1]
    yield from (rule["expr"] for rule in rules())


def selectors(query: str) -> list[Selector]:
    """Parse a query; give what it selects."""
    for name, value in VARIABLES.items():
        query = query.replace(name, value)
    found: list[Selector] = []

    def visit(node: Any) -> bool:
        if isinstance(node, promql_parser.VectorSelector):
            every = node.matchers.matchers
            parts = tuple((m.name, OPERATORS[str(m.op)], m.value) for m in every)
            found.append(Selector(node.name or "", parts))
        return True

    promql_parser.walk(promql_parser.parse(query), visit)
    return found


def samples(text: str) -> list[Sample]:
    """Parse what /metrics says."""
    families = text_string_to_metric_families(text)
    return [sample for family in families for sample in family.samples]


OPERATORS = {
    "MatchOp.Equal": "=",
    "MatchOp.NotEqual": "!=",
    "MatchOp.Re": "=~",
    "MatchOp.NotRe": "!~",
}


def _fits(operator: str, wanted: str, value: str) -> bool:
    if operator in {"=", "!="}:
        return (wanted == value) is (operator == "=")
    return bool(re.fullmatch(wanted, value)) is (operator == "=~")
