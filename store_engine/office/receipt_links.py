"""Links to receipts: whoever holds one may read the receipt and contest it, nobody else.

The key of a link is an HMAC (RFC 2104) of what it opens, under a secret of this database. So links
need no table, cannot be guessed, and stop working with the receipt.
"""

import base64
import hashlib
import hmac

KEY_BYTES = 20  # 160 bits of the hash; NIST SP 800-107 asks for 32 at least, we for 128
SECRET_BYTES = 32  # as long as the hash that it keys (RFC 2104, section 3)
SECRET_NAME = "receipt links"  # noqa: S105 - what the secret is called


class ReceiptLinks:
    """Makes and checks the keys of links."""

    def __init__(self, secret: bytes, *, public_url: str) -> None:
        """`public_url`: where shoppers reach the pages, without a slash at the end."""
        self._secret = secret
        self._public_url = public_url.rstrip("/")

    def key(self, store: str, receipt: str) -> str:
        """Return what opens a receipt: 32 letters and digits."""
        what = f"{len(store)}:{store}:{receipt}".encode()
        mac = hmac.new(self._secret, what, hashlib.sha256).digest()[:KEY_BYTES]
        return base64.b32encode(mac).decode().lower()

    def opens(self, key: str, *, store: str, receipt: str) -> bool:
        """Whether `key` is the one of this receipt; takes the same time whatever it is."""
        return hmac.compare_digest(key.encode(), self.key(store, receipt).encode())

    def path(self, store: str, receipt: str) -> str:
        """Return the path of a receipt's page."""
        return f"/r/{store}/{receipt}/{self.key(store, receipt)}"

    def url(self, store: str, receipt: str) -> str:
        """Return the address of a receipt's page."""
        return self._public_url + self.path(store, receipt)
