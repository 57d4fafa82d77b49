"""Facts of incidents are written as people read them; every warning has its words."""

from __future__ import annotations

import pytest

from core.i18n import Texts
from core.incidents import WARNINGS
from core.words import explain_code


def test_instants_sizes_and_spans_are_written_for_people() -> None:
    t = Texts("en")
    full = explain_code(t, "quota_full", {"used_kib": "2048", "limit_kib": "4096"})
    assert "2.1 MB of 4.2 MB" in full.what
    large = {"size_bytes": "30000000", "limit_bytes": "999", "host": "smtp.example.org"}
    told = explain_code(t, "mail_too_large", large)
    assert "30 MB" in told.what
    assert "999 B" in told.what
    skewed = explain_code(t, "clock_skewed", {"ahead_s": "7200"})
    assert "120 min 0 s" in skewed.what
    since = {"since_at": "2026-03-01T12:00:00+00:00", "expected": "12", "p": "0.0002"}
    assert "2026" in explain_code(t, "silent", since).what


def test_a_fact_that_cannot_be_read_stays_visible() -> None:
    told = explain_code(Texts("en"), "quota_full", {"used_kib": "many"})
    assert "{used}" in told.what


@pytest.mark.parametrize("code", WARNINGS)
@pytest.mark.parametrize("language", ["en", "pt_BR"])
def test_every_warning_has_its_words(code: str, language: str) -> None:
    t = Texts(language)
    told = explain_code(t, code, {})
    assert told.what != explain_code(t, "mail_error", {}).what
    assert told.do
    assert t.has(f"short.{code}")
