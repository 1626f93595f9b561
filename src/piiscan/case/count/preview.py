"""Preview of a register: the flow that a count with it would have; nothing of it is kept."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from piiscan.arguments import checked
from piiscan.case.count.carried_subjects import CarriedSubjects
from piiscan.case.count.count import counted_tables, repeated_inputs
from piiscan.case.count.count_inputs import read_request
from piiscan.case.count.count_memory import CountMemory
from piiscan.case.register.register_rows import RegisterRows, read_rows
from piiscan.case.store.case import Case
from piiscan.errors import CaseError
from piiscan.output_files import make_private_folder

#: Most findings of a case whose flow is drawn without a count: some seconds.
MOST_PREVIEWED: Final = 300_000
_TABLES: Final = ("flow_edges", "flow_nodes", "flow_total")


@checked
def preview_flow(
    case: str | Path | Case, rows: RegisterRows, *, key: str | Path | None = None
) -> dict[str, list[dict[str, Any]]]:
    r"""Return the tables of the flow as :func:`recount` would have them with the register ``rows``.

    Nothing is stored or logged. Raise CaseError with every invalid cell, for a case with more than
    300,000 findings, and as :func:`recount`.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     rows = piiscan.register_rows(case)
    ...     rows["register"][0] |= {"suspect": "李某", "role": "出售", "party_to": "王某"}
    ...     flow = piiscan.preview_flow(case, rows)
    ...     [(each["giver"], each["taker"]) for each in flow["flow_edges"]]
    [('李某', '王某')]
    """
    opened = Case.of(case, key=key)
    if opened.manifest.content["counters"]["hits"] > MOST_PREVIEWED:
        raise CaseError("count.large_preview", most=MOST_PREVIEWED)
    inputs = replace(repeated_inputs(opened, key), register=read_rows(rows)[0])
    request = read_request(opened, inputs, log=None)
    folder = opened.path / "tmp" / "preview"
    shutil.rmtree(folder, ignore_errors=True)
    make_private_folder(folder.parent)
    make_private_folder(folder)
    try:
        tables = counted_tables(
            opened, folder, request, CountMemory.of(None), folder / "spill", CarriedSubjects()
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {name: tables[name] for name in _TABLES}
