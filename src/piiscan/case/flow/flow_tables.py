"""All tables of the flow, in the order of the report."""

from __future__ import annotations

from typing import Final

from piiscan.case.flow.chat_money import CHAT_MONEY
from piiscan.case.flow.code_pairs import CODE_PAIRS
from piiscan.case.flow.edges import FLOW_EDGES
from piiscan.case.flow.file_matching import FLOW_SENT, FLOW_SENT_PLACES
from piiscan.case.flow.flow_warnings import FLOW_WARNINGS
from piiscan.case.flow.list_overlaps import FLOW_MATRIX, FLOW_SAME
from piiscan.case.flow.masked_matches import FLOW_MASKED
from piiscan.case.flow.nodes import FLOW_NODES
from piiscan.case.flow.transfer_list import TRANSFERS
from piiscan.case.flow.transfers import FLOW_BUYERS, FLOW_GROUP_BUYERS, FLOW_GROUPS, FLOW_TOTAL
from piiscan.pages.report_table import ReportTable

#: The tables of the flow, in the order of the report.
FLOW_TABLES: Final[tuple[ReportTable, ...]] = (
    FLOW_TOTAL, FLOW_BUYERS, FLOW_GROUPS, FLOW_GROUP_BUYERS, TRANSFERS, FLOW_WARNINGS, FLOW_MATRIX,
    FLOW_SAME, FLOW_MASKED, FLOW_SENT, FLOW_SENT_PLACES, CHAT_MONEY, CODE_PAIRS, FLOW_EDGES,
    FLOW_NODES,
)  # fmt: skip
