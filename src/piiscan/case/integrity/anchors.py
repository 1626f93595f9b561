"""Anchors of a seal: files next to it: exported head, detached signature, time stamp.

``case.zip.head.txt`` names the SHA-256 of the sealed zip and the head of the log in it.  These few
lines are what is signed and stamped, so that any tool can do it: openssl, a USB key, an SM2 device.

- ``….head.txt.sig``: Ed25519 signature (RFC 8032) of its bytes, 64 bytes.
- ``….head.txt.tsq``: time stamp request (RFC 3161) for its SHA-256, to be sent by a person.
- ``….head.txt.tsr``: the answer of a time stamp authority, verified offline with its root.

Signatures and time stamps need the packages of the extra ``anchors``.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from piiscan.case.integrity.cross_check import Difference
from piiscan.case.integrity.seal import SealedArchive
from piiscan.case.store import audit_log
from piiscan.errors import CaseError
from piiscan.forms.reader import read_file_bytes
from piiscan.hashing.digest import file_sha256
from piiscan.hashing.head_groups import head_groups
from piiscan.hashing.key import check_private
from piiscan.output_files import write_aside

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

HEAD_SUFFIX: Final = ".head.txt"
_HEAD_FILE: Final = re.compile(
    r"piiscan seal 1\nzip ([^\n]+)\nzip-sha256 ([0-9a-f]{64})\n"
    r"(?:log-lines ([1-9][0-9]{0,11})\nlog-sha256 ([0-9a-f]{64})\nlog-groups [^\n]+\n)?"
)


@dataclass(frozen=True, slots=True)
class SealHead:
    """Exported head: name and SHA-256 of a sealed zip, and the log head if it contains a case."""

    zip_name: str
    zip_sha256: str
    log_lines: int = 0
    log_sha256: str = ""

    def content(self) -> bytes:
        """Return the lines of the exported head as bytes."""
        text = f"piiscan seal 1\nzip {self.zip_name}\nzip-sha256 {self.zip_sha256}\n"
        if self.log_lines:
            text += f"log-lines {self.log_lines}\nlog-sha256 {self.log_sha256}\n"
            text += f"log-groups {head_groups(self.log_sha256)}\n"
        return text.encode()


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """Verified time stamp: its moment, name of the authority, serial number of the token."""

    moment: datetime.datetime
    authority: str
    number: int


def write_seal_head(sealed: SealedArchive, folder: Path) -> Path:
    """Write the exported head of ``sealed`` next to it, read-only. Return its path.

    ``folder``: what was sealed; a folder without a log has no head of one.
    """
    log = folder / "log.jsonl"
    hashes = audit_log.line_hashes(log)
    last = hashes[-1] if hashes else ""
    head = SealHead(sealed.path.name, sealed.sha256, len(hashes), last)
    return _write_anchor(sealed.path.with_name(sealed.path.name + HEAD_SUFFIX), head.content())


def check_free(sealed: Path) -> None:
    """Raise CaseError if the zip ``sealed`` has an anchor file already."""
    for suffix in ("", ".sig", ".tsq", ".tsr"):
        path = sealed.with_name(sealed.name + HEAD_SUFFIX + suffix)
        if path.exists():
            raise CaseError("seal.exists", path=path)


def read_seal_head(path: Path) -> SealHead:
    """Parse the exported head in ``path``; raise CaseError for any other content."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CaseError("anchor.no_head", path=path) from error
    match = _HEAD_FILE.fullmatch(content.decode("utf-8", "replace"))
    if match is not None:
        head = SealHead(match[1], match[2], int(match[3] or 0), match[4] or "")
        if head.content() == content:
            return head
    raise CaseError("anchor.no_head", path=path)


def check_sealed(head_file: Path, place: Path) -> list[Difference]:
    """Compare an exported head with ``place``: the sealed zip, or the folder of the case.

    A zip beside the head is compared too.  A folder may have grown: its log must still contain the
    head's line.
    """
    head = read_seal_head(head_file)
    found = []
    archive = place if place.is_file() else head_file.with_name(head.zip_name)
    if archive.is_file() and (sha256 := file_sha256(archive)) != head.zip_sha256:
        found.append(
            Difference("ZIP_CHANGED", archive.name, recorded=head.zip_sha256, found=sha256)
        )
    if place.is_dir() and head.log_lines:
        hashes = audit_log.line_hashes(place / "log.jsonl")
        if head.log_sha256 not in hashes[head.log_lines - 1 : head.log_lines]:
            found.append(Difference("HEAD_OTHER", "log.jsonl", "SEALED", head.log_lines))
    return found


def sign(head_file: Path, key: Any) -> Path:
    """Write the signature of ``head_file`` under a private Ed25519 key next to it. Return its path.

    The signature is 64 bytes.
    """
    return _write_anchor(anchor_path(head_file, ".sig"), key.sign(head_file.read_bytes()))


def load_signing_key(key_file: Path, *, passphrase: Callable[[], str]) -> Any:
    """Return the private Ed25519 key in the PEM file ``key_file``, readable by its owner only.

    ``passphrase`` is called if it is encrypted.  Raise CaseError if it cannot be used.
    """
    serialization, ed25519 = _signatures()
    try:
        check_private(key_file)
        content = key_file.read_bytes()
        try:
            key = serialization.load_pem_private_key(content, None)
        except TypeError:  # it is encrypted
            key = serialization.load_pem_private_key(content, passphrase().encode())
    except OSError as error:
        raise CaseError("file.unreadable", path=key_file, reason=error.strerror) from error
    except ValueError as error:
        raise CaseError("anchor.no_private_key", path=key_file) from error
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise CaseError("anchor.no_private_key", path=key_file)
    return key


def check_signature(signature: Path, public_key: Path) -> list[Difference]:
    """Verify a signature (``NAME.sig``) of the head ``NAME`` next to it. Return differences.

    Raise CaseError if a file cannot be read or the key is no Ed25519 key.
    """
    serialization, ed25519 = _signatures()
    from cryptography.exceptions import InvalidSignature

    try:
        key = serialization.load_pem_public_key(read_file_bytes(public_key))
    except ValueError as error:
        raise CaseError("anchor.no_public_key", path=public_key) from error
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise CaseError("anchor.no_public_key", path=public_key)
    try:
        key.verify(read_file_bytes(signature), read_file_bytes(anchored_file(signature)))
    except InvalidSignature:
        return [Difference("SIGNATURE_WRONG", signature.name)]
    return []


def write_timestamp_request(head_file: Path) -> Path:
    """Write a time stamp request for the SHA-256 of ``head_file`` next to it. Return its path."""
    rfc3161 = require_timestamps()
    builder = rfc3161.TimestampRequestBuilder().data(head_file.read_bytes())
    request = builder.hash_algorithm(rfc3161.HashAlgorithm.SHA256).build()
    return _write_anchor(anchor_path(head_file, ".tsq"), request.as_bytes())


def check_timestamp(token: Path, roots: Path) -> TimeStamp | None:
    """Verify a time stamp (``NAME.tsr``) of the head ``NAME`` next to it, without a network.

    ``roots``: PEM file with the certificate of the authority's root, and intermediate ones if the
    answer lacks them. They must have been valid at the stamped moment. Return None if the time
    stamp is not one of that head by that authority. Raise CaseError if a file cannot be used.
    """
    rfc3161 = require_timestamps()
    from cryptography.x509 import load_pem_x509_certificates

    try:
        certificates = load_pem_x509_certificates(read_file_bytes(roots))
    except ValueError as error:
        raise CaseError("anchor.no_certificate", path=roots) from error
    message = read_file_bytes(anchored_file(token))
    try:
        answer = rfc3161.decode_timestamp_response(read_file_bytes(token))
        builder = rfc3161.VerifierBuilder()
        for each in certificates:
            own = each.issuer == each.subject
            builder = (
                builder.add_root_certificate(each)
                if own
                else builder.add_intermediate_certificate(each)
            )
        builder.build().verify_message(answer, message)
    except (ValueError, rfc3161.VerificationError):
        return None
    info = answer.tst_info
    return TimeStamp(info.gen_time, _authority(answer), info.serial_number)


def _authority(answer: Any) -> str:
    """Return the authority's name in the certificate that signed a time stamp."""
    from cryptography.x509 import load_der_x509_certificate

    certificates: list[Certificate] = [
        load_der_x509_certificate(each) for each in answer.signed_data.certificates
    ]
    (signer,) = answer.signed_data.signer_infos
    names = [
        each.subject.rfc4514_string()
        for each in certificates
        if (each.issuer, each.serial_number) == (signer.issuer, signer.serial_number)
    ]
    return names[0] if names else str(signer.issuer.rfc4514_string())


def anchor_path(head_file: Path, suffix: str) -> Path:
    """Return the path of an anchor: ``x.head.txt -> x.head.txt.sig``."""
    return head_file.with_name(head_file.name + suffix)


def anchored_file(anchor: Path) -> Path:
    """Return the file that an anchor is for: ``x.head.txt.sig -> x.head.txt``."""
    return anchor.with_suffix("")


def _write_anchor(path: Path, content: bytes) -> Path:
    """Write a new file, read-only for its owner; raise CaseError if it exists."""
    if path.exists():
        raise CaseError("seal.exists", path=path)
    try:
        with write_aside(path) as file:
            file.write(content)
        path.chmod(0o400)
    except OSError as error:
        raise CaseError("file.unwritable", path=path, reason=error.strerror) from error
    return path


def _signatures() -> tuple[Any, Any]:
    """Return the key modules of ``cryptography``; raise CaseError if it is missing."""
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise CaseError("anchor.not_installed", package="cryptography") from error
    return serialization, ed25519


def require_timestamps() -> Any:
    """Return the module ``rfc3161_client``; raise CaseError if it is not installed."""
    try:
        import rfc3161_client
    except ImportError as error:
        raise CaseError("anchor.not_installed", package="rfc3161-client") from error
    return rfc3161_client
