"""Start the demo's servers: `python -m core.demo --directory DIR`."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from core.demo.server import run

ARRIVAL_S = 240.0

parser = argparse.ArgumentParser(prog="core.demo", description=__doc__)
parser.add_argument("--directory", type=Path, required=True)
parser.add_argument("--arrival-every", type=float, default=ARRIVAL_S, metavar="SECONDS")
chosen = parser.parse_args()
chosen.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
asyncio.run(run(chosen.directory, chosen.arrival_every))
