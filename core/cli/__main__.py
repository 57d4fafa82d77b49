"""Run the command line as `python -m core.cli`."""

from core.cli import main

main()
