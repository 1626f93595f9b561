"""The register drafted from the folder tree: a row for each file, and for each folder of use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from piiscan.case.register.entry import register_form
from piiscan.case.register.proposals import is_name, propose, shown
from piiscan.forms.schema import Language
from piiscan.forms.writer import Line
from piiscan.sources.walk import Input

#: More files than this have no rows of their own: nobody fills in so many, folders do.
MOST_FILES: Final = 200_000


@dataclass(slots=True)
class Node:
    """A file or folder, and what is below it."""

    path: str
    name: str
    folder: bool
    above: Node | None
    files: int = 0
    size: int = 0
    below: list[Node] = field(default_factory=list)
    proposed: dict[str, str] = field(default_factory=dict)


def grow(inputs: Iterable[Input], roots: Iterable[str]) -> list[Node]:
    """Every folder and file, each folder before what is in it, with what their names suggest.

    ``roots`` are the paths that were given, as they are shown.
    """
    given = sorted({root.rstrip("/") or "/" for root in roots}, key=len, reverse=True)
    nodes: dict[str, Node] = {}
    for each in inputs:
        if each.display in nodes:  # names that no longer differ once they are decoded
            continue
        above: Node | None = None
        for path in _folders(each.display, given):
            above = _node(nodes, path, above, folder=True)
        leaf = _node(nodes, each.display, above, folder=False)
        while above is not None:
            above.files += 1
            above.size += each.size
            above = above.above
        leaf.size = each.size
    for node in nodes.values():
        _suspect_above(node)
    return list(nodes.values())


def _folders(path: str, roots: list[str]) -> Iterator[str]:
    """The folders above ``path`` down from the root that it was found below."""
    root = next((r for r in roots if path.startswith(f"{r.rstrip('/')}/")), None)
    at = -1
    if root is not None and root != path:
        yield root
        at = len(root.rstrip("/"))
    elif root is None and "." in roots and not path.startswith("/"):
        yield "."
    else:
        return
    while (at := path.find("/", at + 1)) >= 0:
        yield path[:at]


def _node(nodes: dict[str, Node], path: str, above: Node | None, *, folder: bool) -> Node:
    node = nodes.get(path)
    if node is None:
        name = path.rpartition("/")[2]
        node = nodes[path] = Node(path, name, folder, above)
        node.proposed = propose(name, folder=folder)
        if above is not None:
            above.below.append(node)
    return node


def _suspect_above(node: Node) -> None:
    """A folder that is called like a person and holds a device is that person's: 张三/手机1."""
    devices = any("device" in each.proposed for each in node.below)
    others = any("suspect" in each.proposed for each in (node, *node.below))
    if devices and not others and is_name(node.name):
        node.proposed = {"suspect": node.name} | node.proposed


def lines_of(nodes: Iterable[Node], language: Language, *, files: bool = True) -> Iterator[Line]:
    """The rows of the sheet; without those of ``files`` if there are too many."""
    form = register_form()
    for node in nodes:
        if not (files or node.folder) or _of_no_use(node):
            continue
        cells, told = shown(node.proposed, language)
        kind = form["kind"].word_of("folder" if node.folder else "file", language)
        state = form["state"].word_of("proposed", language) if cells else None
        row = {"path": node.path, "kind": kind, "size": node.size, "state": state, **cells}
        row |= {"files": node.files} if node.folder else {}
        yield Line({**row, "proposed": told}, {"state", *cells} if cells else ())


def _of_no_use(node: Node) -> bool:
    """Whether a folder holds nothing but one other folder: the row of that one says it all."""
    only = node.folder and len(node.below) == 1 and node.below[0].folder
    return only and node.above is not None and not node.proposed
