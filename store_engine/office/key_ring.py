"""The ring of keys that entry codes are signed with: here, or by a retailer's own app."""

import secrets
from collections.abc import Callable

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from store_engine.access import SigningOrder, new_key, sign_code, trusted_key
from store_engine.access.codes import LIFETIME_MAX_S, LIFETIME_S
from store_engine.card_numbers import holds_card_number
from store_engine.errors import RequestError
from store_engine.ports.accounts import PEOPLE_MAX, Algorithm, CodeKey, GateBook

CODE_LIFETIME_S = LIFETIME_S
ISSUER = "store-engine"
JTI_BYTES = 16  # of randomness in a code's name: nobody guesses 128 bits, and none comes twice


class KeyRing:
    """Keeps keys in order, and signs with the newest."""

    def __init__(self, gates: GateBook, *, now_us: Callable[[], int]) -> None:
        self._gates = gates
        self._now_us = now_us

    def sign(
        self, subject: str, *, store: str, people: int = 1, lifetime_s: int = CODE_LIFETIME_S
    ) -> str:
        """Return a new code for whoever codes call `subject`.

        Raises:
            RequestError: a number is out of bounds, or there is no key.
        """
        if not 1 <= people <= PEOPLE_MAX:
            raise RequestError(f"code: {people} people, 1 to {PEOPLE_MAX} are allowed")
        if not 1 <= lifetime_s <= LIFETIME_MAX_S:
            raise RequestError(f"code: {lifetime_s} s, 1 to {LIFETIME_MAX_S} are allowed")
        order = SigningOrder(
            subject=subject,
            store=store,
            jti=secrets.token_urlsafe(JTI_BYTES),
            issued_us=self._now_us(),
            lifetime_s=lifetime_s,
            people=people,
        )
        return sign_code(self._newest(), order)

    def _newest(self) -> CodeKey:
        signing = self._signing()
        if not signing:
            raise RequestError("no key signs codes here yet: make one (accounts keys rotate)")
        return max(signing, key=lambda key: (key.created_us, key.key))

    def _signing(self) -> list[CodeKey]:
        return [key for key in self._gates.code_keys().values() if key.private_pem]

    def all_keys(self) -> list[CodeKey]:
        """Return all keys, oldest first, without their private halves."""
        known = self._gates.code_keys().values()
        ordered = sorted(known, key=lambda key: (key.created_us, key.key))
        return [msgspec.structs.replace(key, private_pem="") for key in ordered]

    def rotate(self, *, algorithm: Algorithm = "EdDSA") -> CodeKey:
        """Sign with a new key from now on; return it.

        Keys that signed here so far retire: their private halves are forgotten, and the codes they
        signed until now stay good until they expire.
        """
        private: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
        if algorithm == "EdDSA":
            private = ed25519.Ed25519PrivateKey.generate()
        else:
            private = ec.generate_private_key(ec.SECP256R1())
        before, name = self._signing(), f"k-{secrets.token_hex(8)}"
        key = new_key(private, key=name, issuer=ISSUER, created_us=self._now_us())
        self._gates.put_key(key)
        for old in before:
            self._retire(old)
        return key

    def trust(self, key: str, public_pem: bytes, *, issuer: str) -> CodeKey:
        """Accept codes that somebody else signs, a retailer's own app for example.

        Args:
            key: the key id that their codes name.
            public_pem: their public key.
            issuer: what their codes call themselves (`iss`).

        Raises:
            RequestError: there is a key of that id, or it is neither Ed25519 nor P-256.
        """
        if holds_card_number(f"{key} {issuer}"):
            raise RequestError("this looks like a card number, and none may be kept")
        if self._gates.code_keys().get(key):
            raise RequestError(f"key {key}: there is one of that id already")
        trusted = trusted_key(public_pem, key=key, issuer=issuer, created_us=self._now_us())
        if trusted is None:
            raise RequestError(f"key {key}: neither an Ed25519 nor a P-256 public key in PEM")
        self._gates.put_key(trusted)
        return trusted

    def retire(self, key: str) -> None:
        """Accept no code that is issued from now on with a key. Raises `RequestError`."""
        found = self._gates.code_keys().get(key)
        if found is None:
            raise RequestError(f"key {key}: not known here")
        self._retire(found)

    def _retire(self, key: CodeKey) -> None:
        retired = msgspec.structs.replace(key, private_pem="", retired_us=self._now_us())
        self._gates.put_key(retired)
