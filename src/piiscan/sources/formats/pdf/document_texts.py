"""Document texts: texts of a PDF document outside of its pages.

Properties, bookmarks, scripts; of each page its notes, links and form fields; files attached.
"""

from __future__ import annotations

import ctypes
import io
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Final

from piiscan.errors import SourceError
from piiscan.sources.texts.xml_texts import PlacedText, TextRules, read_texts

_MAX_ITEMS: Final = 100_000
_MAX_BYTES: Final = 64 << 20
_SCHEME: Final = re.compile(r"(?:mailto|tel|sms|callto):(?://)?|https?://", re.IGNORECASE)
#: Keys of a note, and what they hold.
_KEYS: Final = (("Contents", "note"), ("T", "author"), ("Subj", "subject"))
_TIME: Final = re.compile(r"D:[0-9]{8}")
_XMP: Final = re.compile(rb"<x:xmpmeta\b.*?</x:xmpmeta>", re.DOTALL)


def _string(call: Callable[..., int], *arguments: Any) -> str:
    """Return the text that a pdfium function writes to a UTF-16 buffer; "" if too long."""
    size = call(*arguments, None, 0)
    if not 2 < size <= _MAX_BYTES:
        return ""
    buffer = (ctypes.c_ushort * ((size + 1) // 2))()
    call(*arguments, buffer, size)
    return bytes(buffer).decode("utf-16-le", "replace").rstrip("\0")


def _bytes(call: Callable[..., int], *arguments: Any) -> bytes:
    """Return the bytes that a pdfium function writes to a buffer; b"" if too many."""
    size = call(*arguments, None, 0)
    if not 0 < size <= _MAX_BYTES:
        return b""
    buffer = ctypes.create_string_buffer(size)
    call(*arguments, buffer, size)
    return buffer.raw.rstrip(b"\0")


def property_texts(document: Any, data: Any) -> list[PlacedText]:
    """Return (key, text) of a document's properties and XMP. ``data``: its bytes, or None."""
    info = document.get_metadata_dict(skip_empty=True).items()
    texts = [(key, value) for key, value in info if not _TIME.match(value)]
    known = {value for _, value in texts}
    for found in _XMP.findall(data) if data is not None else ():
        with suppress(SourceError):
            for place, text in read_texts(io.BytesIO(found), _MAX_BYTES, TextRules()):
                if text not in known and "@" not in place:
                    known.add(text)
                    texts.append((f"XMP {place}", text))
    return texts


def outline_texts(document: Any) -> Iterator[str]:
    """Yield the titles of a document's bookmarks, then names and lines of its scripts."""
    import pypdfium2.raw as pdfium

    for number, each in enumerate(document.get_toc()):
        if number >= _MAX_ITEMS:
            break
        yield each.get_title()
    for at in range(min(pdfium.FPDFDoc_GetJavaScriptActionCount(document.raw), _MAX_ITEMS)):
        action = pdfium.FPDFDoc_GetJavaScriptAction(document.raw, at)
        if action:
            yield _string(pdfium.FPDFJavaScriptAction_GetName, action)
            yield from _string(pdfium.FPDFJavaScriptAction_GetScript, action).splitlines()
            pdfium.FPDFDoc_CloseJavaScriptAction(action)


def page_notes(document: Any, page: Any) -> Iterator[tuple[str, str]]:
    """Yield (kind, text) of each note, link and form field of a page: ``field, 姓名：张三``."""
    import pypdfium2.raw as pdfium

    form = document.formenv.raw if document.formenv else None
    for at in range(min(pdfium.FPDFPage_GetAnnotCount(page.raw), _MAX_ITEMS)):
        note = pdfium.FPDFPage_GetAnnot(page.raw, at)
        if not note:
            continue
        kind = pdfium.FPDFAnnot_GetSubtype(note)
        if kind == pdfium.FPDF_ANNOT_WIDGET and form is not None:
            yield from _field(form, note)
        else:
            for key, name in _KEYS:
                if text := _string(pdfium.FPDFAnnot_GetStringValue, note, key.encode()):
                    yield name, text
        if link := pdfium.FPDFAnnot_GetLink(note):
            yield from _target(document, pdfium.FPDFLink_GetAction(link))
        pdfium.FPDFPage_CloseAnnot(note)


def _field(form: Any, note: Any) -> Iterator[tuple[str, str]]:
    """Yield (kind, text) of a form field: its value, its title, its choices."""
    import pypdfium2.raw as pdfium

    name = _string(pdfium.FPDFAnnot_GetFormFieldName, form, note)
    title = _string(pdfium.FPDFAnnot_GetFormFieldAlternateName, form, note)
    value = _string(pdfium.FPDFAnnot_GetFormFieldValue, form, note)
    label = name.rpartition(".")[2]
    yield "field", f"{label}：{value}" if label else value
    if title and title != label:
        yield "field name", title
    for at in range(min(max(pdfium.FPDFAnnot_GetOptionCount(form, note), 0), _MAX_ITEMS)):
        choice = _string(pdfium.FPDFAnnot_GetOptionLabel, form, note, at)
        if choice and choice != value:
            yield "choice", choice


def _target(document: Any, action: Any) -> Iterator[tuple[str, str]]:
    """Yield (``link``, target) of an action that opens a web address or another file."""
    import pypdfium2.raw as pdfium

    if not action:
        return
    kind = pdfium.FPDFAction_GetType(action)
    if kind == pdfium.PDFACTION_URI:
        raw = _bytes(pdfium.FPDFAction_GetURIPath, document.raw, action)
    elif kind in (pdfium.PDFACTION_REMOTEGOTO, pdfium.PDFACTION_LAUNCH):
        raw = _bytes(pdfium.FPDFAction_GetFilePath, action)
    else:
        return
    yield "link", _SCHEME.sub("", raw.decode("utf-8", "replace")).rstrip("/")


def attachments(document: Any, most: int) -> Iterator[tuple[str, bytes | None]]:
    """Yield (name, bytes) of each attached file and form packet; None above ``most`` bytes."""
    import pypdfium2.raw as pdfium

    for at in range(min(document.count_attachments(), _MAX_ITEMS)):
        each = pdfium.FPDFDoc_GetAttachment(document.raw, at)
        name = _string(pdfium.FPDFAttachment_GetName, each) or f"attachment {at + 1}"
        yield name, _file(lambda *a, each=each: pdfium.FPDFAttachment_GetFile(each, *a), most)
    for at in range(min(max(pdfium.FPDF_GetXFAPacketCount(document.raw), 0), _MAX_ITEMS)):
        name = _bytes(pdfium.FPDF_GetXFAPacketName, document.raw, at).decode("utf-8", "replace")
        data = _file(lambda *a, at=at: pdfium.FPDF_GetXFAPacketContent(document.raw, at, *a), most)
        yield f"xfa/{name}.xml", data


def _file(call: Callable[..., int], most: int) -> bytes | None:
    """Return the bytes of an attached file; b"" without any, None above ``most`` bytes."""
    size = ctypes.c_ulong()
    if not call(None, 0, ctypes.byref(size)):
        return b""
    if size.value > most:
        return None
    buffer = ctypes.create_string_buffer(size.value)
    call(buffer, size.value, ctypes.byref(size))
    return buffer.raw[: size.value]
