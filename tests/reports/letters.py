"""How servers write bounces that are for people alone, without a delivery status."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).with_suffix(".toml")


class Letter(NamedTuple):
    """A template; `{original}` in it is where the returned header stands."""

    name: str
    sender: str
    subject: str
    text: str
    delayed: bool = False
    head: str = ""


LETTERS = [Letter(**one) for one in tomllib.loads(SOURCE.read_text("utf-8"))["letter"]]
