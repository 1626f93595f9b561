"""The templates that ship have the declared columns, and hold nothing that nobody fills in."""

import io
import re
import zipfile
from xml.dom import minidom

import pytest

from piiscan.case.count.tables.ladder import LADDER
from piiscan.case.report.docx.row_groups import shipped_template
from piiscan.case.scan.tables.kind_tables import KINDS
from piiscan.wording.words import LANGUAGES, Language, Words


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_has_every_column_that_a_table_declares_for_it(language: Language) -> None:
    words = Words(language)
    with zipfile.ZipFile(io.BytesIO(shipped_template(language))) as file:
        document = file.read("word/document.xml").decode()
    for table in (KINDS, LADDER):
        group = words(f"field_group.{table.row_group}")
        for column in table.columns_in("statement"):
            assert f"{{{{{group}.{column.heading(words)}}}}}" in document


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_a_document_of_well_formed_parts_without_links(language: Language) -> None:
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
