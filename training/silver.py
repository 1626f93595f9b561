"""Silver labels: the teacher's words converted to spans of our conventions.

Titles are removed, dotted names are joined, and doubtful spans are marked as DOUBT.
Example: ``张三主席/PER 说/v -> PERSON 张三``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from .lines import ADDRESS, LOCATION, ORGANIZATION, PERSON, Span
from .people import TITLES, TRANSLITERATION
from .tables import COMPOUND_SURNAMES, HUNDRED_SURNAMES
from .teacher import Word
from .word_lists import WORD_LISTS

DOUBT = "DOUBT"
ENTITIES = frozenset(("PER", "LOC", "ORG"))
MAX_NAME_LENGTH = 6  # characters of a name that is searched for in other texts
SURNAMES = frozenset(HUNDRED_SURNAMES)
# Characters of transliterated names.
TRANSLITERATION_HANZI = frozenset(TRANSLITERATION)
# After a surname alone these make a form of address, which is no name.
FORMS_OF_ADDRESS = frozenset(WORD_LISTS["silver"]["familiar"])
DOT = re.compile(r"[·•‧・．﹒]")
# Titles of one character that also end given names.
AMBIGUOUS_TITLES = frozenset("帅君公兄弟妹家工婆姨队爷")
TITLE_WORDS = sorted(
    {*TITLES, *WORD_LISTS["silver"]["titles"]}, key=lambda word: (-len(word), word)
)
TITLE_END = re.compile("(?<=.)(?:" + "|".join(TITLE_WORDS) + ")$")
# Words of one character that the teacher wrongly adds to the end of a name.
ATTACHED_HANZI = frozenset("和与向在从对是说的等及把被给将曾今又也任摄报现去到为")
# Tags of words that cannot be the last character of a name.
NON_NAME_TAGS = ("PER", "v", "u", "d", "f", "c", "xc", "p", "m", "q")
NOT_NAMES = re.compile(
    r"^(?:[^\u4e00-\u9fff]|阿|小|老|大)?$|[^\u4e00-\u9fffA-Za-z0-9·•‧・．﹒.\- （）()]"
)
ADDRESS_END = re.compile(
    r"(?:路|街|巷|弄|号|栋|幢|室|单元|村|组|小区|大厦|花园|胡同|大道|楼|镇|乡|街道)$"
)
HOUSE_NUMBER = re.compile(
    r"\d+(?:-\d+)*(?:号楼|号院|号|弄|栋|幢|室|楼|层|单元|组|座)(?:\d+(?:号楼|号|室|单元|层|栋|楼))*"
)


class Silver(NamedTuple):
    """A text with spans from the teacher. DOUBT spans are not learned from."""

    text: str
    spans: tuple[Span, ...]


def read_spans(text: str, words: Sequence[Word]) -> list[Span]:
    """Convert the teacher's words of one text to spans, in order of position."""
    joined = list(join_dots(text, words))
    spans = []
    for at, word in enumerate(joined):
        if word.tag == "PER":
            spans += person_spans(text, word, joined[at + 1 : at + 3])
        elif word.tag == "ORG":
            spans.append(Span(word.start, word.end, ORGANIZATION))
        elif word.tag == "LOC":
            spans.append(Span(word.start, word.end, LOCATION))
    return join_places(text, spans)


def join_dots(text: str, words: Iterable[Word]) -> Iterable[Word]:
    """Yield the words with name parts joined over their dots, and surname with given name.

    Example: ``鲍里斯/PER ·/w 贝克尔/PER -> 鲍里斯·贝克尔/PER``.
    """
    joined: list[Word] = []
    for word in words:
        last = joined[-1] if joined else None
        if last and last.tag == "PER" and last.end == word.start:
            single_character = last.end - last.start == 1 and text[last.start] in SURNAMES
            if word.tag == "PER" and single_character and word.end - word.start <= 2:
                joined[-1] = Word(last.start, word.end, "PER")
                continue
            dotted = DOT.search(text[word.start]) or DOT.search(text[last.end - 1])
            if dotted and (
                word.end - word.start == 1 or word.tag in ("PER", "LOC", "nz", "n", "ORG")
            ):
                joined[-1] = Word(last.start, word.end, "PER")
                continue
        joined.append(word)
    return joined


def person_spans(text: str, word: Word, after: Sequence[Word]) -> list[Span]:
    """Return the span of the name in a PER word: one PERSON or DOUBT, or none.

    A form of address gives none. ``after``: up to two words that follow.
    """
    start, end, _ = word
    name = text[start:end]
    cut = TITLE_END.search(name)
    if cut and cut.group() in AMBIGUOUS_TITLES and len(name) <= 3 and name[0] in SURNAMES:
        if len(name) == 2:
            return [Span(start, end, DOUBT)]  # 邱帅: a name, or Marshal Qiu
        cut = None  # 王丽君: a name
    if cut and not DOT.search(name):
        end = start + cut.start()
        name = text[start:end]
    if DOT.search(name[-1:]):
        end -= 1
        name = name[:-1]
    surname = 2 if name[:2] in COMPOUND_SURNAMES else 1 if name[:1] in SURNAMES else 0
    if not name or NOT_NAMES.search(name):
        return [Span(start, word.end, DOUBT)]
    if surname == 1 and len(name) == 4 and name[-1] in ATTACHED_HANZI:
        return [Span(start, end - 1, PERSON)]
    several_names = surname and 4 <= len(name) <= 8 and (name[2] in SURNAMES or name[3] in SURNAMES)
    if several_names and not TRANSLITERATION_HANZI.issuperset(name):
        return [Span(start, end, DOUBT)]
    if name[0] in SURNAMES and text[end : end + 1] == "某" and len(name) == 1:
        more = 2 if text[end : end + 2] == "某某" else 1
        return [Span(start, end + more, PERSON)]
    if len(name) == 1 and cut and cut.group() in FORMS_OF_ADDRESS:
        return []
    if len(name) == 1:
        titled = cut or text[end : end + 1] == "某" or any(text.startswith(t, end) for t in TITLES)
        return [Span(start, end, PERSON if titled and name in SURNAMES else DOUBT)]
    if surname == 1 and len(name) == 2 and after and cut is None:
        end = extend_name(text, end, after[0])
    return [Span(start, end, PERSON)]


def extend_name(text: str, end: int, after: Word) -> int:
    """Return the end of a two-character name, extended by a character that belongs to it.

    The teacher sometimes cuts it off: ``孙伟/PER 强/a -> 孙伟强``.
    """
    single_character = after.end - after.start == 1 and "\u4e00" <= text[after.start] <= "\u9fff"
    if not single_character or text[after.start] in ATTACHED_HANZI or after.tag in NON_NAME_TAGS:
        return end
    closes = after.end == len(text) or text[after.end] in "，。：、（）()；　 》”等"
    return after.end if closes or text.startswith(TITLES, after.end) else end


def join_places(text: str, spans: Iterable[Span]) -> list[Span]:
    """Join adjacent place spans: ``北京市``, ``朝阳区`` -> ``北京市朝阳区``.

    A place that extends to a road, village or house becomes an ADDRESS.
    """
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        if last and span.kind == last.kind == LOCATION and last.end == span.start:
            joined[-1] = Span(last.start, span.end, LOCATION)
        elif not last or span.start >= last.end:
            joined.append(span)
    out = []
    for span in joined:
        if span.kind != LOCATION:
            out.append(span)
            continue
        tail = HOUSE_NUMBER.match(text, span.end)
        end = tail.end() if tail else span.end
        place = text[span.start : end]
        whole = tail or (ADDRESS_END.search(place) and re.search(r"[省市县区].", place))
        out.append(Span(span.start, end, ADDRESS if whole else LOCATION))
    return out


def mark_repeated_names(silver: Sequence[Silver]) -> list[Silver]:
    """Mark every occurrence of a frequent name in all texts as PERSON; return the texts.

    A name is known if it occurs three times as a person. Names that mostly occur in other words
    are left out: ``马克思`` in ``马克思主义``.
    """
    seen: Counter[str] = Counter()
    for text, spans in silver:
        seen.update(
            text[a:b] for a, b, kind in spans if kind == PERSON and 3 <= b - a <= MAX_NAME_LENGTH
        )
    names = {name for name, count in seen.items() if count >= 3 and not DOT.search(name)}
    occurrences = Counter(text[a:b] for text, _ in silver for a, b in find_names(text, names))
    # A word that is mostly no person (马克思 in 马克思主义) is not marked elsewhere.
    names = {name for name in names if 2 * seen[name] >= occurrences[name]}
    out = []
    for text, spans in silver:
        more = list(spans)
        for start, end in find_names(text, names):
            if not any(a < end and start < b for a, b, _ in more):
                more.append(Span(start, end, PERSON))
        out.append(Silver(text, tuple(sorted(more))))
    return out


def consistent_names(silver: Sequence[Silver], words: Sequence[Sequence[Word]]) -> frozenset[str]:
    """Return the names that the teacher labels whole, and rarely labels as anything else.

    An occurrence that the teacher cut (内, 塔尼亚胡) does not count if a part of it is an entity.
    """
    seen: Counter[str] = Counter()
    for text, spans in silver:
        seen.update(
            text[a:b] for a, b, kind in spans if kind == PERSON and 2 <= b - a <= MAX_NAME_LENGTH
        )
    names = {name for name, count in seen.items() if count >= 3 and len(name) >= 3}
    names = {name for name in names if name[-1] not in ATTACHED_HANZI and name[-1] not in "曰喜惊"}
    # 孔明曰 is 孔明, which occurs far more often.
    names = {
        name
        for name in names
        if not DOT.search(name)
        and max(seen[name[:-1]], seen[name[1:]], seen[name[:2]]) < seen[name]
    }
    against: Counter[str] = Counter()
    for (text, _), tagged_words in zip(silver, words, strict=True):
        for start, end in find_names(text, names):
            overlapping = [word for word in tagged_words if word.start < end and start < word.end]
            whole = any(word.start <= start and end <= word.end for word in overlapping)
            if whole or not any(word.tag in ENTITIES for word in overlapping):
                against[text[start:end]] += not any(word.tag == "PER" for word in overlapping)
    return frozenset(name for name in names if seen[name] >= 2 * against[name])


def restore_names(silver: Sequence[Silver], names: Collection[str]) -> list[Silver]:
    """Mark each occurrence of ``names`` in the texts whole as PERSON; return the texts.

    Spans that cut an occurrence are dropped. An occurrence inside of a span stays unmarked.
    """
    out = []
    for text, spans in silver:
        marked = list(spans)
        for start, end in find_names(text, names):
            overlapping = [each for each in marked if each.start < end and start < each.end]
            if not any(each.start <= start and end <= each.end for each in overlapping):
                marked = [each for each in marked if each not in overlapping]
                marked.append(Span(start, end, PERSON))
        out.append(Silver(text, tuple(sorted(marked))))
    return out


def find_names(text: str, names: Collection[str]) -> Iterator[tuple[int, int]]:
    """Yield [start, end) of each occurrence of one of ``names`` in ``text``, longer names first."""
    for length in range(MAX_NAME_LENGTH, 2, -1):
        for start in range(len(text) - length + 1):
            if text[start : start + length] in names:
                yield start, start + length
