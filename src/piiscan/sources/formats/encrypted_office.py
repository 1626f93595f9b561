"""Encrypted office files (docx, pptx, xlsx with a password): opened with the passwords given."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from piiscan.errors import SourceError
from piiscan.sources.archives.office_passwords import decrypt_office, decrypted_content
from piiscan.sources.content import held_content
from piiscan.sources.format import Opened, Sample, container_format
from piiscan.sources.read_context import ReadContext


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the decrypted file as a Content. Raises SourceError if no password fits."""
    content = sample.content
    if not context.passwords:
        raise SourceError("ENCRYPTED", "the document has a password")
    if find_spec("msoffcrypto") is None:
        raise SourceError("PACKAGE_MISSING", "encrypted office: office")
    loaded = held_content(content, context.budget.in_memory)
    plain = decrypt_office(loaded, context.passwords)
    if plain is None:
        raise SourceError("ENCRYPTED", "no password fits")
    yield decrypted_content(content, plain, context.usage, context.seed)


FORMATS: Final = (container_format("encrypted office", 15, _open),)
