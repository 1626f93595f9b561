"""A small catalogue of its own, so that these tests do not hang on the shipped rules."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from piiscan import Case
from piiscan.case.report.case_data import CaseData, load_case_data
from tests.case.dump import scan_dump, write_dump
from tests.case.report.hostile import hostile_case

#: Folders and files here whose tests use the shipped catalogue.
SHIPPED_RULES = {
    *("compare", "count", "explain_count", "flow", "lookup", "tiers"),
    *("test_newspaper.py", "test_three_party.py"),
    *(f"export/test_{name}.py" for name in ("after_trial", "deletion_check", "disc", "export")),
    *("sampling/test_sampling.py", "scan/test_power_cut.py", "scan/test_second_pass.py"),
    "scan/test_joined_blocks.py",
}
RULES = {
    "vocabulary": """
bookkeeping_columns:
  names: [备注, 导入时间, 批次, 跟进状态, remark]
entities:
  CN_MOBILE: {zh: 手机号码, en: mobile number}
  CN_RESIDENT_ID: {zh: 居民身份证号码, en: resident identity number}
  EMAIL_ADDRESS: {zh: 电子邮箱, en: e-mail address}
  MASKED: {zh: 已脱敏, en: masked}
  CREDENTIAL: {zh: 密码, en: credential}
  PERSON: {zh: 姓名, en: name}
verdicts:
  verified: {zh: 校验通过, en: verified}
  plausible: {zh: 形式相符, en: plausible}
  refuted: {zh: 校验不符, en: refuted}
reasons:
  CHECK_FAIL: {zh: 校验码不符, en: check digit fails}
roles:
  recipient: {zh: 收件人, en: recipient, words: [收件人]}
  sender: {zh: 寄件人, en: sender, words: [寄件人]}
""",
    "mobile": """
id: cn.mobile
entity: CN_MOBILE
title: {zh: 手机号码, en: mobile number}
whose: person
bare: H
shape: ['1[3-9][0-9]{9}']
value: {keep: digits}
check: mobile
outranks: 25
columns: [手机号, 电话]
context: [手机]
""",
    "resident_id": """
id: cn.resident_id
entity: CN_RESIDENT_ID
title: {zh: 居民身份证号码, en: resident identity number}
whose: person
bare: H
shape: ['[0-9]{17}[0-9Xx]']
value: {keep: digits_x}
check: resident_id
outranks: 50
columns: [身份证号]
context: [身份证]
""",
    "email": """
id: net.email
entity: EMAIL_ADDRESS
title: {zh: 电子邮箱, en: e-mail address}
whose: person
bare: H
boundary: word
shape: ['[A-Za-z0-9._]+@[a-z0-9]+[.]com']
value: {keep: visible}
columns: [邮箱]
""",
    "masked": """
id: masked.mobile
entity: MASKED
title: {zh: 脱敏手机号码, en: masked mobile number}
whose: link
bare: H
shape: ['1[3-9][0-9][*]{4}[0-9]{4}']
value: {keep: visible}
""",
    "credential": """
id: account.credential
entity: CREDENTIAL
title: {zh: 密码, en: credential}
whose: person
bare: M
boundary: word
anchored: true
shape: ['[A-Za-z0-9]{4,20}']
value: {keep: visible}
columns: [密码]
context: [密码]
""",
    "name": """
id: name.person
entity: PERSON
title: {zh: 姓名, en: name}
whose: person
bare: L
boundary: none
whole_cell: true
shape: ['[一-鿿]{2,4}']
value: {keep: text}
columns: [姓名]
""",
}


@pytest.fixture(scope="session")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rules")
    for name, text in RULES.items():
        (folder / f"{name}.yaml").write_text(text.lstrip(), encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def own_rules(request: pytest.FixtureRequest, rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the small catalogue, but in the folders and files that SHIPPED_RULES names."""
    place = request.path.relative_to(Path(__file__).parent)
    if SHIPPED_RULES.isdisjoint((place.parts[0], place.as_posix())):
        monkeypatch.setattr("piiscan.detect.catalog.catalog.shipped_folder", lambda: rules)


@pytest.fixture(scope="module")
def small_rules(rules: Path) -> Iterator[Path]:
    """Use the small catalogue in module fixtures, which come before those of a function."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("piiscan.detect.catalog.catalog.shipped_folder", lambda: rules)
        yield rules


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory, rules: Path) -> Path:
    """A folder with a ``dump``, its ``case`` and ``test.key``; not to be written to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("piiscan.detect.catalog.catalog.shipped_folder", lambda: rules)
        home = tmp_path_factory.mktemp("plain")
        scan_dump([write_dump(home / "dump")], home / "case")
    return home


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory, rules: Path) -> Case:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("piiscan.detect.catalog.catalog.shipped_folder", lambda: rules)
        home = tmp_path_factory.mktemp("made")
        dump = write_dump(home / "dump")
        (dump / "<script>alert(1)<b>&.csv").write_text(
            "姓名,手机号,<img src=x onerror=alert(2)>\n"
            "张三,13600136000,x\n李四,13600136001,\u202egnp.exe\n",
            encoding="utf-8",
        )
        return scan_dump([dump], home / "case", operator="<b>某某</b>", case_number="0001号")


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory, rules: Path) -> Case:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("piiscan.detect.catalog.catalog.shipped_folder", lambda: rules)
        return hostile_case(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="session")
def gathered(hostile: Case) -> CaseData:
    return load_case_data(hostile)
