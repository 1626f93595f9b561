"""Draft of the register: one row per file and per folder of use, from the folder tree.

``dump/张三/手机1/名单.xlsx ->`` rows for ``dump/张三`` (suspect 张三), ``dump/张三/手机1`` (device
手机1) and the file.

The name of a folder or file suggests values: ``张三-手机1 -> suspect 张三, device 手机1``. They are
marked as proposals and have no effect until a person confirms them.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from piiscan import data
from piiscan.case.register.entry import VALUE_COLUMNS, register_form
from piiscan.forms.schema import Language
from piiscan.forms.writer import SheetRow
from piiscan.sources.walk import Input

#: Most files with rows of their own. Above it, only folders have rows.
MOST_FILES: Final = 200_000


@dataclass(slots=True)
class PathNode:
    """File or folder, with its parent, its children, and the values its name suggests.

    ``files``, ``size``: number and bytes of the files in it.
    """

    path: str
    name: str
    is_folder: bool
    parent: PathNode | None
    files: int = 0
    size: int = 0
    children: list[PathNode] = field(default_factory=list)
    proposals: dict[str, str] = field(default_factory=dict)


def build_nodes(inputs: Iterable[Input], roots: Iterable[str]) -> list[PathNode]:
    """Return every folder and file as a node, each folder before its content.

    ``roots``: the paths that the user gave, in display form.
    """
    sorted_roots = sorted({root.rstrip("/") or "/" for root in roots}, key=len, reverse=True)
    nodes: dict[str, PathNode] = {}
    for each in inputs:
        if each.display in nodes:  # different names can be equal after decoding
            continue
        parent: PathNode | None = None
        for path in _folders(each.display, sorted_roots):
            parent = _node(nodes, path, parent, is_folder=True)
        leaf = _node(nodes, each.display, parent, is_folder=False)
        while parent is not None:
            parent.files += 1
            parent.size += each.size
            parent = parent.parent
        leaf.size = each.size
    for node in nodes.values():
        # a folder named after a person, with a device inside and no other suspect: ``张三/手机1``
        devices = any("device" in each.proposals for each in node.children)
        others = any("suspect" in each.proposals for each in (node, *node.children))
        if devices and not others and is_person_name(node.name):
            node.proposals = {"suspect": node.name} | node.proposals
    return list(nodes.values())


def _folders(path: str, roots: list[str]) -> Iterator[str]:
    """Yield the folders above ``path``, from its root down.

    Nothing if ``path`` is a root itself.
    """
    root = next((r for r in roots if path.startswith(f"{r.rstrip('/')}/")), None)
    slash = -1
    if root is not None and root != path:
        yield root
        slash = len(root.rstrip("/"))
    elif root is None and "." in roots and not path.startswith("/"):
        yield "."
    else:
        return
    while (slash := path.find("/", slash + 1)) >= 0:
        yield path[:slash]


def _node(
    nodes: dict[str, PathNode], path: str, parent: PathNode | None, *, is_folder: bool
) -> PathNode:
    """Return the node of ``path``; create it with proposals from its name if absent."""
    node = nodes.get(path)
    if node is None:
        name = path.rpartition("/")[2]
        node = nodes[path] = PathNode(path, name, is_folder, parent)
        node.proposals = propose_values(name, folder=is_folder)
        if parent is not None:
            parent.children.append(node)
    return node


def draft_lines(
    nodes: Iterable[PathNode], language: Language, *, list_files: bool = True
) -> Iterator[SheetRow]:
    """Yield the rows of the draft. ``list_files``: False to leave out the rows of files."""
    form = register_form()
    for node in nodes:
        if not (list_files or node.is_folder) or _is_redundant(node):
            continue
        cells, proposal_text = proposal_cells(node.proposals, language)
        kind = form["kind"].word_of("folder" if node.is_folder else "file", language)
        state = form["state"].word_of("proposed", language) if cells else None
        row = {"path": node.path, "kind": kind, "size": node.size, "state": state, **cells}
        row |= {"files": node.files} if node.is_folder else {}
        yield SheetRow({**row, "proposed": proposal_text}, {"state", *cells} if cells else ())


def _is_redundant(node: PathNode) -> bool:
    """Return True if a folder contains one other folder only, has a parent and no proposal.

    The row of the inner folder covers it.
    """
    only = node.is_folder and len(node.children) == 1 and node.children[0].is_folder
    return only and node.parent is not None and not node.proposals


with Path(__file__).with_name("proposals.toml").open("rb") as _file:
    _WORDS: Final[Mapping[str, Any]] = tomllib.load(_file)

_BREAKS: Final = re.compile(r"[\s\-_－—–.,，、;；+&()（）\[\]【】「」《》<>〈〉:：=|·]+")
_COUNT: Final = "[0-9一二三四五六七八九十]"
_ITEM: Final = re.compile(
    rf"检材(?:编号)?[-_ ]?[A-Za-z]{{0,4}}[-_ ]?{_COUNT}+(?:[-_.][0-9]+){{0,3}}(?![0-9])"
    rf"|{_COUNT}{{1,4}}号检材"
    r"|(?<![A-Za-z0-9])JC[-_ ]?[0-9]{1,10}(?:[-_.][0-9]+){0,3}(?![A-Za-z0-9])"
)
_NAME: Final = r"[\u3400-\u9fff]{2,4}"
_SUSPECT: Final = re.compile(
    rf"(?:{_WORDS['suspects']})[\s\-_:：（(【]*(?P<behind>[\u3400-\u9fff·]{{1,10}}|[A-Z](?![A-Za-z]))"
    rf"|(?P<before>{_NAME})[\s\-_（(【]*(?:{_WORDS['suspects']})"
)
_DEVICE: Final = re.compile(
    rf"(?:{_WORDS['makes']})*(?:{'|'.join(_WORDS['devices'])})(?:第?{_COUNT}{{1,4}}号?|[A-Za-z])?",
    re.IGNORECASE,
)
#: Blank inside the name of one device: 手机 1, iPhone 15 Pro.
_SPACED: Final = re.compile(
    r"(?<=手机|电脑|硬盘)\s+(?=[0-9])|(?<=[a-zA-Z])\s+(?=[0-9])"
    r"|(?<=[0-9ox])\s+(?=Pro|Plus|Max|mini)",
    re.IGNORECASE,
)
_SUFFIXES: Final = "(?:的?(?:文件夹?|数据|记录|文档|结果|目录|内容|资料|聊天))*[0-9]*"
_LAYER: Final = {
    layer: re.compile(rf"(?:[\u3400-\u9fff]*(?<![未没不]))?(?:{words}){_SUFFIXES}", re.IGNORECASE)
    for layer, words in _WORDS["layers"].items()
}


@cache
def _surnames() -> frozenset[str]:
    """Return all Chinese surnames of the shipped table."""
    return frozenset(row[0] for row in data.rows("surnames"))


@cache
def _not_names() -> frozenset[str]:
    """Return words that look like a person's name but name a place or the like."""
    return frozenset(_WORDS["no_names"].split())


@cache
def _suspect_topics() -> frozenset[str]:
    """Return words that follow 嫌疑人 and are no name, such as 名单."""
    return frozenset(_WORDS["about_suspects"].split())


def is_person_name(text: str) -> bool:
    """Return True if ``text`` can be a person's name in Hanzi.

    >>> is_person_name("张三"), is_person_name("欧阳修远"), is_person_name("客户名单")
    (True, True, False)
    >>> is_person_name("文件")
    False
    """
    if not re.fullmatch(_NAME, text) or text in _not_names():
        return False
    if text[:2] in _surnames():
        return len(text) > 2
    return len(text) < 4 and text[0] in _surnames()


def _is_suspect_name(text: str) -> bool:
    """Return True if the text next to 嫌疑人 is a name: ``张三``, ``甲``; not ``名单``."""
    if is_person_name(text) or re.fullmatch("[甲乙丙丁戊己庚辛壬癸A-Z]", text):
        return True
    return 1 < len(text) < 5 and not any(word in text for word in _not_names() | _suspect_topics())


def propose_values(name: str, *, folder: bool) -> dict[str, str]:
    """Return column -> value that ``name`` suggests; layers as codes. Ignore a file's suffix.

    >>> propose_values("张三-手机1", folder=True)
    {'suspect': '张三', 'device': '手机1'}
    """
    text = unicodedata.normalize("NFKC", name)
    stem = text if folder else text.rpartition(".")[0] or text
    found: dict[str, str] = {}
    remainder = stem
    if item := _ITEM.search(stem):
        found["item"] = item[0]
        remainder = stem.replace(item[0], " ")
    if suspected := _SUSPECT.search(remainder):
        person, device = _split_device(suspected["before"] or suspected["behind"])
        if _is_suspect_name(person):
            found["suspect"] = person
        remainder = f"{remainder[: suspected.start()]} {device}{remainder[suspected.end() :]}"
    parts = _BREAKS.split(_SPACED.sub("", remainder))
    for person, device in map(_split_device, parts):
        if device and "device" not in found:
            found["device"] = device
            if is_person_name(person):
                found.setdefault("suspect", person)
    names = [part for part in parts if is_person_name(part)]
    if names and "suspect" not in found and ("device" in found or "item" in found):
        found["suspect"] = names[0]
    whole = (text, stem, *_BREAKS.split(stem))
    layers = [layer for layer, pattern in _LAYER.items() if any(map(pattern.fullmatch, whole))]
    if layers and (folder or layers[0] != "archived"):
        found["layer"] = layers[0]
    return {column: found[column] for column in VALUE_COLUMNS if column in found}


def _split_device(part: str) -> tuple[str, str]:
    """Split a name into a possible person and a device: ``张三的手机1 -> (张三, 手机1)``."""
    for start in range(min(len(part), 6) + 1):
        if _DEVICE.fullmatch(part, start):
            return part[:start].removesuffix("的"), part[start:]
    return part, ""


def proposal_cells(proposals: Mapping[str, str], language: Language) -> tuple[dict[str, str], str]:
    """Return proposals as cells, and as the text of one cell: ``嫌疑人=张三；设备=手机1``."""
    form = register_form()
    cells = {
        name: form[name].word_of(value, language) if name == "layer" else value
        for name, value in proposals.items()
    }
    mark = "；" if language == "zh" else "; "
    return cells, mark.join(f"{form[name].heading[language]}={cells[name]}" for name in cells)
