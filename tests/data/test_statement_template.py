"""The templates that ship are what their words make, and hold nothing that nobody fills in."""

from __future__ import annotations

import io
import re
import zipfile
from xml.dom import minidom

import pytest

from piiscan.data.statement_template import LANGUAGES, make_template, shipped_template


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_ships_is_what_is_made(language: str) -> None:
    assert make_template(language) == shipped_template(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_a_document_of_well_formed_parts_without_links(language: str) -> None:
    with zipfile.ZipFile(io.BytesIO(shipped_template(language))) as file:
        texts = {name: file.read(name).decode() for name in file.namelist()}
    for text in texts.values():
        minidom.parseString(text.encode())
    assert 'TargetMode="External"' not in "".join(texts.values())
    fonts = set(re.findall(r'w:eastAsia="([^"]+)"', texts["word/styles.xml"]))
    assert fonts == {"仿宋", "宋体", "黑体"}
    assert all(
        f'<w:font w:name="{font}"><w:altName' in texts["word/fontTable.xml"] for font in fonts
    )
    styles = set(re.findall(r'w:styleId="(\w+)"', texts["word/styles.xml"]))
    used = re.findall(r'w:pStyle w:val="(\w+)"', texts["word/document.xml"])
    assert set(used) <= styles
    assert 'w:instr=" PAGE "' in texts["word/footer1.xml"]
