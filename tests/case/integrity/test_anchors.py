"""Anchors beside a seal: the exported head, its signature, its time stamp; openssl agrees."""

import datetime
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from piiscan import CaseError
from piiscan.case.integrity import anchors
from piiscan.case.integrity.cross_check import Difference
from piiscan.case.integrity.seal import seal
from piiscan.case.store.audit_log import line_hashes
from piiscan.hashing.head_groups import head_groups

CONFIG = """
[tsa]
default_tsa = own
[own]
serial = {home}/serial
default_policy = 1.2.3.4
digests = sha256
signer_digest = sha256
ess_cert_id_alg = sha256
"""


def openssl(*arguments: object) -> str:
    done = subprocess.run(
        ["openssl", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, plain: Path) -> Path:
    """A case, its seal with the head, and a pair of keys."""
    home = shutil.copytree(plain, tmp_path_factory.mktemp("anchored") / "home")
    case = home / "case"
    anchors.write_seal_head(seal(case, home / "case.zip", key=home / "test.key"), case)
    write_keys(home / "sign.pem", home / "public.pem")
    return home


@pytest.fixture
def place(home: Path, tmp_path: Path) -> Path:
    """A copy of all that may be changed."""
    shutil.copytree(home, tmp_path / "place")
    for path in (tmp_path / "place").iterdir():
        if path.is_file():
            path.chmod(0o600)
    return tmp_path / "place"


def write_keys(private: Path, public: Path, passphrase: bytes | None = None) -> Any:
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    locked = form.BestAvailableEncryption(passphrase) if passphrase else form.NoEncryption()
    pem = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, locked)
    private.write_bytes(pem)
    private.chmod(0o600)
    written = form.PublicFormat.SubjectPublicKeyInfo
    public.write_bytes(key.public_key().public_bytes(form.Encoding.PEM, written))
    return key


def ask_nobody() -> str:
    raise AssertionError("a passphrase was asked for")


def signed(place: Path) -> Path:
    key = anchors.load_signing_key(place / "sign.pem", passphrase=ask_nobody)
    return anchors.sign(place / "case.zip.head.txt", key)


def test_the_head_names_zip_and_log_and_is_only_to_be_read(home: Path) -> None:
    path = home / "case.zip.head.txt"
    head = anchors.read_seal_head(path)
    hashes = line_hashes(home / "case" / "log.jsonl")
    assert (head.log_lines, head.log_sha256) == (len(hashes), hashes[-1])
    assert (home / "case.zip.sha256").read_text().startswith(head.zip_sha256)
    assert head_groups(hashes[-1]) in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    with pytest.raises(CaseError, match="is there already"):
        anchors.check_free(home / "case.zip")


def test_a_folder_without_a_log_has_a_head_of_its_zip_only(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.txt").write_text("x")
    done = seal(tmp_path / "a", tmp_path / "a.zip")
    head = anchors.write_seal_head(done, tmp_path / "a")
    assert head.read_text() == f"piiscan seal 1\nzip a.zip\nzip-sha256 {done.sha256}\n"
    assert anchors.check_sealed(head, tmp_path / "a.zip") == []
    assert anchors.check_sealed(head, tmp_path / "a") == []


def test_a_signature_is_right_until_one_bit_changes(place: Path) -> None:
    signature, head = signed(place), place / "case.zip.head.txt"
    assert len(signature.read_bytes()) == 64
    assert anchors.check_signature(signature, place / "public.pem") == []
    for path in (signature, head):
        whole = path.read_bytes()
        path.chmod(0o600)
        path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
        found = anchors.check_signature(signature, place / "public.pem")
        assert found == [Difference("SIGNATURE_WRONG", signature.name)]
        path.write_bytes(whole)
    write_keys(place / "other.pem", place / "public.pem")
    assert anchors.check_signature(signature, place / "public.pem") != []


@pytest.mark.program("openssl")
def test_openssl_verifies_the_signature(place: Path) -> None:
    signature = signed(place)
    told = openssl(
        "pkeyutl", "-verify", "-pubin", "-inkey", place / "public.pem", "-rawin",
        "-in", place / "case.zip.head.txt", "-sigfile", signature,
    )  # fmt: skip
    assert "Success" in told


def test_an_encrypted_key_asks_for_its_passphrase(place: Path) -> None:
    write_keys(place / "sign.pem", place / "public.pem", b"geheim")
    assert anchors.load_signing_key(place / "sign.pem", passphrase=lambda: "geheim")
    with pytest.raises(CaseError, match="cannot sign"):
        anchors.load_signing_key(place / "sign.pem", passphrase=lambda: "wrong")


def test_what_is_no_private_key_of_ones_own_signs_nothing(place: Path) -> None:
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import ec

    for content in (b"", b"no key", (place / "public.pem").read_bytes()):
        (place / "sign.pem").write_bytes(content)
        with pytest.raises(CaseError, match="cannot sign"):
            anchors.load_signing_key(place / "sign.pem", passphrase=ask_nobody)
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
    )
    (place / "sign.pem").write_bytes(other)
    with pytest.raises(CaseError, match="Ed25519"):
        anchors.load_signing_key(place / "sign.pem", passphrase=ask_nobody)
    (place / "sign.pem").chmod(0o644)
    with pytest.raises(CaseError, match="chmod 600"):
        anchors.load_signing_key(place / "sign.pem", passphrase=ask_nobody)
    (place / "public.pem").write_bytes(b"x")
    (place / "case.zip.head.txt.sig").write_bytes(bytes(64))
    with pytest.raises(CaseError, match="no public Ed25519 key"):
        anchors.check_signature(place / "case.zip.head.txt.sig", place / "public.pem")


def test_zip_and_case_are_compared_with_the_head(place: Path) -> None:
    head = place / "case.zip.head.txt"
    assert anchors.check_sealed(head, place / "case") == []
    assert anchors.check_sealed(head, place / "case.zip") == []
    with (place / "case.zip").open("r+b") as file:
        file.write(b"X")
    (found,) = anchors.check_sealed(head, place / "case.zip")
    assert (found.reason, found.name) == ("ZIP_CHANGED", "case.zip")
    (place / "case.zip").unlink()
    log = place / "case" / "log.jsonl"
    log.write_bytes(log.read_bytes().replace(b"seal", b"sold"))
    (found,) = anchors.check_sealed(head, place / "case")
    assert (found.reason, found.detail) == ("HEAD_OTHER", "SEALED")


@pytest.mark.parametrize(
    "content", [b"", b"piiscan seal 1\n", b"piiscan seal 2\nzip a\nzip-sha256 " + b"0" * 64 + b"\n"]
)
def test_another_file_is_no_head(place: Path, content: bytes) -> None:
    (place / "case.zip.head.txt").write_bytes(content)
    with pytest.raises(CaseError, match=r"no \.head\.txt"):
        anchors.read_seal_head(place / "case.zip.head.txt")


class Authority:
    """A time stamp authority of the tests: a root, a certificate for stamps, openssl."""

    def __init__(self, home: Path, *, purpose: bool = True) -> None:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives import serialization as form
        from cryptography.hazmat.primitives.asymmetric import rsa
        from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

        self.home = home
        home.mkdir()
        keys = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in "ab"]
        names = [
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)])
            for each in ("made root", "made authority")
        ]
        day = datetime.timedelta(days=1)
        now = datetime.datetime.now(datetime.UTC)
        for at, name in enumerate(names):
            builder = (
                x509.CertificateBuilder()
                .subject_name(name)
                .issuer_name(names[0])
                .public_key(keys[at].public_key())
                .serial_number(x509.random_serial_number())
                .not_valid_before(now - day)
                .not_valid_after(now + day)
                .add_extension(x509.BasicConstraints(at == 0, None), critical=True)
            )
            if at and purpose:
                usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
                builder = builder.add_extension(usage, critical=True)
            made = builder.sign(keys[0], hashes.SHA256())
            (home / f"{at}.pem").write_bytes(made.public_bytes(form.Encoding.PEM))
        (home / "key.pem").write_bytes(
            keys[1].private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
        )
        (home / "serial").write_text("2a\n")
        (home / "tsa.cnf").write_text(CONFIG.format(home=home))

    @property
    def root(self) -> Path:
        return self.home / "0.pem"

    def answer(self, request: Path) -> Path:
        """The answer beside the request."""
        out = request.with_suffix(".tsr")
        openssl(
            "ts", "-reply", "-queryfile", request, "-signer", self.home / "1.pem",
            "-inkey", self.home / "key.pem", "-config", self.home / "tsa.cnf", "-out", out,
        )  # fmt: skip
        return out


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "one")


@pytest.mark.program("openssl")
def test_a_time_stamp_is_verified_offline_by_piiscan_and_by_openssl(
    place: Path, authority: Authority
) -> None:
    request = anchors.write_timestamp_request(place / "case.zip.head.txt")
    token = authority.answer(request)
    stamped = anchors.check_timestamp(token, authority.root)
    assert stamped is not None
    assert stamped.authority == "CN=made authority"
    assert stamped.number == 0x2B
    age = datetime.datetime.now(datetime.UTC) - stamped.moment
    assert abs(age) < datetime.timedelta(minutes=5)
    openssl("ts", "-verify", "-in", token, "-queryfile", request, "-CAfile", authority.root)


@pytest.mark.program("openssl")
def test_a_time_stamp_of_another_file_or_authority_is_wrong(
    place: Path, authority: Authority, tmp_path: Path
) -> None:
    token = authority.answer(anchors.write_timestamp_request(place / "case.zip.head.txt"))
    other = Authority(tmp_path / "other")
    assert anchors.check_timestamp(token, other.root) is None
    whole = token.read_bytes()
    token.write_bytes(whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:])
    assert anchors.check_timestamp(token, authority.root) is None
    token.write_bytes(b"no token")
    assert anchors.check_timestamp(token, authority.root) is None
    token.write_bytes(whole)
    (place / "case.zip.head.txt").write_bytes(b"piiscan seal 1\n")
    assert anchors.check_timestamp(token, authority.root) is None
    (place / "none.pem").write_bytes(b"")
    with pytest.raises(CaseError, match="no certificate"):
        anchors.check_timestamp(token, place / "none.pem")


def test_without_the_packages_a_sentence_says_what_to_install(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("rfc3161_client", "cryptography.hazmat.primitives"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(CaseError, match=r"pip install 'piiscan-cn\[anchors\]'"):
        anchors.require_timestamps()
    with pytest.raises(CaseError, match="cryptography is not installed"):
        anchors.load_signing_key(place / "sign.pem", passphrase=ask_nobody)
