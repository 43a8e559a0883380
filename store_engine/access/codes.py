"""Entry codes: signed, short-lived, single use (JSON Web Tokens, RFC 7519).

The key id in the header picks the key, and the key's own algorithm checks the signature: what the
header says about algorithms only has to agree (RFC 8725, 3.1). Claims:

    iss  who signed               aud  the store, several, or "*" for every store
    sub  the account's subject    jti  names this code; it is used once
    iat, exp  seconds             grp  how many people it admits, 1 when left out
"""

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

import jwt
import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)

from store_engine.access.refusals import (
    EARLY_CODE,
    EXPIRED_CODE,
    FORGED_CODE,
    LONG_LIVED_CODE,
    MALFORMED_CODE,
    OTHER_ISSUER,
    OTHER_STORE,
    RETIRED_KEY,
    UNKNOWN_KEY,
    Refused,
)
from store_engine.ports.accounts import Algorithm, CodeKey, People
from store_engine.units import US_PER_S, to_us

LIFETIME_S = 60  # of the codes we sign; a phone shows a new one well before (guess)
LIFETIME_MAX_S = 300  # of the codes we accept: a photographed code is worthless soon (guess)
LEEWAY_S = 5.0  # between the clocks of issuer and store (guess: both keep network time)
EVERY_STORE = "*"

_SIGNATURE_ONLY: Any = {  # times and audience are judged here, by the store's clock
    "verify_signature": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
_Seconds = Annotated[int, msgspec.Meta(ge=0, le=10**11)]


class _Claims(msgspec.Struct, frozen=True):
    iss: str
    aud: str | tuple[str, ...]
    sub: _Name
    jti: _Name
    iat: _Seconds
    exp: _Seconds
    nbf: _Seconds | None = None
    grp: People = 1


class Code(NamedTuple):
    """What a good code says."""

    code: str  # unique for ever: its key and its jti
    subject: str
    people: int
    expires_us: int


class SigningOrder(NamedTuple):
    """What a new code should say."""

    subject: str
    store: str  # or EVERY_STORE
    jti: str  # unpredictable and new
    issued_us: int
    lifetime_s: int = LIFETIME_S
    people: int = 1


def read_code(
    text: str, keys: Mapping[str, CodeKey], *, store: str, time_us: int
) -> Code | Refused:
    """Return what a code says if it is good in `store` at `time_us`, or why it is not."""
    key = _key_of(text, keys)
    if isinstance(key, Refused):
        return key
    claims = _verified(text, key)
    if isinstance(claims, Refused):
        return claims
    refused = _misplaced(claims, key, store) or _mistimed(claims, key, time_us)
    if refused:
        return refused
    expires_us = to_us(claims.exp + LEEWAY_S)
    return Code(f"{key.key}/{claims.jti}", claims.sub, claims.grp, expires_us)


def _key_of(text: str, keys: Mapping[str, CodeKey]) -> CodeKey | Refused:
    try:
        name = jwt.get_unverified_header(text).get("kid")
    except (jwt.InvalidTokenError, UnicodeDecodeError, RecursionError):
        return MALFORMED_CODE
    return keys.get(name, UNKNOWN_KEY) if isinstance(name, str) else UNKNOWN_KEY


def _verified(text: str, key: CodeKey) -> _Claims | Refused:
    try:
        claims = jwt.decode(
            text, key.public_pem, algorithms=[key.algorithm], options=_SIGNATURE_ONLY
        )
        return msgspec.convert(claims, _Claims)
    except (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError):
        return FORGED_CODE
    except (jwt.InvalidTokenError, msgspec.ValidationError, UnicodeDecodeError, RecursionError):
        return MALFORMED_CODE


def _misplaced(claims: _Claims, key: CodeKey, store: str) -> Refused | None:
    if claims.iss != key.issuer:
        return OTHER_ISSUER
    meant = (claims.aud,) if isinstance(claims.aud, str) else claims.aud
    return None if store in meant or EVERY_STORE in meant else OTHER_STORE


def _mistimed(claims: _Claims, key: CodeKey, time_us: int) -> Refused | None:
    now_s = time_us / US_PER_S
    if max(claims.iat, claims.nbf or 0) > now_s + LEEWAY_S:
        return EARLY_CODE
    if claims.exp <= now_s - LEEWAY_S:
        return EXPIRED_CODE
    if claims.exp - claims.iat > LIFETIME_MAX_S:
        return LONG_LIVED_CODE
    retired = key.retired_us is not None and claims.iat * US_PER_S >= key.retired_us
    return RETIRED_KEY if retired else None


def sign_code(key: CodeKey, order: SigningOrder) -> str:
    """Return a new code. The key must have its private half."""
    issued_s = order.issued_us // US_PER_S
    claims: dict[str, Any] = {
        "iss": key.issuer,
        "aud": order.store,
        "sub": order.subject,
        "jti": order.jti,
        "iat": issued_s,
        "exp": issued_s + order.lifetime_s,
    }
    if order.people > 1:
        claims["grp"] = order.people
    return jwt.encode(claims, key.private_pem, algorithm=key.algorithm, headers={"kid": key.key})


def new_key(
    private: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey,
    *,
    key: str,
    issuer: str,
    created_us: int,
) -> CodeKey:
    """Return a key pair as it is kept: Ed25519 signs EdDSA, P-256 signs ES256."""
    algorithm: Algorithm = "EdDSA" if isinstance(private, ed25519.Ed25519PrivateKey) else "ES256"
    private_pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return CodeKey(
        key=key,
        algorithm=algorithm,
        issuer=issuer,
        public_pem=_public_pem(private.public_key()),
        private_pem=private_pem.decode(),
        created_us=created_us,
    )


def trusted_key(public_pem: bytes, *, key: str, issuer: str, created_us: int) -> CodeKey | None:
    """Return a key that somebody else signs with, None unless it is Ed25519 or P-256, in PEM."""
    try:
        public = load_pem_public_key(public_pem)
    except (ValueError, UnsupportedAlgorithm):
        return None
    algorithm: Algorithm
    if isinstance(public, ed25519.Ed25519PublicKey):
        algorithm = "EdDSA"
    elif isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1):
        algorithm = "ES256"
    else:
        return None
    return CodeKey(
        key=key,
        algorithm=algorithm,
        issuer=issuer,
        public_pem=_public_pem(public),
        created_us=created_us,
    )


def _public_pem(public: ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey) -> str:
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
