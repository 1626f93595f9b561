"""What may be shown of a value: Chinese masking habits, one rule a kind.

138****8000, 4301**********0016, 621700*********0004, 张*, a***@example.com; of an address
nothing below the district, of a password nothing.  At least four characters of a long value and
half of a short one stay hidden, whatever its rule says, so that a mask never is the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Int64
from piiscan.hashing.digest import string_buffers
from piiscan.jit import kernel
from piiscan.masking.address_mask import mask_addresses

Int = npt.NDArray[np.integer[Any]]

_EACH: Final = -1
_WHOLE: Final = -2


@dataclass(frozen=True, slots=True)
class Rule:
    """How much of a value is shown: ``head`` and ``tail`` characters of what stands before ``end``.

    ``stars``: how many stars stand for the rest; -1 one a character, -2 the value as it stands.
    ``hide``: what follows ``end`` is hidden too, one star a character.
    """

    head: int
    tail: int = 0
    end: str = ""
    stars: int = _EACH  # at most 4
    hide: bool = False


_DEFAULT: Final = Rule(2, 2)
_SHOWN: Final = Rule(0, stars=_WHOLE)
_NOTHING: Final = Rule(0, stars=3)
_ID: Final = Rule(4, 4)
_CARD: Final = Rule(6, 4)
_MOBILE: Final = Rule(3, 4)
ADDRESS: Final = "CN_ADDRESS"
#: How the entities of watch lists begin; their values may be of any kind.
WATCHED: Final = "WATCHLIST"
#: Only its presence is told, to anybody: nothing prints or writes such a value.
SECRET: Final = "CREDENTIAL"

#: Rules by entity; one for a recognizer goes before the one for its entity.  Published numbers of
#: organisations and values that already are masks are shown as they stand.
RULES: Final[Mapping[str, Rule]] = {
    "ALIPAY_UID": _ID,
    "CN_BANK_CARD": _CARD,
    "CN_BIZ_LICENCE": _ID,
    "CN_DRIVER_ARCHIVE": Rule(4, 2),
    "CN_FOREIGN_PR_ID": _ID,
    "CN_IOT_NUMBER": Rule(5, 3),
    "CN_LANDLINE": Rule(4, 4, end=";", hide=True),
    "CN_MILITARY_ID": Rule(2, 2),
    "CN_MOBILE": _MOBILE,
    "CN_ORG_CODE": _ID,
    "CN_PASSPORT": Rule(1, 3),
    "CN_PLATE": Rule(2, 1),
    "CN_RESIDENT_ID": _ID,
    "CN_SERVICE_NUMBER": _SHOWN,
    "CN_TRAVEL_PERMIT": Rule(1, 3),
    "CN_USCC": Rule(6, 4),
    "CN_VIRTUAL_NUMBER": Rule(3, 4, end=";", hide=True),
    "CN_WAYBILL": _ID,
    "DAMAGED": _ID,
    "EMAIL_ADDRESS": Rule(1, end="@", stars=3),
    "GEO_COORDINATE": Rule(3),
    "HK_ID": Rule(1, 3),
    "ICCID": _CARD,
    "IMEI": _CARD,
    "IMSI": Rule(5, 3),
    "IP_ADDRESS": Rule(3),
    "MAC_ADDRESS": Rule(8),
    "MASKED": _ID,
    "NICKNAME": Rule(1),
    "ORDER_NO": _ID,
    "ORGANIZATION": Rule(4, 2),
    "PERSON": Rule(1),
    "PHONE_TAIL": _SHOWN,
    "QQ_GROUP": Rule(2, 2),
    "QQ_NUMBER": Rule(2, 2),
    "TW_ID": Rule(2, 2),
    "VERIFICATION_CODE": _NOTHING,
    "VIN": Rule(3, 4),
    "WECHAT_GROUP": Rule(3, end="@"),
    "WECHAT_ID": Rule(2, 2),
    "WECHAT_OFFICIAL": Rule(5, 3),
    "WECHAT_OPENID": _ID,
    "masked.bank_card": _CARD,
    "masked.mobile": _MOBILE,
    "masked.name": _SHOWN,
    "wechat.wxid": Rule(7, 2),
    ADDRESS: _NOTHING,
    SECRET: _NOTHING,
}


def mask_values(values: pa.Array, kinds: Int, *, names: list[tuple[str, str]]) -> pa.Array:
    """``string[n]``: what may be shown of each value.

    ``kinds[i]`` is an index into ``names``, pairs of entity and recognizer.  A kind without a
    rule shows two characters at each end.

    >>> mask_values(pa.array(["13800138000"]), np.zeros(1, int),
    ...             names=[("CN_MOBILE", "cn.mobile")])[0].as_py()
    '138****8000'
    """
    rules = [_rule(entity, name) for entity, name in names]
    table = np.array(
        [[r.head, r.tail, ord(r.end or "\0"), r.stars, r.hide] for r in rules] or [[0] * 5],
        np.int64,
    )
    masked = _cover_all(values, kinds, table)
    place = np.array([entity == ADDRESS for entity, _ in names], bool)
    where = place[kinds] if len(place) else np.zeros(0, bool)
    if where.any():
        flags = pa.array(where)
        masked = pc.replace_with_mask(masked, flags, mask_addresses(values.filter(flags)))
    return masked


def _rule(entity: str, recognizer: str) -> Rule:
    """The rule of a kind; a hit of a watch list shows nothing, for its finding shows enough."""
    if entity.startswith(WATCHED):
        return _NOTHING
    return RULES.get(recognizer, RULES.get(entity, _DEFAULT))


def mask_value(value: str, entity: str, recognizer: str = "") -> str:
    """What may be shown of one value.

    >>> mask_value("430104190506150016", "CN_RESIDENT_ID"), mask_value("张三", "PERSON")
    ('4301**********0016', '张*')
    """
    masked = mask_values(pa.array([value]), np.zeros(1, int), names=[(entity, recognizer)])
    return str(masked[0].as_py())


def is_secret(entity: str, reason: str | None) -> bool:
    """Whether a candidate may be a secret: one that lacks its label is any word.

    >>> is_secret("CREDENTIAL", None), is_secret("CREDENTIAL", "NO_CONTEXT")
    (True, False)
    """
    return entity == SECRET and reason != "NO_CONTEXT"


def withhold(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """``rows`` of one text, ``text`` and ``value`` None for secrets and what overlaps one.

    A password that is also a phone number would be told by the candidate that lost to it.

    >>> withhold([{"entity": "CREDENTIAL", "start": 3, "end": 9, "text": "a", "value": "a"}])
    [{'entity': 'CREDENTIAL', 'start': 3, 'end': 9, 'text': None, 'value': None}]
    """
    listed = [dict(row) for row in rows]
    secrets = [(r["start"], r["end"]) for r in listed if is_secret(r["entity"], r.get("reason"))]
    for row in listed:
        if row["entity"] == SECRET or any(
            row["start"] < end and start < row["end"] for start, end in secrets
        ):
            row["text"] = row["value"] = None
    return listed


def blot(text: str, places: Sequence[tuple[int, int]]) -> str:
    """``text`` with a star for each character of ``places``, blanks included.

    >>> blot("密码：abc12345", [(3, 11)])
    '密码：********'
    """
    chars = list(text)
    for start, end in places:
        chars[start:end] = "*" * (min(end, len(chars)) - start)
    return "".join(chars)


def _cover_all(values: pa.Array, kinds: Int, table: Int64) -> pa.Array:
    offsets, data = string_buffers(values)
    size = int(offsets[-1]) - int(offsets[0])
    out = np.empty(size + 4 * len(values) + 1, np.uint8)
    places = np.zeros(len(values) + 1, np.int32)
    starts = offsets.astype(np.int64)
    data = data.view()
    data.flags.writeable = False  # one compiled version, whatever the caller had
    _cover(starts, data, kinds.astype(np.int64), table, out, places)
    end = int(places[-1])
    return pa.StringArray.from_buffers(len(values), pa.py_buffer(places), pa.py_buffer(out[:end]))


@kernel
def _cover(starts: Any, data: Any, kinds: Any, table: Any, out: Any, places: Any) -> None:
    """Write the masks of all strings into ``out``, their ends into ``places``."""
    at = 0
    for i in range(len(starts) - 1):
        head, tail, end, stars, hide = table[kinds[i]]
        low, high = starts[i], starts[i + 1]
        split = high
        count = 0
        for p in range(low, high):
            if end != 0 and data[p] == end:
                split = p
                break
            count += (data[p] & 0xC0) != 0x80
        if stars == -2:
            head, tail = count, 0
        else:
            shown = count - (4 if count >= 11 else (count + 1) // 2)
            if head + tail > shown:
                tail = min(tail, shown // 2)
                head = min(head, shown - tail)
        seen = 0
        starred = False
        for p in range(low, high):
            first = (data[p] & 0xC0) != 0x80
            if p < split:
                seen += first
                visible = seen <= head or seen > count - tail
            else:
                visible = not hide or p == split
            if visible:
                out[at] = data[p]
                at += 1
            elif p < split and stars >= 0:
                if not starred:
                    out[at : at + stars] = 42
                    at += stars
                starred = True
            elif first:
                out[at] = 42
                at += 1
        places[i + 1] = at
