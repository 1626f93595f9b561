"""Own rules as an installed package: named in a call, on record in the case, never loaded alone."""

from pathlib import Path
from tempfile import TemporaryDirectory

import piiscan

TEXT = "会员HY12345678，电话13800138000"
for rules in (None, "shop"):
    found = piiscan.find(TEXT, recognizers=rules)
    print(rules, [(each.recognizer, each.value) for each in found])

with TemporaryDirectory() as name:
    home = Path(name)
    (home / "sale.csv").write_text("会员编号,手机号\nHY12345678,13800138000\n", "utf-8")
    options = {"case": home / "case", "key": home / "my.key", "recognizers": "shop"}
    case = piiscan.scan(home / "sale.csv", **options)
    digests = case.manifest.content["settings"]["data"]
    print([name for name in digests if name.startswith("pack ")])
