"""Key files as the tests need them: of a known secret, readable by their owner only."""

import hashlib
from pathlib import Path


def random_secret(number: int) -> bytes:
    """32 bytes that look random; the same for the same number."""
    return hashlib.sha256(f"a key of the tests {number}".encode()).digest()


def write_key(path: Path, secret: bytes) -> Path:
    path.write_text(secret.hex() + "\n", "ascii")
    path.chmod(0o600)
    return path
