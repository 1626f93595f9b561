"""The teacher's words as spans of our conventions: titles off, dots joined, doubts left open."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from .lines import ADDRESS, LOCATION, ORGANIZATION, PERSON, Span
from .listed import LISTED
from .people import SOUNDS, TITLES
from .tables import COMPOUND, HUNDRED
from .teacher import Word

DOUBT = "DOUBT"
ENTITIES = frozenset(("PER", "LOC", "ORG"))
LONGEST = 6  # characters of a name that is looked for in other texts
SINGLE = frozenset(HUNDRED)
# What names from abroad are written with.
ABROAD = frozenset(SOUNDS)
# Behind a lone surname these make a form of address, which is no name.
FAMILIAR = frozenset(LISTED["silver"]["familiar"])
DOT = re.compile(r"[·•‧・．﹒]")
# Titles of one character that also end given names.
GIVEN = frozenset("帅君公兄弟妹家工婆姨队爷")
BEHIND = sorted({*TITLES, *LISTED["silver"]["titles"]}, key=lambda word: (-len(word), word))
TITLED = re.compile("(?<=.)(?:" + "|".join(BEHIND) + ")$")
CLINGING = frozenset("和与向在从对是说的等及把被给将曾今又也任摄报现去到为")
# Tags of words that begin what follows a name and do not end the name.
CLOSED = ("PER", "v", "u", "d", "f", "c", "xc", "p", "m", "q")
NOT_NAMES = re.compile(
    r"^(?:[^\u4e00-\u9fff]|阿|小|老|大)?$|[^\u4e00-\u9fffA-Za-z0-9·•‧・．﹒.\- （）()]"
)
DETAIL = re.compile(
    r"(?:路|街|巷|弄|号|栋|幢|室|单元|村|组|小区|大厦|花园|胡同|大道|楼|镇|乡|街道)$"
)
TAIL = re.compile(
    r"\d+(?:-\d+)*(?:号楼|号院|号|弄|栋|幢|室|楼|层|单元|组|座)(?:\d+(?:号楼|号|室|单元|层|栋|楼))*"
)


class Silver(NamedTuple):
    """A text with the spans it is believed to have; DOUBT spans are not learned from."""

    text: str
    spans: tuple[Span, ...]


def read_spans(text: str, words: Sequence[Word]) -> list[Span]:
    """Spans of one text, in order."""
    joined = list(join_dots(text, words))
    spans = []
    for at, word in enumerate(joined):
        if word.tag == "PER":
            spans += person(text, word, joined[at + 1 : at + 3])
        elif word.tag == "ORG":
            spans.append(Span(word.start, word.end, ORGANIZATION))
        elif word.tag == "LOC":
            spans.append(Span(word.start, word.end, LOCATION))
    return join_places(text, spans)


def join_dots(text: str, words: Iterable[Word]) -> Iterable[Word]:
    """Words with names put together over their dots, and a surname with its given name."""
    kept: list[Word] = []
    for word in words:
        last = kept[-1] if kept else None
        if last and last.tag == "PER" and last.end == word.start:
            lone = last.end - last.start == 1 and text[last.start] in SINGLE
            if word.tag == "PER" and lone and word.end - word.start <= 2:
                kept[-1] = Word(last.start, word.end, "PER")
                continue
            dotted = DOT.search(text[word.start]) or DOT.search(text[last.end - 1])
            if dotted and (
                word.end - word.start == 1 or word.tag in ("PER", "LOC", "nz", "n", "ORG")
            ):
                kept[-1] = Word(last.start, word.end, "PER")
                continue
        kept.append(word)
    return kept


def person(text: str, word: Word, after: Sequence[Word]) -> list[Span]:
    """The name in a word that the teacher calls a person, or a doubt."""
    start, end, _ = word
    name = text[start:end]
    cut = TITLED.search(name)
    if cut and cut.group() in GIVEN and len(name) <= 3 and name[0] in SINGLE:
        if len(name) == 2:
            return [Span(start, end, DOUBT)]  # 邱帅: a name, or Marshal Qiu
        cut = None  # 王丽君: a name
    if cut and not DOT.search(name):
        end = start + cut.start()
        name = text[start:end]
    if DOT.search(name[-1:]):
        end -= 1
        name = name[:-1]
    surname = 2 if name[:2] in COMPOUND else 1 if name[:1] in SINGLE else 0
    if not name or NOT_NAMES.search(name):
        return [Span(start, word.end, DOUBT)]
    if surname == 1 and len(name) == 4 and name[-1] in CLINGING:
        return [Span(start, end - 1, PERSON)]
    several = surname and 4 <= len(name) <= 8 and (name[2] in SINGLE or name[3] in SINGLE)
    if several and not ABROAD.issuperset(name):
        return [Span(start, end, DOUBT)]
    if name[0] in SINGLE and text[end : end + 1] == "某" and len(name) == 1:
        more = 2 if text[end : end + 2] == "某某" else 1
        return [Span(start, end + more, PERSON)]
    if len(name) == 1 and cut and cut.group() in FAMILIAR:
        return []
    if len(name) == 1:
        titled = cut or text[end : end + 1] == "某" or any(text.startswith(t, end) for t in TITLES)
        return [Span(start, end, PERSON if titled and name in SINGLE else DOUBT)]
    if surname == 1 and len(name) == 2 and after and cut is None:
        end = lengthened(text, end, after[0])
    return [Span(start, end, PERSON)]


def lengthened(text: str, end: int, after: Word) -> int:
    """The end of a name of two characters, which may have lost its third to the next word."""
    lone = after.end - after.start == 1 and "\u4e00" <= text[after.start] <= "\u9fff"
    if not lone or text[after.start] in CLINGING or after.tag in CLOSED:
        return end
    closes = after.end == len(text) or text[after.end] in "，。：、（）()；　 》”等"
    return after.end if closes or text.startswith(TITLES, after.end) else end


def join_places(text: str, spans: Iterable[Span]) -> list[Span]:
    """Neighbouring places as one; one that reaches a road, village or house is an address."""
    kept: list[Span] = []
    for span in spans:
        last = kept[-1] if kept else None
        if last and span.kind == last.kind == LOCATION and last.end == span.start:
            kept[-1] = Span(last.start, span.end, LOCATION)
        elif not last or span.start >= last.end:
            kept.append(span)
    out = []
    for span in kept:
        if span.kind != LOCATION:
            out.append(span)
            continue
        tail = TAIL.match(text, span.end)
        end = tail.end() if tail else span.end
        place = text[span.start : end]
        whole = tail or (DETAIL.search(place) and re.search(r"[省市县区].", place))
        out.append(Span(span.start, end, ADDRESS if whole else LOCATION))
    return out


def repeated(silver: Sequence[Silver]) -> list[Silver]:
    """The same texts, with full names that are known from elsewhere marked wherever they stand."""
    seen: Counter[str] = Counter()
    for text, spans in silver:
        seen.update(text[a:b] for a, b, kind in spans if kind == PERSON and 3 <= b - a <= LONGEST)
    names = {name for name, count in seen.items() if count >= 3 and not DOT.search(name)}
    written = Counter(text[a:b] for text, _ in silver for a, b in standing(text, names))
    # A word that mostly is no person (马克思 in 马克思主义) is none elsewhere.
    names = {name for name in names if 2 * seen[name] >= written[name]}
    out = []
    for text, spans in silver:
        more = list(spans)
        for start, end in standing(text, names):
            if not any(a < end and start < b for a, b, _ in more):
                more.append(Span(start, end, PERSON))
        out.append(Silver(text, tuple(sorted(more))))
    return out


def steady(silver: Sequence[Silver], words: Sequence[Sequence[Word]]) -> frozenset[str]:
    """Names that the teacher has seen whole, and nowhere rather as something else.

    Where it has cut one (内, 塔尼亚胡) and took a part for some name, it saw one all the same.
    """
    seen: Counter[str] = Counter()
    for text, spans in silver:
        seen.update(text[a:b] for a, b, kind in spans if kind == PERSON and 2 <= b - a <= LONGEST)
    names = {name for name, count in seen.items() if count >= 3 and len(name) >= 3}
    names = {name for name in names if name[-1] not in CLINGING and name[-1] not in "曰喜惊"}
    # 孔明曰 is 孔明, who is seen far more often.
    names = {
        name
        for name in names
        if not DOT.search(name)
        and max(seen[name[:-1]], seen[name[1:]], seen[name[:2]]) < seen[name]
    }
    against: Counter[str] = Counter()
    for (text, _), said in zip(silver, words, strict=True):
        for start, end in standing(text, names):
            beside = [word for word in said if word.start < end and start < word.end]
            whole = any(word.start <= start and end <= word.end for word in beside)
            if whole or not any(word.tag in ENTITIES for word in beside):
                against[text[start:end]] += not any(word.tag == "PER" for word in beside)
    return frozenset(name for name in names if seen[name] >= 2 * against[name])


def mended(silver: Sequence[Silver], names: Collection[str]) -> list[Silver]:
    """The same texts, with ``names`` marked where a span cuts them or none is."""
    out = []
    for text, spans in silver:
        kept = list(spans)
        for start, end in standing(text, names):
            beside = [each for each in kept if each.start < end and start < each.end]
            if not any(each.start <= start and end <= each.end for each in beside):
                kept = [each for each in kept if each not in beside]
                kept.append(Span(start, end, PERSON))
        out.append(Silver(text, tuple(sorted(kept))))
    return out


def standing(text: str, names: Collection[str]) -> Iterator[tuple[int, int]]:
    """Where one of the names stands in a text, longer ones first."""
    for length in range(LONGEST, 2, -1):
        for start in range(len(text) - length + 1):
            if text[start : start + length] in names:
                yield start, start + length
