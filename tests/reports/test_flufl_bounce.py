"""What flufl.bounce reads of the same samples is as docs/reference/reports.md says."""

from __future__ import annotations

import logging
from collections import Counter
from email import message_from_bytes
from pathlib import Path

import pytest
from flufl.bounce import all_failures

from core.outgoing import Step
from tests.reports.made import Sample
from tests.reports.samples import OTHERS, SAMPLES

DOC = Path(__file__).parents[2] / "docs/reference/reports.md"
BOUNCES = (Step.FAILED, Step.DELAYED)


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.CRITICAL + 1, "flufl.bounce")


def test_the_table_of_formats_is_as_it_is_seen():
    assert "\n".join(table()) in DOC.read_text("utf-8")


def test_what_it_takes_for_bounces_is_as_the_text_says():
    taken = sum(any(_found(sample.raw)) for sample in OTHERS)
    assert f"{taken} of the {len(OTHERS)}" in DOC.read_text("utf-8")


def table() -> list[str]:
    """Count samples and what flufl.bounce reads of them, by format."""
    samples, known = Counter[str](), Counter[str]()
    for sample in SAMPLES:
        name = sample.name.partition(":")[0]
        samples[name] += 1
        known[name] += _knows(sample)
    rows = [f"| {name} | {n} | {known[name]} |" for name, n in samples.items()]
    total = f"| **all** | **{samples.total()}** | **{known.total()}** |"
    return ["| format | samples | by flufl.bounce |", "|---|--:|--:|", *rows, total]


def _knows(sample: Sample) -> bool:
    """Tell whether it finds whom a bounce is about, and no one else."""
    told = {e.recipient for e in sample.expected if e.step in BOUNCES}
    late = {e.recipient for e in sample.expected if e.step is Step.DELAYED}
    delayed, failed = _found(sample.raw)
    return bool(told) and (late, told - late) == (delayed, failed)


def _found(raw: bytes) -> tuple[set[str], set[str]]:
    try:
        delayed, failed = all_failures(message_from_bytes(raw))
    except (IndexError, ValueError):  # as of a From without an address (6.0, yale.py)
        return set(), set()
    return _text(delayed), _text(failed)


def _text(found: frozenset[bytes]) -> set[str]:
    return {one.decode("ascii", "replace").lower() for one in found}
