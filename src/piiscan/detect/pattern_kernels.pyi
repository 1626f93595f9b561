from piiscan.arrays import Bool, Int64, UInt8
from piiscan.detect.catalog.column import Column
from piiscan.detect.compiled_catalog import CompiledCatalog
from piiscan.detect.findings.finding import Finding
from piiscan.detect.matching.offsets import FoldedTexts
from piiscan.detect.ner.find_names import TaggedNames
from piiscan.detect.scoring.isolated import IsolatedSpans
from piiscan.detect.scoring.overlap_resolution import Resolved

class Workspace: ...

class PatternSearch:
    def __init__(self, compiled: CompiledCatalog, as_of: int) -> None: ...
    def take_workspace(self) -> Workspace: ...
    def give_back(self, space: Workspace) -> None: ...
    def run(
        self,
        space: Workspace,
        data: UInt8,
        offsets: Int64,
        column: Column,
        names: bool,
        refused: bool,
        split: bool,
    ) -> None: ...
    def claimed(self, space: Workspace, column: Column, split: bool) -> Bool: ...
    def texts(self, space: Workspace) -> FoldedTexts: ...
    def add_names(
        self, space: Workspace, names: TaggedNames, column: Column, split: bool
    ) -> None: ...
    def results(
        self, space: Workspace, column: Column, split: bool
    ) -> list[tuple[Resolved, IsolatedSpans | None]]: ...
    def add_findings(
        self,
        space: Workspace,
        column: Column,
        texts: list[str],
        min_score: float,
        found: list[list[Finding]],
    ) -> None: ...
