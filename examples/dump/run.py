"""A made-up dump, its case and its page: ``run.py [FOLDER]`` keeps them in the folder."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import piiscan
from piiscan.synth.corpus import make

with TemporaryDirectory() as name:
    home = Path(*sys.argv[1:2] or [name])
    made = make("three-party", rows=60, seed=1, out=home)
    case = piiscan.scan(made.folder, case=home / "case", key=home / "my.key")
    count = piiscan.count(case, key=home / "my.key")
    (page,) = piiscan.report(case).saved
    kinds = "select entity, count(*) n from findings group by all order by n desc, entity limit 3"
    print(case.sql(kinds).to_pylist())
    print("persons (U2):", count.tables()["units"][0]["U2"])
    print("page:", page.path.name)
    print("differences:", piiscan.verify(case, key=home / "my.key").differences)
