"""Every sample is read as what it is, and nothing else is read as a report."""

from __future__ import annotations

import pytest

from core import reports
from tests.reports.made import Expected, Sample
from tests.reports.samples import OTHERS, SAMPLES


def test_the_samples_are_many_and_each_is_another():
    assert len({sample.raw for sample in SAMPLES}) == len(SAMPLES) >= 600
    assert len({sample.name for sample in SAMPLES}) == len(SAMPLES)
    assert len({sample.raw for sample in OTHERS}) == len(OTHERS) >= 100


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: one.name)
def test_each_sample_is_read(sample: Sample):
    report = reports.read(sample.raw)
    assert report is not None
    assert report.kind == sample.kind
    assert report.original_message_id == sample.message_id
    assert report.envelope_id == sample.envelope_id
    assert [
        Expected(o.recipient, o.step, o.status, o.permanent, o.automatic)
        for o in report.outcomes
    ] == list(sample.expected)


@pytest.mark.parametrize("sample", OTHERS, ids=lambda one: one.name)
def test_other_mail_is_no_report(sample: Sample):
    assert reports.read(sample.raw) is None
