from piiscan.arrays import Int64, UInt8
from piiscan.detect.catalog.column import Column
from piiscan.detect.compiled_catalog import CompiledCatalog
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
    ) -> bool: ...
    def results(
        self, space: Workspace, column: Column, has_roles: bool, split: bool
    ) -> tuple[Resolved, IsolatedSpans | None]: ...
