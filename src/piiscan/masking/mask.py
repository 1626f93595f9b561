"""Masks: the part of a value that may be shown, by Chinese masking habits, one rule a kind.

``13800138000 -> 138****8000``, ``430104190506150016 -> 4301***********016``, ``张三 -> 张*``,
``abc@example.com -> a***@example.com``.  An address shows nothing below the district, a password
nothing.  Of an identity number the last three characters are shown, so that beside its prefecture
and an age band at least 1,000 numbers remain.  At least four characters of a long value and half of
a short one stay hidden under every rule, so that no mask is the value itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Int, Int32, Int64, UInt8
from piiscan.arrow_strings import string_buffers
from piiscan.masking.mask_kernels import write_address_masks, write_masks

_STAR_EACH: Final = -1
_SHOW_WHOLE: Final = -2


@dataclass(frozen=True, slots=True)
class MaskRule:
    """Mask rule of one kind: show ``head`` and ``tail`` characters of the text before ``until``.

    ``stars``: number of stars for the rest; -1 one a character, -2 show the whole value.
    ``hide_rest``: hide the text after ``until`` too, one star a character.
    """

    head: int
    tail: int = 0
    until: str = ""
    stars: int = _STAR_EACH  # at most 4
    hide_rest: bool = False


_DEFAULT: Final = MaskRule(2, 2)
_SHOWN: Final = MaskRule(0, stars=_SHOW_WHOLE)
_NOTHING: Final = MaskRule(0, stars=3)
_ID: Final = MaskRule(4, 4)
_IDENTITY: Final = MaskRule(4, 3)
_CARD: Final = MaskRule(6, 4)
_MOBILE: Final = MaskRule(3, 4)
ADDRESS: Final = "CN_ADDRESS"
#: Prefix of the entities of watch lists; their values may be of any kind.
WATCHLIST_PREFIX: Final = "WATCHLIST"
#: Entity whose values are never printed or written; only their presence is reported.
SECRET: Final = "CREDENTIAL"

#: Rules by entity or recognizer id; a recognizer has priority over its entity.  Published numbers
#: of organisations, and values that are masks already, are shown unchanged.
RULES: Final[Mapping[str, MaskRule]] = {
    "ALIPAY_UID": _ID,
    "BIOMETRIC": _NOTHING,
    "CN_BANK_CARD": _CARD,
    "CN_BIZ_LICENCE": _ID,
    "CN_DRIVER_ARCHIVE": MaskRule(4, 2),
    "CN_FOREIGN_PR_ID": _IDENTITY,
    "CN_IOT_NUMBER": MaskRule(5, 3),
    "CN_LANDLINE": MaskRule(4, 4, until=";", hide_rest=True),
    "CN_MILITARY_ID": MaskRule(2, 2),
    "CN_MOBILE": _MOBILE,
    "CN_ORG_CODE": _ID,
    "CN_PASSPORT": MaskRule(1, 3),
    "CN_PLATE": MaskRule(2, 1),
    "CN_RESIDENT_ID": _IDENTITY,
    "CN_SERVICE_NUMBER": _SHOWN,
    "CN_TRAVEL_PERMIT": MaskRule(1, 3),
    "CN_USCC": MaskRule(6, 4),
    "CN_VIRTUAL_NUMBER": MaskRule(3, 4, until=";", hide_rest=True),
    "CN_WAYBILL": _ID,
    "CRYPTO": MaskRule(4, 4),
    "DAMAGED": _ID,
    "EMAIL_ADDRESS": MaskRule(1, until="@", stars=3),
    "ENGINE_NO": MaskRule(2, 2),
    "GEO_COORDINATE": MaskRule(3),
    "HK_ID": MaskRule(1, 2),
    "ICCID": _CARD,
    "IMEI": _CARD,
    "IMSI": MaskRule(5, 3),
    "IP_ADDRESS": MaskRule(3),
    "MAC_ADDRESS": MaskRule(8),
    "MASKED": _ID,
    "NICKNAME": MaskRule(1),
    "ORDER_NO": _ID,
    "ORGANIZATION": MaskRule(4, 2),
    "PERSON": MaskRule(1),
    "PHONE_NUMBER": MaskRule(4, 3),
    "PHONE_TAIL": _SHOWN,
    "QQ_GROUP": MaskRule(2, 2),
    "QQ_NUMBER": MaskRule(2, 2),
    "CN_SOCIAL_SECURITY": MaskRule(2, 2),
    "RECORD_NO": MaskRule(2, 2),
    "SOCIAL_ACCOUNT": MaskRule(2, 2),
    "TW_ID": MaskRule(2, 2),
    "TW_UBN": MaskRule(2, 2),
    "VERIFICATION_CODE": _NOTHING,
    "VIN": MaskRule(3, 4),
    "WECHAT_GROUP": MaskRule(3, until="@"),
    "WECHAT_ID": MaskRule(2, 2),
    "WECHAT_OFFICIAL": MaskRule(5, 3),
    "WECHAT_OPENID": _ID,
    "masked.bank_card": _CARD,
    "masked.mobile": _MOBILE,
    "masked.name": _SHOWN,
    "masked.resident_id": _IDENTITY,
    "wechat.wxid": MaskRule(7, 2),
    ADDRESS: _NOTHING,
    SECRET: _NOTHING,
}


def mask_values(values: pa.Array, kinds: Int, *, names: list[tuple[str, str]]) -> pa.Array:
    """Return the masked form of each value (``string[n]``): ``13800138000 -> 138****8000``.

    ``kinds[i]`` is an index into ``names``, pairs of entity and recognizer.  A kind without a rule
    shows two characters at each end.

    >>> mask_values(pa.array(["13800138000"]), np.zeros(1, int),
    ...             names=[("CN_MOBILE", "cn.mobile")])[0].as_py()
    '138****8000'
    """
    rules = [_rule(entity, name) for entity, name in names]
    table = np.array(
        [[r.head, r.tail, ord(r.until or "\0"), r.stars, r.hide_rest] for r in rules] or [[0] * 5],
        np.int64,
    )
    masked = _mask_all(values, kinds, table)
    is_address = np.array([entity == ADDRESS for entity, _ in names], bool)
    addresses = is_address[kinds] if len(is_address) else np.zeros(0, bool)
    if addresses.any():
        flags = pa.array(addresses)
        masked = pc.replace_with_mask(masked, flags, mask_addresses(values.filter(flags)))
    return masked


def _rule(entity: str, recognizer: str) -> MaskRule:
    """Return the MaskRule of values of ``entity`` that ``recognizer`` found.

    Watch-list hits show nothing, as their entity says enough.
    """
    if entity.startswith(WATCHLIST_PREFIX):
        return _NOTHING
    return RULES.get(recognizer, RULES.get(entity, _DEFAULT))


def mask_value(value: str, entity: str, recognizer: str = "") -> str:
    """Return the masked form of one value: ``13800138000 -> 138****8000``.

    >>> mask_value("430104190506150016", "CN_RESIDENT_ID"), mask_value("张三", "PERSON")
    ('4301***********016', '张*')
    """
    masked = mask_values(pa.array([value]), np.zeros(1, int), names=[(entity, recognizer)])
    return str(masked[0].as_py())


def is_secret(entity: str, reason: str | None) -> bool:
    """Return True if a candidate is a password to hide; False if it lacks a context word.

    >>> is_secret("CREDENTIAL", None), is_secret("CREDENTIAL", "NO_CONTEXT")
    (True, False)
    """
    return entity == SECRET and reason != "NO_CONTEXT"


def hide_secrets(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Set text and value to None in rows that are, or overlap, a password; return the rows.

    Both become None for a secret and for every row that overlaps one.  Otherwise a superseded
    candidate, such as a phone number, would reveal the password.

    >>> hide_secrets([{"entity": "CREDENTIAL", "start": 3, "end": 9, "text": "a", "value": "a"}])
    [{'entity': 'CREDENTIAL', 'start': 3, 'end': 9, 'text': None, 'value': None}]
    """
    hidden = [dict(row) for row in rows]
    secrets = [(r["start"], r["end"]) for r in hidden if is_secret(r["entity"], r.get("reason"))]
    for row in hidden:
        if row["entity"] == SECRET or any(
            row["start"] < end and start < row["end"] for start, end in secrets
        ):
            row["text"] = row["value"] = None
    return hidden


def star_out(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return ``text`` with a star for each character of ``spans`` ([start, end)), blanks included.

    >>> star_out("密码：abc12345", [(3, 11)])
    '密码：********'
    """
    chars = list(text)
    for start, end in spans:
        chars[start:end] = "*" * (min(end, len(chars)) - start)
    return "".join(chars)


def mask_addresses(values: pa.Array) -> pa.Array:
    """Return addresses down to the district, then ``***`` (``string[n]``).

    An address is read from the left: province, city and district, each optional.  No gazetteer is
    used, so the mask of an address never depends on a dated table.

    >>> mask_addresses(pa.array(["湖南省长沙市岳麓区示例路0号", "长沙市示例小区0栋"])).to_pylist()
    ['湖南省长沙市岳麓区***', '长沙市***']
    """
    starts, data, out, ends = _buffers(values)
    write_address_masks(starts, data, out, ends)
    return _strings(out, ends)


def _mask_all(values: pa.Array, kinds: Int, table: Int64) -> pa.Array:
    """Return the masks of all values; row ``kinds[i]`` of ``table`` is the rule of value ``i``."""
    starts, data, out, ends = _buffers(values)
    write_masks(starts, data, kinds.astype(np.int64), table, out, ends)
    return _strings(out, ends)


def _buffers(values: pa.Array) -> tuple[Int64, UInt8, UInt8, Int32]:
    """Return starts and bytes of strings, and room for their masks: bytes and end offsets.

    A mask has at most four bytes more than its value.
    """
    offsets, data = string_buffers(values)
    size = int(offsets[-1]) - int(offsets[0])
    out = np.empty(size + 4 * len(values) + 1, np.uint8)
    return offsets.astype(np.int64), data, out, np.zeros(len(values) + 1, np.int32)


def _strings(data: UInt8, ends: Int32) -> pa.Array:
    """Return the string array of ``data`` with these end offsets."""
    content = pa.py_buffer(data[: int(ends[-1])])
    return pa.StringArray.from_buffers(len(ends) - 1, pa.py_buffer(ends), content)
