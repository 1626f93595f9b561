"""Encrypted office files (docx, pptx, xlsx with a password): opened with the passwords given."""

from __future__ import annotations

import io
from typing import Final

from piiscan.errors import is_machine_error
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content, load_content, memory_content
from piiscan.sources.format import Format, Opened, ReadContext, Sample

_ENCODINGS: Final = ("utf-8", "gb18030")


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the decrypted file in place of the encrypted one; a Trouble if no password fits."""
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
    for password in context.passwords:
        plain = _decrypt(loaded, password)
        if plain is not None:
            context.usage.total += len(plain)
            yield memory_content(
                plain, content.name, member=content.member, seed=context.seed, sha256=content.sha256
            )
            return
    yield Trouble(content.member, "ENCRYPTED", "no password fits")


def _decrypt(content: Content, password: bytes) -> bytes | None:
    """Return the decrypted bytes; None if the password does not fit or the file is damaged."""
    from msoffcrypto import OfficeFile

    out = io.BytesIO()
    for encoding in _ENCODINGS:
        try:
            with content.open() as stream:
                file = OfficeFile(stream)
                file.load_key(password=password.decode(encoding), verify_password=True)
                file.decrypt(out, verify_integrity=False)
        except Exception as error:  # one of many kinds: a wrong password, a broken file
            if is_machine_error(error):
                raise
            out = io.BytesIO()
        else:
            return out.getvalue()
    return None


FORMATS: Final = (
    Format(
        "encrypted office",
        15,
        _open,
        probe=lambda sample: sample.container_kind == "encrypted office",
    ),
)
