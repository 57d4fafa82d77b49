"""The address bar of the messages page: read in each run, written as people choose."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from console.message_address import PARTS, PLACE, View, cleared, consistent, read, write


def asked() -> View:
    """Give what the address says; what cannot be read of it is not asked."""
    return read(st.query_params.to_dict())[0]


def refused() -> tuple[str, ...]:
    """Name the parts of the address that cannot be read."""
    return read(st.query_params.to_dict())[1]


def show(view: View) -> None:
    """Write a view into the address bar; what is no part of one stays there."""
    said = write(view)
    for name in PARTS:
        if name in said:
            st.query_params[name] = said[name]
        else:
            st.query_params.pop(name, None)


def also(**changes: Any) -> None:
    """Change parts of the address, and nothing else."""
    show(consistent(replace(asked(), **changes)))


def turn(**changes: Any) -> None:
    """Change parts of the address; another question begins at its first page."""
    usual = View()
    also(**{name: getattr(usual, name) for name in PLACE} | changes)


def clear() -> None:
    """Ask for everything of the mailbox."""
    show(cleared(asked()))
