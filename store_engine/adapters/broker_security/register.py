"""The register of a store's authority: every certificate it issued, and which it revoked.

Lives in one folder, which belongs in a safe place and not on the broker's machine:

    authority.crt  authority.key  revoked.crl
    issued/000001-broker.crt ...  every certificate, in order of issue
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from store_engine.adapters.broker_security.certificates import (
    Identity,
    common_name,
    key_pem,
    new_authority,
    organisation,
    pem,
    revocation_list,
)
from store_engine.adapters.broker_security.files import PRIVATE, make_private, write_whole
from store_engine.errors import ConfigError

KEY_FILE = "authority.key"
ISSUED = "issued"

T = TypeVar("T")


class Register:
    """Signs, remembers and revokes. Whoever changes it holds `files.alone` on its folder."""

    def __init__(self, folder: Path) -> None:
        """Open a register. Raises `ConfigError` when there is none."""
        self.folder = folder
        self.certificate_file = folder / "authority.crt"
        self.revoked_file = folder / "revoked.crl"
        if not self.revoked_file.exists():
            raise ConfigError(f"{folder}: no authority here; `store-engine devices init` makes one")

    @classmethod
    def begin(cls, folder: Path, store: str, *, now: datetime) -> "Register":
        """Make an authority that has issued nothing yet.

        Raises:
            ConfigError: there is one already, whose certificates would all be worthless.
        """
        if folder.exists():
            raise ConfigError(f"{folder}: there is an authority already; nothing was changed")
        make_private(folder)
        make_private(folder / ISSUED)
        authority = new_authority(store, now=now)
        write_whole(folder / KEY_FILE, key_pem(authority), mode=PRIVATE)
        write_whole(folder / "authority.crt", pem(authority.certificate))
        nobody = revocation_list(authority, {}, now=now, previous=None)
        write_whole(folder / "revoked.crl", pem(nobody))
        return cls(folder)

    @property
    def store(self) -> str:
        """The store it vouches for."""
        return organisation(read_certificate(self.certificate_file))

    def issue(self, sign: Callable[[Identity], Identity]) -> Identity:
        """Let the authority sign something, and remember it before anybody gets it."""
        identity = sign(self._authority())
        issued = self.folder / ISSUED
        number = sum(1 for _ in issued.glob("*.crt")) + 1
        name = f"{number:06d}-{common_name(identity.certificate)}.crt"
        write_whole(issued / name, pem(identity.certificate))
        return identity

    def certificates(self) -> list[x509.Certificate]:
        """Return everything it ever issued, the oldest first."""
        return [read_certificate(path) for path in sorted((self.folder / ISSUED).glob("*.crt"))]

    def revoked(self) -> dict[int, datetime]:
        """Return the serial numbers it revoked, and when (UTC)."""
        return {one.serial_number: one.revocation_date_utc for one in self._revocation_list()}

    def revoke(self, serials: Iterable[int], *, now: datetime) -> int:
        """Revoke certificates; return how many were not revoked before."""
        before = self.revoked()
        after = {**dict.fromkeys(serials, now), **before}
        previous = self._revocation_list()
        fresh = revocation_list(self._authority(), after, now=now, previous=previous)
        write_whole(self.revoked_file, pem(fresh))
        return len(after) - len(before)

    def in_force(self) -> list[x509.Certificate]:
        """Return the certificates that are not revoked, the oldest first."""
        revoked = self.revoked()
        return [one for one in self.certificates() if one.serial_number not in revoked]

    def _revocation_list(self) -> x509.CertificateRevocationList:
        return _read(self.revoked_file, x509.load_pem_x509_crl)

    def _authority(self) -> Identity:
        path = self.folder / KEY_FILE
        key = _read(path, lambda data: serialization.load_pem_private_key(data, password=None))
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ConfigError(f"{path}: an elliptic curve key is expected")
        return Identity(read_certificate(self.certificate_file), key)


def read_certificate(path: Path) -> x509.Certificate:
    """Return a certificate. Raises `ConfigError` naming the file that is missing or broken."""
    return _read(path, x509.load_pem_x509_certificate)


def _read(path: Path, parse: Callable[[bytes], T]) -> T:
    try:
        return parse(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from error
