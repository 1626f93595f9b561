"""Encrypted office files (docx, pptx, xlsx with a password): opened with the passwords given."""

from __future__ import annotations

from typing import Final

from piiscan.sources.archives.office_passwords import decrypt_office, decrypted_content
from piiscan.sources.block import Trouble
from piiscan.sources.content import load_content
from piiscan.sources.format import Format, Opened, ReadContext, Sample


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the decrypted file as a Content; a Trouble if no password fits."""
    content = sample.content
    if not context.passwords:
        yield Trouble(content.member, "ENCRYPTED", "the document has a password")
        return
    try:
        import msoffcrypto  # noqa: F401
    except ImportError:
        yield Trouble(content.member, "PACKAGE_MISSING", "encrypted office: office")
        return
    loaded = load_content(content, context.budget.in_memory)
    if loaded is None:
        yield Trouble(content.member, "MEMBER_TOO_LARGE", f"{content.size} bytes to be held")
        return
    plain = decrypt_office(loaded, context.passwords)
    if plain is None:
        yield Trouble(content.member, "ENCRYPTED", "no password fits")
        return
    yield decrypted_content(content, plain, context.usage, context.seed)


FORMATS: Final = (
    Format(
        "encrypted office",
        15,
        _open,
        probe=lambda sample: sample.container_kind == "encrypted office",
    ),
)
