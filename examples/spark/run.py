"""Files scanned by Spark into a case that is byte for byte the one of a plain scan."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import piiscan
from piiscan.synth.corpus import make

if find_spec("pyspark") is None:
    print("pip install 'piiscan-cn[spark]' (and Java 17) runs this example")
    raise SystemExit

import pyspark.sql

import piiscan.spark

os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else the python on the PATH
with TemporaryDirectory() as name:
    home = Path(name)
    made = make("three-party", rows=60, seed=1, out=home)
    key = home / "my.key"
    plain = piiscan.scan(made.folder, case=home / "plain", key=key)
    builder = pyspark.sql.SparkSession.builder.master("local[2]")
    spark = builder.config("spark.ui.enabled", "false").getOrCreate()
    try:
        case = piiscan.spark.scan(spark, made.folder, home / "case", key=key, parts=2)
    finally:
        spark.stop()
    print("findings:", case.findings().equals(plain.findings()))
    print(
        "counts:", piiscan.count(case, key=key).tables() == piiscan.count(plain, key=key).tables()
    )
