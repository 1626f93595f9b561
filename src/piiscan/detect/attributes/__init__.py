"""Attributes of a value: issuer, region, birth, sex; facts that follow from the value alone.

``430104190506150016 -> 湖南省, 长沙市, 岳麓区, born 1905-06-15, male``.  The facts come from dated
tables and are those of the assignment: the original carrier, the region that assigned the number.
Refuted values have attributes too, as far as they can be read.

Only :func:`coarse` attributes may be shown with a masked value: sex, birth date and county with
``4301***********016`` would give the number back.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.detect.arithmetic.char_matrix import AttributeColumns
from piiscan.detect.attributes.accounts import describe_crypto, describe_social
from piiscan.detect.attributes.identity_numbers import (
    age_band,
    describe_foreigner,
    describe_resident,
    describe_taiwanese,
)
from piiscan.detect.attributes.issuers import describe_card, describe_sim, describe_waybill
from piiscan.detect.attributes.masked_values import describe_damage, describe_mask
from piiscan.detect.attributes.network_addresses import describe_ip, describe_mailbox
from piiscan.detect.attributes.number_plates import describe_plate
from piiscan.detect.attributes.organisations import (
    describe_credit_code,
    describe_licence,
    describe_organisation,
)
from piiscan.detect.attributes.person_names import describe_name
from piiscan.detect.attributes.phone_numbers import (
    describe_landline,
    describe_mobile,
    describe_region,
    describe_virtual,
)
from piiscan.detect.attributes.postal_addresses import describe_address
from piiscan.schemas import ATTRIBUTES

Describer = Callable[..., AttributeColumns]

#: Entity -> function that derives the attributes of its values; other entities have none.
DESCRIBERS: Final[Mapping[str, Describer]] = {
    "CN_ADDRESS": describe_address,
    "CN_BANK_CARD": describe_card,
    "CN_BIZ_LICENCE": describe_licence,
    "CN_FOREIGN_PR_ID": describe_foreigner,
    "CN_IOT_NUMBER": describe_sim,
    "CN_LANDLINE": describe_landline,
    "CN_MOBILE": describe_mobile,
    "CN_PLATE": describe_plate,
    "CN_RESIDENT_ID": describe_resident,
    "CN_USCC": describe_credit_code,
    "CN_VIRTUAL_NUMBER": describe_virtual,
    "CN_WAYBILL": describe_waybill,
    "CRYPTO": describe_crypto,
    "DAMAGED": describe_damage,
    "EMAIL_ADDRESS": describe_mailbox,
    "ICCID": describe_sim,
    "IMSI": describe_sim,
    "IP_ADDRESS": describe_ip,
    "MASKED": describe_mask,
    "ORGANIZATION": describe_organisation,
    "PERSON": describe_name,
    "PHONE_NUMBER": describe_region,
    "SOCIAL_ACCOUNT": describe_social,
    "TW_ID": describe_taiwanese,
}
#: Attributes that may be shown with a masked value.
COARSE_NAMES: Final = ("province", "age_band", "carrier")


def attributes(
    entity: str, recognizer: str, value: str, *, as_of: datetime.date
) -> dict[str, str | int]:
    """Return the facts that one identifier encodes (region, birth, carrier …), by name.

    ``as_of`` is the day on which ages are counted.

    >>> day = datetime.date(2026, 12, 31)
    >>> attributes("CN_RESIDENT_ID", "cn.resident_id", "11010519491231002X", as_of=day)["age"]
    77
    >>> attributes("IP_ADDRESS", "net.ip", "10.0.0.1", as_of=day)
    {'ip_version': 4}
    """
    columns = [pa.array([word]) for word in (entity, recognizer, value)]
    row = attribute_table(*columns, as_of=as_of).to_pylist()[0]
    return {name: item for name, item in row.items() if item is not None}


def coarse(attributes: Mapping[str, str | int]) -> dict[str, str | int]:
    """Return the attributes that may be shown with a masked value: province, age band, carrier.

    >>> coarse({"province": "湖南省", "county": "岳麓区", "age": 36, "sex": "male"})
    {'province': '湖南省', 'age_band': 'adult'}
    """
    shown = {name: value for name, value in attributes.items() if name in COARSE_NAMES}
    age = attributes.get("age")
    return shown if age is None else shown | {"age_band": age_band(int(age))}


def attribute_table(
    entities: Any, recognizers: Any, values: Any, *, as_of: datetime.date
) -> pa.Table:
    """Return the facts that each value encodes as a table: schema ATTRIBUTES, one row per value.

    The columns are arrays or chunked arrays of strings, plain or dictionary-encoded.  Each distinct
    (entity, recognizer, value) is computed once.

    >>> table = attribute_table(pa.array(["EMAIL_ADDRESS"]), pa.array(["net.email"]),
    ...                         pa.array(["a@example.com"]), as_of=datetime.date(2026, 12, 31))
    >>> table["domain"].to_pylist()
    ['example.com']
    """
    kind, kinds = _number_kinds(_dictionary_array(entities), _dictionary_array(recognizers))
    value = _one_array(values).dictionary_encode()
    width = max(len(value.dictionary), 1)
    pair = kind * width + value.indices.fill_null(0).to_numpy(zero_copy_only=False)
    first, inverse = np.unique(pair, return_inverse=True)
    distinct = _describe_kinds(first // width, kinds, value.dictionary, first % width, as_of=as_of)
    return distinct.take(pa.array(inverse.reshape(-1)))


def _describe_kinds(
    kind_numbers: np.ndarray[Any, Any],
    kinds: list[tuple[str, str]],
    words: pa.Array,
    places: np.ndarray[Any, Any],
    *,
    as_of: datetime.date,
) -> pa.Table:
    """Return the ATTRIBUTES table of the values ``words[places]``, computed kind by kind.

    ``kind_numbers[i]`` is an index in ``kinds``, the pairs (entity, recognizer).
    """
    day = as_of.year * 10_000 + as_of.month * 100 + as_of.day
    found: dict[str, list[pa.Array]] = {name: [] for name in ATTRIBUTES.names}
    where = {name: np.full(len(kind_numbers), -1, np.int64) for name in ATTRIBUTES.names}
    for number, (entity, recognizer) in enumerate(kinds):
        rows = np.flatnonzero(kind_numbers == number)
        if entity not in DESCRIBERS or not len(rows):
            continue
        values = words.take(pa.array(places[rows]))
        for name, column in DESCRIBERS[entity](values, recognizer, as_of=day).items():
            where[name][rows] = np.arange(len(rows)) + sum(map(len, found[name]))
            found[name].append(column.cast(ATTRIBUTES.field(name).type))
    return pa.Table.from_arrays(
        [
            pa.concat_arrays(found[name]).take(pa.array(where[name], mask=where[name] < 0))
            if found[name]
            else pa.nulls(len(kind_numbers), ATTRIBUTES.field(name).type)
            for name in ATTRIBUTES.names
        ],
        schema=ATTRIBUTES,
    )


def _number_kinds(entities: Any, recognizers: Any) -> tuple[Any, list[tuple[str, str]]]:
    """Number the (entity, recognizer) pairs.  Return (pair number of each row, list of pairs)."""
    width = max(len(recognizers.dictionary), 1)
    codes = entities.indices.to_numpy().astype(np.int64) * width
    codes += recognizers.indices.fill_null(0).to_numpy(zero_copy_only=False)
    used, kind = np.unique(codes, return_inverse=True)
    kinds = [
        (entities.dictionary[int(e)].as_py(), recognizers.dictionary[int(r)].as_py())
        for e, r in (divmod(code, width) for code in used)
    ]
    return kind.reshape(-1).astype(np.int64), kinds


def _dictionary_array(column: Any) -> Any:
    """Return an Arrow ``column``, chunked or not, as one dictionary-encoded array."""
    flat = _one_array(column)
    return flat if pa.types.is_dictionary(flat.type) else flat.dictionary_encode()


def _one_array(column: Any) -> Any:
    """Return an Arrow ``column`` as one array; the chunks of a chunked one are combined."""
    if isinstance(column, pa.ChunkedArray):
        return column.unify_dictionaries().combine_chunks()
    return column
