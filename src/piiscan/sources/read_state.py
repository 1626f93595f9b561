"""Read state: the state of the reading of a text between two pieces, from which it can go on.

A stage of a reader (decoder, records, groups of lines) that carries something from piece to piece
keeps it here, in an object that can be packed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from piiscan.packed_state import pack_state, unpack_state

Stage = TypeVar("Stage")


@dataclass(slots=True)
class ReadState:
    """State of one reading of a text: its place in the bytes, and the state of each stage.

    Attributes:
        every: bytes between two stored states; 0 to store none
        start: offset of the first byte that no piece has
        end: offset up to which the bytes were read
        stages: state of each stage by its name
        stored: newest stored state until :meth:`take`
    """

    every: int = 0
    start: int = 0
    end: int = 0
    stages: dict[str, Any] = field(default_factory=dict)
    stored: bytes | None = None
    _stored_at: int = 0

    @classmethod
    def of(cls, stored: bytes, *, every: int) -> ReadState:
        """Return the state that was stored."""
        start, end, stages = unpack_state(stored)
        return cls(every, start, end, stages, _stored_at=start)

    def stage(self, name: str, begin: Callable[[], Stage]) -> Stage:
        """Return the state of a stage, at first ``begin()``."""
        if name not in self.stages:
            self.stages[name] = begin()
        elif isinstance(self.stages[name], bytes):  # its class is known only now
            self.stages[name] = unpack_state(self.stages[name])
        found: Stage = self.stages[name]
        return found

    def between_pieces(self) -> None:
        """Store the state if enough bytes were read since the last one.

        The first stage calls it before it reads a piece: then each later stage has yielded what
        the pieces before gave, or keeps it in its state.
        """
        if self.every and self.start - self._stored_at >= self.every:
            self._stored_at = self.start
            stages = {
                name: each if isinstance(each, bytes) else pack_state(each)
                for name, each in self.stages.items()
            }
            self.stored = pack_state((self.start, self.end, stages))

    def take(self) -> bytes | None:
        """Return the stored state, and drop it; None without one.

        All that was yielded before the last item precedes it; the item follows it.
        """
        stored, self.stored = self.stored, None
        return stored
