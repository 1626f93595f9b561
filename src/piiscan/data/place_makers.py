"""Makers of three data tables: towns, districts of Hong Kong, Macau and Taiwan, old characters.

Used by :mod:`piiscan.data.remake`.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Final

Rows = list[tuple[str, ...]]

#: Entries that the statistics bureau lists as towns and that never occur in addresses.
_NO_TOWN: Final = re.compile(
    r"[\s（(]|(监狱|劳教|公司|企业|局|委会|中心|库|部|虚拟|直辖|区划|林业|所|直属|[^地]区|园|城|谷)$"
)


def towns(folder: Path) -> Rows:
    """Build the rows of towns.tsv from either package: (county code, town names).

    Both are used so that towns merged since remain known.
    """
    names: dict[str, set[str]] = defaultdict(set)
    streets = (folder / "china-division/package/dist/streets.csv").read_text("utf-8")
    for row in csv.DictReader(io.StringIO(streets)):
        names[row["areaCode"]].add(row["name"])
    with zipfile.ZipFile(folder / "jionlp/dictionary/china_location.zip") as archive:
        lines = archive.read("china_location.txt").decode("utf-8").splitlines()
    county = ""
    for line in lines:
        depth = len(line) - len(line.lstrip("\t"))
        fields = line.strip().split("\t")
        if depth < 3:
            county = fields[1] if depth == 2 and len(fields) > 1 else ""
        elif depth == 3 and county:
            names[county].add(fields[0])
    kept = {code: sorted(n for n in each if not _NO_TOWN.search(n)) for code, each in names.items()}
    return sorted((code, " ".join(each)) for code, each in kept.items() if each)


def hmt_districts(folder: Path) -> Rows:
    """Build the rows of hmt_districts.tsv: (city, region code, districts).

    They have no county codes. The districts are joined by blanks.
    """
    regions = {"香港特别行政区": "810000", "澳门特别行政区": "820000", "台湾省": "710000"}
    named = json.loads((folder / "china-division/package/dist/HK-MO-TW.json").read_text("utf-8"))
    rows: Rows = []
    for region, cities in named.items():
        for city, districts in cities.items():
            each = [word for name in districts for word in re.findall(r"[^（）]+", name)]
            rows.append((city, regions[region], " ".join(each)))
    return sorted(rows)


def traditional(folder: Path) -> Rows:
    """Build the rows of traditional.tsv: (traditional, simplified) BMP characters."""
    text = (folder / "jionlp/dictionary/tra2sim_char.txt").read_text("utf-8")
    pairs = (line.split("\t") for line in text.splitlines() if line.strip())
    basic = (pair for pair in pairs if all(len(each) == 1 and ord(each) < 1 << 16 for each in pair))
    return sorted((old, new) for old, new in basic if old != new)
