"""Keys and codes for tests: made once, since keys are slow to make."""

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from store_engine.access import SigningOrder, new_key, sign_code
from store_engine.units import to_us

NOW_US = to_us(1_764_000_000)
STORE = "nanostore"
ED = new_key(
    ed25519.Ed25519PrivateKey.from_private_bytes(b"a" * 32), key="ed", issuer="us", created_us=0
)
P256 = new_key(ec.derive_private_key(7, ec.SECP256R1()), key="p256", issuer="us", created_us=0)
KEYS = {"ed": ED, "p256": P256}


def code(key=ED, *, jti="one", issued_s=0, store=STORE, **order):
    """A code issued so many seconds after NOW."""
    at_us = NOW_US + to_us(issued_s)
    wanted = SigningOrder(subject="s-ada", store=store, jti=jti, issued_us=at_us, **order)
    return sign_code(key, wanted)


def claims(**changed):
    """The claims of a good code, some changed, None leaves one out."""
    now_s = NOW_US // 1_000_000
    good = {
        "iss": "us", "aud": STORE, "sub": "s-ada", "jti": "one", "iat": now_s, "exp": now_s + 60,
    }  # fmt: skip
    return {name: value for name, value in (good | changed).items() if value is not None}


def signed(payload, *, private=ED.private_pem, algorithm="EdDSA", **header):
    """Whatever claims and headers, signed."""
    return jwt.encode(payload, private, algorithm=algorithm, headers={"kid": "ed"} | header)
