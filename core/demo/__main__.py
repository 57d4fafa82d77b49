"""Start the demo's servers: `python -m core.demo --directory DIR`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from core.demo.kept import InUse
from core.demo.server import Options, run


def main() -> int:
    """Read the command line and serve; give the exit code."""
    parser = argparse.ArgumentParser(prog="core.demo", description=__doc__)
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--imap-port", type=int, default=0)
    parser.add_argument("--smtp-port", type=int, default=0)
    parser.add_argument("--arrival-every", type=float, default=240.0, metavar="SECONDS")
    parser.add_argument("--answer-after", type=float, default=8.0, metavar="SECONDS")
    said = parser.parse_args()
    options = Options(
        said.directory,
        said.imap_port,
        said.smtp_port,
        said.arrival_every,
        said.answer_after,
    )
    try:
        asyncio.run(run(options))
    except InUse as error:
        print(f"another demo runs in {error}", file=sys.stderr)  # noqa: T201 - a command
        return 1
    except OSError as error:
        print(f"cannot start: {error}", file=sys.stderr)  # noqa: T201 - a command
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
