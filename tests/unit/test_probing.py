"""What servers answer to GETQUOTAROOT, and what is made of it."""

import pytest

from core.card import Quota
from core.imap.probing import quota_in
from core.imap.responses import Part

BIG = 2**63 - 1


@pytest.mark.parametrize(
    ("lines", "quota"),
    [
        ([b'* QUOTAROOT INBOX ""', b'* QUOTA "" (STORAGE 10 512)'], Quota(10, 512)),
        ([b"* quota root (storage 10 512)"], Quota(10, 512)),
        ([b'* QUOTA "" (MESSAGE 3 9 STORAGE 10 512)'], Quota(10, 512)),
        ([b'* QUOTA "" (X-STORAGE 1 2 STORAGE 10 512)'], Quota(10, 512)),
        ([b'* QUOTA "of (many) words" (STORAGE 10 512)'], Quota(10, 512)),
        ([(b"* QUOTA {4}", b"root"), b" (STORAGE 10 512)"], Quota(10, 512)),
        ([b'* QUOTA "" (STORAGE %d %d)' % (BIG, BIG)], Quota(BIG, BIG)),
        # of several roots, the one that is fullest
        ([b"* QUOTA a (STORAGE 1 9)", b"* QUOTA b (STORAGE 8 9)"], Quota(8, 9)),
        # nothing is told
        ([], None),
        ([b"* QUOTAROOT INBOX"], None),
        ([b'* QUOTA ""'], None),
        ([b'* QUOTA "" ()'], None),
        ([b'* QUOTA "" (MESSAGE 3 9)'], None),
        ([b'* QUOTA "" (STORAGE 10 0)'], None),  # no limit
        ([b'* QUOTA "" (STORAGE 10)'], None),
        ([b'* QUOTA "" (STORAGE ten "512")'], None),
        ([b'* QUOTA "" (STORAGE -1 512)'], None),
        ([b'* QUOTA "" (STORAGE 1 %d)' % (BIG + 1)], None),
        ([b'* QUOTA "" (STORAGE %s 1)' % (b"9" * 1000)], None),
        ([b'* QUOTA "STORAGE 1 2" (MESSAGE 3 9)'], None),
        ([b'* QUOTA "" (' + b"(" * 5000], None),
        ([b"* OK (STORAGE 10 512)"], None),
        ([(b"* QUOTA {16}", b"(STORAGE 10 512)")], None),
    ],
)
def test_a_quota_is_read(lines: list[Part], quota: Quota | None) -> None:
    with_literal = bool(lines) and isinstance(lines[0], tuple)
    assert quota_in([lines] if with_literal else [[one] for one in lines]) == quota
