"""Rows of the newest sample as texts by column: drawn, read, and stored as the sheet given back.

``[{"number": "1", "code": "k…", "values": "姓名 张*", "result": "实", …}, …]``
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from piiscan.arguments import checked
from piiscan.case.sampling import sample_store
from piiscan.case.sampling.basis import DEFAULT_SIZE
from piiscan.case.sampling.issue import sample
from piiscan.case.sampling.results import ImportedResults, attach_sheet, import_contents
from piiscan.case.sampling.verification_form import verification_form
from piiscan.case.store.attachments import all_attachments
from piiscan.case.store.case import Case
from piiscan.forms.reader import read_content
from piiscan.forms.schema import Language
from piiscan.forms.writer import SheetRow, sheet_bytes, written_cells

#: Name of a stored sheet, for errors.
_NAME = "sample.xlsx"


@checked
def draw_sample(
    case: str | Path | Case,
    *,
    size: int | None = DEFAULT_SIZE,
    singly: bool = False,
    operator: str = "",
    language: Language = "zh",
) -> int:
    r"""Draw a sample as :func:`piiscan.sample` does, keep its sheet in the case; return its number.

    ``operator``: who did it, for the log.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     _ = piiscan.count(case)
    ...     _ = piiscan.draw_sample(case, size=1)
    ...     piiscan.sample_rows(case)[0]["values"]
    '姓名 张*；手机号码 139****5678'
    """
    opened = Case.of(case, operator=operator)
    with TemporaryDirectory(prefix="sample-") as folder:
        out = Path(folder, _NAME)
        issued = sample(opened, out, size=size, singly=singly, language=language)
        with opened.open_log() as log:
            for sheet in issued.sheets:
                attach_sheet(opened, issued.sample, sheet.read_bytes(), sheet.suffix, log)
    return issued.sample.number


@checked
def sample_rows(case: str | Path | Case) -> list[dict[str, str]]:
    r"""Return the rows of the newest sample by number, as filled in so far; none without a sheet.

    The case has the sheets that were given back, and those of ``draw_sample``.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     piiscan.sample_rows(case)
    []
    """
    opened = Case.of(case)
    samples = sample_store.all_samples(opened.path)
    rows: dict[str, dict[str, str]] = {}
    for each in all_attachments(
        opened.path, f"verified-{samples[-1].number:04d}" if samples else ""
    ):
        for row in read_content(each.content(), each.name, verification_form()).rows:
            filled = {name: text for name, text in row.cells.items() if text}
            rows[row.cells["number"]] = rows.get(row.cells["number"], {}) | filled
    return [rows[number] for number in sorted(rows, key=lambda text: (len(text), text))]


@checked
def store_sample(
    case: str | Path | Case,
    rows: Sequence[Mapping[str, str]],
    *,
    operator: str = "",
    language: Language = "zh",
) -> ImportedResults:
    r"""Store ``rows`` as the sheet that ``sample --take`` reads, with its results.

    Raise CaseError with every invalid cell; then nothing is stored. ``operator``: who did it, for
    the log. ``language``: of the headings.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     _ = piiscan.count(case)
    ...     _ = piiscan.draw_sample(case)
    ...     rows = [row | {"result": "实"} for row in piiscan.sample_rows(case)]
    ...     piiscan.store_sample(case, rows).results
    1
    """
    form = verification_form()
    lines = [SheetRow(written_cells(row, form)) for row in rows]
    content = sheet_bytes(form, lines, language=language)
    return import_contents(Case.of(case, operator=operator), [(_NAME, content)])
