"""SQL functions for running text: pandas functions that each worker runs with its engine."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

from piiscan.frame import Plan
from piiscan.spark.batch_jobs import count_findings, kinds_of_texts, mask_texts


def sql_functions(plan: Plan) -> dict[str, Any]:
    """Return the SQL functions by name, with the rules and options of ``plan``."""
    from pyspark.sql.functions import pandas_udf

    def pii_mask(texts: pd.Series) -> pd.Series:
        """Return the texts with their findings masked."""
        return pd.Series(mask_texts(plan, _strings(texts)), dtype=object)

    def pii_kinds(texts: pd.Series) -> pd.Series:
        """Return the entities in each text."""
        return pd.Series(kinds_of_texts(plan, _strings(texts)), dtype=object)

    def pii_count(texts: pd.Series) -> pd.Series:
        """Return the number of findings in each text."""
        return pd.Series(count_findings(plan, _strings(texts)), dtype="Int32")

    types = {pii_mask: "string", pii_kinds: "array<string>", pii_count: "int"}
    return {function.__name__: pandas_udf(function, kind) for function, kind in types.items()}


def _strings(texts: pd.Series) -> pa.Array:
    """Return a pandas column of texts as an Arrow array."""
    return pa.Array.from_pandas(texts, type=pa.string())
