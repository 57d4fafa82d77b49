"""Our look of charts: seen in both themes, by every eye, in both languages."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from console import charts
from core.i18n import Texts

THEME = Path(charts.__file__).parent / "theme.toml"
GROUNDS = [
    tomllib.loads(THEME.read_text("utf-8"))["theme"][name]["backgroundColor"]
    for name in ("light", "dark")
]
STRONG = charts.COLOURS[:4]


def light(colour: str) -> float:
    """Give the relative luminance of WCAG 2.2."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("colour", [*STRONG, charts.BEFORE])
def test_what_is_drawn_stands_out_from_the_page(colour: str, ground: str) -> None:
    assert round(contrast(colour, ground), 1) >= 3  # WCAG 2.2, 1.4.11


@pytest.mark.parametrize(("language", "marks"), [("pt_BR", ",."), ("en", ".,")])
def test_numbers_are_written_as_the_language_does(language: str, marks: str) -> None:
    figure = charts.figure(Texts(language))
    told = json.loads(figure.to_json())
    assert told["layout"]["template"]["layout"]["separators"] == marks
    assert told["layout"]["template"]["layout"]["paper_bgcolor"] == charts.CLEAR
