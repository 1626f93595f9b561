"""A case of files whose names, headings and register try to be something else in a report."""

from pathlib import Path

from piiscan import Case, count
from piiscan.case.register.entry import register_form
from piiscan.forms.writer import SheetRow, write_sheet
from tests.case.dump import VALID, scan_dump

#: What must never stand in a report as it is, and what it stands for.
NAMES = {
    "script": "<script>alert(1)<b>&.csv",
    "formula": "=cmd|' C calc'!A0.csv",
    "plus": "+1+2 @SUM(A1).csv",
    "rich": "<r><t>x<t>",
    "rtl": "\u202efdp.vsc.csv",
    "escape": "_x0041_{{委托单位}}.csv",
    "long": "长" * 80 + ".csv",
}
PHONES = ("13600136000", "13600136001")
HEADING = "长" * 10_000
NUMBER = "<b>&C0001号\x00\u202e"


def hostile_case(home: Path, *, counted: bool = True, more: dict[str, str] | None = None) -> Case:
    """The case in ``home``/case, with a register that calls its items things like =1+1.

    ``more``: further files by name.
    """
    dump = home / "dump"
    dump.mkdir(parents=True)
    for name, text in (more or {}).items():
        (dump / name).write_text(text, encoding="utf-8")
    for name in NAMES.values():
        (dump / name).write_text(
            f"姓名,手机号,=cmd|'/C calc'!A0,{HEADING},a\x00b\n"
            f"张三,{PHONES[0]},x,y,z\n李四,{PHONES[1]},\u202egnp.exe,@x,\x00\n",
            encoding="utf-8",
        )
    (dump / "sale.csv").write_text(
        f"姓名,身份证号\n张三,{VALID[0]}\n王五,{VALID[1]}\n", encoding="utf-8"
    )
    (dump / "broken.zip").write_bytes(b"PK\x03\x04 broken")
    case = scan_dump([dump], home / "case", operator="<r><b>某某</r>", case_number=NUMBER)
    if counted:
        paths = [each["path"] for each in case.manifest.content["sources"]]
        said = [{"item": f"=1+{n}", "suspect": "<r>甲</r>", "path": p} for n, p in enumerate(paths)]
        sheet = home / "register.xlsx"
        write_sheet(sheet, register_form(), [SheetRow(each) for each in said], language="zh")
        count(case, register=sheet)
    return case
