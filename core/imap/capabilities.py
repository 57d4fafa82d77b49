"""What servers say that they can do: where each thing is described, what it is for.

Names as of the registry of IMAP capabilities at IANA; the longest beginning counts for
names that carry a value (`QUOTA=RES-STORAGE`). Pure.
"""

from __future__ import annotations

from typing import NamedTuple


class Capability(NamedTuple):
    """A capability as the server wrote it.

    `rfc` is 0 where no RFC describes it; `use` is a key of texts (`capability.<use>`),
    empty where it is not known to us; `used` tells that Malote makes use of it.
    """

    name: str
    rfc: int
    use: str
    used: bool


# name: number of the RFC, key of the text; a star where Malote uses it
TABLE = """
ACL 4314 rights|ANNOTATE-EXPERIMENT-1 5257 notes|APPENDLIMIT 7889 size_limit
AUTH=PLAIN 4616 login *|AUTH=LOGIN 0 login|AUTH=CRAM-MD5 2195 login
AUTH=OAUTHBEARER 7628 login_token *|AUTH=XOAUTH2 0 login_token *
AUTH=EXTERNAL 4422 login|AUTH=SCRAM- 5802 login|AUTH=SCRAM-SHA-256 7677 login
AUTH= 4422 login|BINARY 3516 decoded
CATENATE 4469 compose|CHILDREN 3348 children|COMPRESS=DEFLATE 4978 compress *
CONDSTORE 7162 changes *|CONTEXT= 5267 live_search|CONVERT 5259 convert
CREATE-SPECIAL-USE 6154 make_special|ENABLE 5161 enable *|ESEARCH 4731 short_search *
ESORT 5267 sort|FILTERS 5466 filters|I18NLEVEL= 5255 languages|ID 2971 id *
IDLE 2177 idle *|IMAP4REV1 3501 protocol *|IMAP4REV2 9051 protocol *
IMAPSIEVE= 6785 filters|INPROGRESS 9585 progress|JMAPACCESS 9698 jmap
LANGUAGE 5255 languages|LIST-EXTENDED 5258 list_more *|LIST-METADATA 9590 notes
LIST-MYRIGHTS 8440 rights|LIST-STATUS 5819 list_numbers *|LITERAL+ 7888 fast_literals
LITERAL- 7888 fast_literals|LOGIN-REFERRALS 2221 referrals
LOGINDISABLED 9051 no_login *|MAILBOX-REFERRALS 2193 referrals
MESSAGELIMIT 9738 portions *|METADATA 5464 notes|MOVE 6851 move
MULTIAPPEND 3502 append|MULTISEARCH 7377 wide_search|NAMESPACE 2342 shared
NOTIFY 5465 notify|OBJECTID 8474 identity *|PARTIAL 9394 portions|PREVIEW 8970 preview
QRESYNC 7162 vanished *|QUOTA 9208 quota *|REPLACE 8508 append|RIGHTS= 4314 rights
SASL-IR 4959 fast_login *|SAVEDATE 8514 saved|SEARCH=FUZZY 6203 live_search
SEARCHRES 5182 reuse_search|SNIPPET= 0 preview|SORT 5256 sort
SPECIAL-USE 6154 special *|STARTTLS 9051 starttls *|STATUS=SIZE 8438 folder_size
THREAD= 5256 thread|UIDONLY 9586 only_uids *|UIDPLUS 4315 append
UNAUTHENTICATE 8437 reuse|UNSELECT 3691 close|URLAUTH 4467 compose|UTF8= 6855 utf8
WITHIN 5032 wide_search|X-GM-EXT-1 0 gmail *|XLIST 0 special
"""
KNOWN = {
    words[0]: (int(words[1]), words[2], len(words) > 3)  # noqa: PLR2004 - the star
    for words in (one.split() for one in TABLE.replace("\n", "|").split("|") if one)
}
BEGINNINGS = tuple(name for name in KNOWN if name.endswith(("=", "-", "QUOTA")))
VALUED = ("APPENDLIMIT", "MESSAGELIMIT", "JMAPACCESS")  # alone, or with a value


def describe(name: str) -> Capability:
    """Say what a capability is for; a name that is not known is given as it came."""
    upper = name.upper()
    if upper not in KNOWN:
        begins = [one for one in BEGINNINGS + VALUED if upper.startswith(one)]
        upper = max(begins, key=len, default="")
    return Capability(name, *KNOWN.get(upper, (0, "", False)))
