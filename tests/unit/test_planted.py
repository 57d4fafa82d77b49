"""The finder of planted secrets finds them: otherwise it proves nothing."""

from __future__ import annotations

import gzip
import io
import zipfile
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.planted import Planted, files

SECRET, LOGIN = "Zq7-CANARY+9f/3e", "ana@example.org"
PLANTED = Planted(SECRET, (LOGIN,))


def zipped(data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("a/b.txt", data)
    return made.getvalue()


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz"])
@pytest.mark.parametrize("after", ["", "!", "!!"])
@pytest.mark.parametrize("code", ["utf-8", "utf-16-le", "utf-16-be"])
def test_base64_wherever_it_begins(before: str, after: str, code: str) -> None:
    plain = before.encode() + SECRET.encode(code) + after.encode()
    for encode in (b64encode, urlsafe_b64encode):
        assert PLANTED.found({"log": b"<<" + encode(plain) + b">>"})


@pytest.mark.parametrize(
    "data",
    [
        SECRET.encode(),
        SECRET.upper().encode(),
        SECRET.encode("utf-16-le"),
        SECRET.encode("utf-16-be"),
        SECRET.encode().hex().upper().encode(),
        quote(SECRET, safe="").encode(),
        SECRET[:9].encode(),
        SECRET[7:].encode(),
        b64encode(f"\0{LOGIN}\0{SECRET}".encode()),
        b64encode(f"{LOGIN}:{SECRET}".encode()),
        b64encode(f"abc\0{LOGIN}\0{SECRET}".encode()),
        gzip.compress(SECRET.encode()),
    ],
)
def test_every_form(data: bytes) -> None:
    assert PLANTED.found({"place": data})
    assert PLANTED.found({"place": b"\0\1\2" + data}) or data[:2] == b"\x1f\x8b"
    assert PLANTED.found({"bundle": zipped(data)})
    assert PLANTED.found({"bundle": zipped(zipped(data))})


def test_where_it_is_not() -> None:
    clean = b"sync failed: the server refused the login of ana@example.org"
    assert not PLANTED.found({"log": clean, "bundle": zipped(clean)})


def test_files_are_read_but_those_left_out(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "db").write_bytes(SECRET.encode())
    (tmp_path / "key").write_bytes(b"key")
    assert set(files(tmp_path, "key")) == {"a/db"}
    assert PLANTED.found(files(tmp_path))
