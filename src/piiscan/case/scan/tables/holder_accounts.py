"""Table of accounts in folder names: WeChat and QQ accounts of a device's holder."""

from __future__ import annotations

import re
from typing import Final

from piiscan.case.scan.distinct_counts import DistinctCounts
from piiscan.case.scan.tables.scan_table_inputs import Row, TableInputs
from piiscan.masking.mask import mask_value
from piiscan.pages.report_table import ReportTable, number, text
from piiscan.sources.table_profiles import own_accounts

#: Folder of a month, as WeChat keeps files: ``FileStorage/File/2023-05/客户.xlsx``.
_MONTH: Final = re.compile(r"[\\/](20[0-9]{2}-(?:0[1-9]|1[0-2]))[\\/]")


def _accounts(inputs: TableInputs, _: DistinctCounts) -> list[Row]:
    """Build the table ``holder_accounts``: a row per account with its files and their months."""
    files: dict[str, set[str]] = {}
    months: dict[str, set[str]] = {}
    for source in inputs.sources:
        members = {part["member"].partition("#")[0] for part in source.outcome.parts}
        for member in members or {""}:
            path = f"{source.path}!{member}".removesuffix("!")
            for account in own_accounts(path):
                files.setdefault(account, set()).add(path)
                months.setdefault(account, set()).update(_MONTH.findall(path))
    return [
        {
            "platform": "QQ" if account.isdigit() else "WeChat",
            "account": mask_value(account, "QQ_NUMBER" if account.isdigit() else "WECHAT_ID"),
            "files": len(files[account]),
            "file_months": ", ".join(sorted(months[account])) or None,
        }
        for account in sorted(files)
    ]


HOLDER_ACCOUNTS: Final = ReportTable(
    "holder_accounts",
    (text("platform"), text("account"), number("files"), text("file_months")),
    section="T1",
    build=_accounts,
    notes=("sheet.note.holder_accounts",),
)
