"""Lists of a folder of wheels: licences (THIRD_PARTY.txt) and components (CycloneDX 1.6, bom.json).

    python .ci/third_party.py bundle/wheels bundle

Names, versions, licences and dependencies are those of the wheels' own metadata. A list depends on
the wheels only, so two bundles of the same wheels have the same lists.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def read_metadata(wheel: Path) -> Message:
    """Return the metadata of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        return BytesParser().parsebytes(archive.read(name))


def write_lists(wheels: Path, out: Path) -> None:
    """Write THIRD_PARTY.txt and bom.json of the wheels in a folder to ``out``."""
    paths = sorted(wheels.glob("*.whl"))
    (out / "THIRD_PARTY.txt").write_text("\n".join(map(_licence_texts, paths)), encoding="utf-8")
    text = json.dumps(bill_of_materials(paths), ensure_ascii=False, indent=1)
    (out / "bom.json").write_text(text + "\n", encoding="utf-8")


def bill_of_materials(wheels: list[Path]) -> dict[str, Any]:
    """Return the CycloneDX document of wheels: each is a component, known by its file name."""
    facts = {wheel: read_metadata(wheel) for wheel in wheels}
    by_name: dict[str, list[str]] = {}
    for wheel, each in facts.items():
        by_name.setdefault(canonicalize_name(each["Name"]), []).append(wheel.name)
    needs = {
        wheel.name: sorted(
            {
                file
                for text in each.get_all("Requires-Dist") or ()
                if "extra ==" not in text
                for file in by_name.get(canonicalize_name(Requirement(text).name), ())
            }
        )
        for wheel, each in facts.items()
    }
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "components": [_component(wheel, each) for wheel, each in facts.items()],
        "dependencies": [{"ref": name, "dependsOn": files} for name, files in needs.items()],
    }


def _component(wheel: Path, facts: Message) -> dict[str, Any]:
    """Return a wheel as a component: name, version, licence, digest and address on the index."""
    name, version = canonicalize_name(facts["Name"]), facts["Version"]
    expression = facts["License-Expression"]
    licence = {"expression": expression} if expression else {"license": {"name": _licence(facts)}}
    return {
        "type": "library",
        "bom-ref": wheel.name,
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name}@{version}",
        "licenses": [licence],
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(wheel.read_bytes()).hexdigest()}],
    }


def _licence(facts: Message) -> str:
    """Return the name of a licence: expression, classifiers, else line 1 of the field's text."""
    listed = [each for each in facts.get_all("Classifier") or () if each.startswith("License ::")]
    named = ", ".join(each.rpartition(" :: ")[2] for each in listed)
    written = str(facts["License"] or "").strip().partition("\n")[0]
    return facts["License-Expression"] or named or written or "not stated"


def _licence_texts(wheel: Path) -> str:
    """Return the name of a wheel's licence, and the texts of licences and notices in it."""
    facts = read_metadata(wheel)
    head = f"{facts['Name']} {facts['Version']}: {_licence(facts)}"
    return "\n".join([head, "=" * len(head), *_texts(wheel), ""])


def _texts(wheel: Path) -> Iterator[str]:
    """Yield the texts of licences and notices in the metadata folder of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            stem = name.rpartition("/")[2].upper()
            if ".dist-info/" in name and stem.startswith(("LICEN", "COPYING", "NOTICE", "AUTHORS")):
                yield archive.read(name).decode("utf-8", "replace")


if __name__ == "__main__":
    write_lists(*map(Path, sys.argv[1:3]))
