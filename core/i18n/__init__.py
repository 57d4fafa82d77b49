"""Texts by key, and numbers and dates, in the language of the reader.

Texts live in `locales/<language>/*.toml`, one file per area, with equal keys in all
languages. A plural is a table with the CLDR categories (`one`, `other`, `many`);
the fact `n` chooses. Formats come from Babel.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers

LOCALES = Path(__file__).parent / "locales"
LANGUAGES = {"pt_BR": "Português (Brasil)", "en": "English"}
DEFAULT = "en"


def choose(wanted: str | None) -> str:
    """Give the language we have that is nearest to a browser's ("pt-PT" → pt_BR)."""
    return "pt_BR" if (wanted or "").lower().startswith("pt") else DEFAULT


def terminal_texts() -> Texts:
    """Give the texts in the language of the terminal."""
    return Texts(choose(os.environ.get("LC_ALL") or os.environ.get("LANG")))


def flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Turn nested tables into dotted keys."""
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = str(value)
    return flat


@cache
def catalogue(language: str) -> dict[str, str]:
    """Load every text of one language."""
    texts: dict[str, str] = {}
    for path in sorted((LOCALES / language).glob("*.toml")):
        texts |= flatten(tomllib.loads(path.read_text(encoding="utf-8")))
    return texts


class Texts:
    """The texts and formats of one language, called as `t("key", fact=…)`."""

    def __init__(self, language: str, zone: str = "UTC") -> None:
        """Choose a language we have, and the reader's time zone (IANA name)."""
        self.language = language if language in LANGUAGES else DEFAULT
        self.zone = ZoneInfo(zone)
        self.locale = Locale.parse(self.language)
        self._texts = catalogue(self.language)

    def __call__(self, key: str, **facts: object) -> str:
        """Give the text for `key`; a missing key shows itself rather than failing."""
        text = self._texts.get(key)
        if text is None and "n" in facts:
            text = self._plural(key, facts["n"])
        shown = {k: self._show(v) for k, v in facts.items()}
        return (text or key).format_map(_Lenient(shown))

    def has(self, key: str) -> bool:
        """Tell whether there is such a text."""
        return key in self._texts

    def number(self, value: float) -> str:
        """Write a number with the separators of the language."""
        return str(numbers.format_decimal(value, locale=self.locale))

    def day(self, day: date) -> str:
        """Write a day."""
        pattern = "dd/MM/yyyy" if self.language == "pt_BR" else "yyyy-MM-dd"
        return str(dates.format_date(day, pattern, self.locale))

    def moment(self, at: datetime) -> str:
        """Write a date and time in the reader's zone, to the minute."""
        return self.day(at.astimezone(self.zone)) + " " + self._time(at, "HH:mm")

    def second(self, at: datetime) -> str:
        """Write a date and time in the reader's zone, to the second."""
        return self.day(at.astimezone(self.zone)) + " " + self._time(at, "HH:mm:ss")

    def ago(self, at: datetime, now: datetime) -> str:
        """Write how long ago ("5 minutes ago"), or in how long for the future."""
        return str(
            dates.format_timedelta(
                at - now, add_direction=True, threshold=1.2, locale=self.locale
            )
        )

    def span(self, length: timedelta) -> str:
        """Write about how long something lasted: 40 seconds, 3 hours, 2 days."""
        return str(dates.format_timedelta(length, threshold=0.9, locale=self.locale))

    def duration(self, seconds: float) -> str:
        """Write a span of time: 850 ms, 1.2 s, 3 min 5 s."""
        if seconds < 1:
            return f"{seconds * 1000:.0f} ms"
        if seconds < 60:  # noqa: PLR2004 - seconds in a minute
            return f"{self.number(round(seconds, 1))} s"
        minutes, rest = divmod(round(timedelta(seconds=seconds).total_seconds()), 60)
        return f"{self.number(minutes)} min {rest} s"

    def size(self, size_bytes: int) -> str:
        """Write a size: 812 B, 14.2 kB, 3.1 MB."""
        value, unit = float(size_bytes), "B"
        for unit in ("B", "kB", "MB", "GB", "TB"):
            if value < 1000 or unit == "TB":  # noqa: PLR2004 - SI step
                break
            value /= 1000
        return f"{self.number(round(value, 1 if unit != 'B' else 0))} {unit}"

    def _time(self, at: datetime, pattern: str) -> str:
        return str(dates.format_time(at, pattern, self.zone, self.locale))

    def _plural(self, key: str, n: object) -> str | None:
        form = self.locale.plural_form(n) if isinstance(n, (int, float)) else "other"
        return self._texts.get(f"{key}.{form}") or self._texts.get(f"{key}.other")

    def _show(self, value: object) -> str:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return str(value)
        return self.number(value)


class _Lenient(dict[str, str]):
    """Facts for a text; one that is missing stays visible as {name}."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
