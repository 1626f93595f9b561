"""Installed distributions with plug-ins, as ``pip`` would leave them in a folder of packages."""

from pathlib import Path


def install(site: Path, name: str, version: str, entry: str) -> None:
    """Write the metadata of a distribution with one entry point: ``piiscan.formats: a = b``."""
    group, _, line = entry.partition(": ")
    facts = site / f"{name.replace('-', '_')}-{version}.dist-info"
    facts.mkdir(parents=True)
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (facts / "entry_points.txt").write_text(f"[{group}]\n{line}\n")
