"""Attributes that follow from a value alone: who gave it out, where, when its holder was born.

They are read from dated tables and are what the number *was given out as*: the original carrier,
the region that assigned it.  They hold for a refuted value too, as far as it can be read.

Beside a masked value only :func:`coarse` ones may stand: sex, birth date and county beside
``4301**********0016`` would give the number back.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.detect.arithmetic.char_matrix import Derived
from piiscan.detect.attributes.identity_numbers import (
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
    describe_virtual,
)
from piiscan.detect.attributes.postal_addresses import describe_address
from piiscan.schemas import ATTRIBUTES

Describe = Callable[..., Derived]

#: What can be said of the values of each entity; of an entity that is not here, nothing.
FAMILIES: Final[Mapping[str, Describe]] = {
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
    "DAMAGED": describe_damage,
    "EMAIL_ADDRESS": describe_mailbox,
    "ICCID": describe_sim,
    "IMSI": describe_sim,
    "IP_ADDRESS": describe_ip,
    "MASKED": describe_mask,
    "ORGANIZATION": describe_organisation,
    "PERSON": describe_name,
    "TW_ID": describe_taiwanese,
}
#: What may stand beside a masked value.
COARSE: Final = ("province", "birth_year", "carrier")


def attributes(
    entity: str, recognizer: str, value: str, *, as_of: datetime.date
) -> dict[str, str | int]:
    """What follows from one value, by name; only what is known.

    >>> day = datetime.date(2026, 12, 31)
    >>> attributes("CN_RESIDENT_ID", "cn.resident_id", "11010519491231002X", as_of=day)["age"]
    77
    >>> attributes("IP_ADDRESS", "net.ip", "10.0.0.1", as_of=day)
    {'ip_version': 4}
    """
    columns = [pa.array([word]) for word in (entity, recognizer, value)]
    row = attribute_table(*columns, as_of=as_of).to_pylist()[0]
    return {name: told for name, told in row.items() if told is not None}


def coarse(attributes: Mapping[str, str | int]) -> dict[str, str | int]:
    """Of the attributes what may stand beside a masked value: province, birth year, carrier.

    >>> coarse({"province": "湖南省", "county": "岳麓区", "birth_year": 1990, "sex": "male"})
    {'province': '湖南省', 'birth_year': 1990}
    """
    return {name: told for name, told in attributes.items() if name in COARSE}


def attribute_table(
    entities: Any, recognizers: Any, values: Any, *, as_of: datetime.date
) -> pa.Table:
    """A row of ATTRIBUTES for each value; every distinct (entity, recognizer, value) once.

    The columns are arrays or chunked arrays of strings, plain or dictionary-encoded.

    >>> table = attribute_table(pa.array(["EMAIL_ADDRESS"]), pa.array(["net.email"]),
    ...                         pa.array(["a@example.com"]), as_of=datetime.date(2026, 12, 31))
    >>> table["domain"].to_pylist()
    ['example.com']
    """
    kind, kinds = _numbered(_words(entities), _words(recognizers))
    value = _flat(values).dictionary_encode()
    width = max(len(value.dictionary), 1)
    pair = kind * width + value.indices.fill_null(0).to_numpy(zero_copy_only=False)
    first, back = np.unique(pair, return_inverse=True)
    once = _described(first // width, kinds, value.dictionary, first % width, as_of=as_of)
    return once.take(pa.array(back.reshape(-1)))


def _described(
    kind: np.ndarray[Any, Any],
    kinds: list[tuple[str, str]],
    words: pa.Array,
    places: np.ndarray[Any, Any],
    *,
    as_of: datetime.date,
) -> pa.Table:
    """The attributes of ``words[places]``, of the kinds given by number."""
    day = as_of.year * 10_000 + as_of.month * 100 + as_of.day
    found: dict[str, list[pa.Array]] = {name: [] for name in ATTRIBUTES.names}
    where = {name: np.full(len(kind), -1, np.int64) for name in ATTRIBUTES.names}
    for number, (entity, recognizer) in enumerate(kinds):
        rows = np.flatnonzero(kind == number)
        if entity not in FAMILIES or not len(rows):
            continue
        values = words.take(pa.array(places[rows]))
        for name, column in FAMILIES[entity](values, recognizer, as_of=day).items():
            where[name][rows] = np.arange(len(rows)) + sum(map(len, found[name]))
            found[name].append(column.cast(ATTRIBUTES.field(name).type))
    return pa.Table.from_arrays(
        [
            pa.concat_arrays(found[name]).take(pa.array(where[name], mask=where[name] < 0))
            if found[name]
            else pa.nulls(len(kind), ATTRIBUTES.field(name).type)
            for name in ATTRIBUTES.names
        ],
        schema=ATTRIBUTES,
    )


def _numbered(entities: Any, recognizers: Any) -> tuple[Any, list[tuple[str, str]]]:
    """The kind of each row by number, and the kinds: pairs of entity and recognizer."""
    width = max(len(recognizers.dictionary), 1)
    codes = entities.indices.to_numpy().astype(np.int64) * width
    codes += recognizers.indices.fill_null(0).to_numpy(zero_copy_only=False)
    used, kind = np.unique(codes, return_inverse=True)
    kinds = [
        (entities.dictionary[int(e)].as_py(), recognizers.dictionary[int(r)].as_py())
        for e, r in (divmod(code, width) for code in used)
    ]
    return kind.reshape(-1).astype(np.int64), kinds


def _words(column: Any) -> Any:
    flat = _flat(column)
    return flat if pa.types.is_dictionary(flat.type) else flat.dictionary_encode()


def _flat(column: Any) -> Any:
    if isinstance(column, pa.ChunkedArray):
        return column.unify_dictionaries().combine_chunks()
    return column
