"""Draft of the register: one row per file and per folder of use, from the folder tree.

``dump/张三/手机1/名单.xlsx ->`` rows for ``dump/张三`` (suspect 张三), ``dump/张三/手机1`` (device
手机1) and the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from piiscan.case.register.entry import register_form
from piiscan.case.register.proposals import is_person_name, proposal_cells, propose_values
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
        _propose_owner(node)
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


def _propose_owner(node: PathNode) -> None:
    """Propose a folder's name as suspect if it is a person's name: ``张三/手机1``.

    The folder must have a device inside, and neither it nor its children a proposed suspect.
    """
    devices = any("device" in each.proposals for each in node.children)
    others = any("suspect" in each.proposals for each in (node, *node.children))
    if devices and not others and is_person_name(node.name):
        node.proposals = {"suspect": node.name} | node.proposals


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
