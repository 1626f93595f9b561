"""Attributes of number plates (GA 36-2018): province, kind of plate, new energy.

``湘A00003D -> 湖南省, civil, new energy``
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from piiscan.detect.arithmetic.char_matrix import AttributeColumns
from piiscan.detect.attributes.region_codes import full_provinces

#: First character of a plate -> its province, abbreviated.
_PROVINCES: Final = {
    "京": "北京", "津": "天津", "冀": "河北", "晋": "山西", "蒙": "内蒙古",
    "辽": "辽宁", "吉": "吉林", "黑": "黑龙江",
    "沪": "上海", "苏": "江苏", "浙": "浙江", "皖": "安徽", "闽": "福建", "赣": "江西",
    "鲁": "山东",
    "豫": "河南", "鄂": "湖北", "湘": "湖南", "粤": "广东", "桂": "广西", "琼": "海南",
    "渝": "重庆", "川": "四川", "贵": "贵州", "云": "云南", "藏": "西藏",
    "陕": "陕西", "甘": "甘肃", "青": "青海", "宁": "宁夏", "新": "新疆",
}  # fmt: skip
#: Character that only one kind of plate has, at any position -> the kind.
_KINDS: Final = {
    "警": "police", "使": "embassy", "领": "consulate", "学": "learner", "挂": "trailer",
    "港": "hong_kong", "澳": "macau", "试": "test", "超": "oversize",
}  # fmt: skip
#: New-energy plates: six characters after the city letter, the first or last of them a letter.
_NEW_ENERGY: Final = "^[^A-Z0-9][A-Z](?:[A-HJK][A-HJ-NP-Z0-9][0-9]{4}|[0-9]{5}[A-HJK])$"
_MILITARY: Final = "^[A-Z]{2}[0-9]{5}$"


def describe_plate(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return province, kind (civil, police, embassy …) and new-energy flag of vehicle plates.

    >>> found = describe_plate(pa.array(["湘A00003D", "WJ湘00001"]), "", as_of=20261231)
    >>> found["plate_kind"].to_pylist(), found["new_energy"].to_pylist()
    (['civil', 'armed_police'], [True, None])
    """
    import pyarrow.compute as pc

    del recognizer, as_of
    plain = pc.utf8_upper(pc.replace_substring_regex(values, "[ ·•‧.-]", ""))
    letter = pc.struct_field(pc.extract_regex(plain, "^(?:WJ)?(?P<letter>.)"), "letter")
    short = pa.array(list(_PROVINCES.values())).take(
        pc.index_in(letter, pa.array(list(_PROVINCES)))
    )
    province = full_provinces(short)
    kind = pc.if_else(pc.is_valid(province), "civil", None)
    kind = pc.if_else(pc.match_substring_regex(plain, _MILITARY), "military", kind)
    for mark, name in _KINDS.items():
        kind = pc.if_else(pc.match_substring(plain, mark), name, kind)
    kind = pc.if_else(pc.starts_with(plain, "WJ"), "armed_police", kind)
    civil = pc.equal(kind, "civil")
    new = pc.if_else(civil, pc.match_substring_regex(plain, _NEW_ENERGY), None)
    return {"province": province, "plate_kind": kind, "new_energy": new}
