"""A store's own certificate authority: EC P-256 keys, X.509 certificates, a revocation list.

Every function is pure but for the randomness of keys and serial numbers. `now` is in UTC.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS = 3650  # outlives the hardware: replacing it means visiting every device (guess)
BROKER_DAYS = 825  # the longest a server certificate of a private authority is trusted (Apple)
CLIENT_DAYS = 730  # a renewal every second yearly visit, at the latest (guess)
CLOCK_SLACK = timedelta(hours=1)  # certificates hold that long ago: device clocks are late (guess)
NAME_MAX = 64  # characters of a common name and of an organisation (RFC 5280, appendix A.1)


class Identity(NamedTuple):
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def new_authority(store: str, *, now: datetime) -> Identity:
    """Return an authority that vouches for clients and brokers, not for other authorities."""
    key = _new_key()
    name = _name("authority", store)
    usage = _key_usage(key_cert_sign=True, crl_sign=True)
    certificate = (
        _builder(name, key, now=now, until=now + timedelta(days=AUTHORITY_DAYS))
        .issuer_name(name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return Identity(certificate, key)


def issue_client(
    authority: Identity, name: str, *, now: datetime, days: int, role: str = ""
) -> Identity:
    """Return a certificate for who connects; never longer than its authority's own.

    role: what it is for, where its name does not tell.
    """
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    return _issue(authority, name, role=role, now=now, days=days, says=[purpose])


def issue_broker(
    authority: Identity, name: str, *, hosts: Sequence[str], now: datetime, days: int = BROKER_DAYS
) -> Identity:
    """Return a certificate for the broker that clients reach under these names and addresses."""
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    reached = x509.SubjectAlternativeName([_host(host) for host in hosts])
    return _issue(authority, name, now=now, days=days, says=[purpose, reached])


def revocation_list(
    authority: Identity,
    revoked: Mapping[int, datetime],
    *,
    now: datetime,
    previous: x509.CertificateRevocationList | None,
) -> x509.CertificateRevocationList:
    """Return the list of these serial numbers and the moments they were revoked.

    It holds as long as the authority: a broker refuses everybody once its list is out of date,
    and we hand it every new one ourselves. It is always dated after `previous`: a broker that
    still has that one in memory goes by the later of the two (whole seconds).
    """
    dated = now - CLOCK_SLACK
    if previous is not None:
        dated = max(dated, previous.last_update_utc + timedelta(seconds=1))
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(dated)
        .next_update(authority.certificate.not_valid_after_utc)
        .add_extension(_issued_by(authority), critical=False)
    )
    for serial, at in sorted(revoked.items()):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(authority.key, hashes.SHA256())


def common_name(certificate: x509.Certificate) -> str:
    """Return whose certificate this is: the broker's name for them."""
    return _attribute(certificate, NameOID.COMMON_NAME)


def role_of(certificate: x509.Certificate) -> str:
    """Return what a certificate is for, empty where its name tells."""
    return _attribute(certificate, NameOID.ORGANIZATIONAL_UNIT_NAME)


def organisation(certificate: x509.Certificate) -> str:
    """Return the store whose certificate this is."""
    return _attribute(certificate, NameOID.ORGANIZATION_NAME)


def hosts_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the names and addresses that a broker's certificate holds for."""
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return tuple(str(name.value) for name in names)


def key_pem(identity: Identity) -> bytes:
    """Return the private key; whoever keeps it keeps it from everybody else."""
    return identity.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def pem(document: x509.Certificate | x509.CertificateRevocationList) -> bytes:
    """Return a certificate or revocation list as text."""
    return document.public_bytes(serialization.Encoding.PEM)


def _issue(
    authority: Identity,
    name: str,
    *,
    now: datetime,
    days: int,
    says: Sequence[x509.ExtensionType],
    role: str = "",
) -> Identity:
    key = _new_key()
    issuer = authority.certificate
    until = min(now + timedelta(days=days), issuer.not_valid_after_utc)
    builder = (
        _builder(_name(name, organisation(issuer), role), key, now=now, until=until)
        .issuer_name(issuer.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True), critical=True)
        .add_extension(_issued_by(authority), critical=False)
    )
    for extension in says:
        builder = builder.add_extension(extension, critical=False)
    return Identity(builder.sign(authority.key, hashes.SHA256()), key)


def _builder(
    name: x509.Name, key: ec.EllipticCurvePrivateKey, *, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SLACK)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _issued_by(authority: Identity) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())


def _name(name: str, store: str, role: str = "") -> x509.Name:
    parts = (
        (NameOID.ORGANIZATION_NAME, store),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, role),
        (NameOID.COMMON_NAME, name),
    )
    return x509.Name([x509.NameAttribute(which, value) for which, value in parts if value])


def _attribute(certificate: x509.Certificate, which: x509.ObjectIdentifier) -> str:
    found = certificate.subject.get_attributes_for_oid(which)
    return str(found[0].value) if found else ""


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
