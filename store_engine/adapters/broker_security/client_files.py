"""The three files by which a device or the engine meets the broker."""

import ssl
from pathlib import Path
from typing import NamedTuple

from store_engine.adapters.tls import client_context
from store_engine.errors import ConfigError

AUTHORITY_FILE = "authority.crt"
CERTIFICATE_FILE = "client.crt"
KEY_FILE = "client.key"


class ClientFiles(NamedTuple):
    """Where they are."""

    ca_file: Path
    certificate_file: Path
    key_file: Path

    @classmethod
    def within(cls, folder: Path) -> "ClientFiles":
        """Return the files in the folder of one client, `secure/clients/camera-3` for example."""
        return cls(folder / AUTHORITY_FILE, folder / CERTIFICATE_FILE, folder / KEY_FILE)


def client_tls(clients: Path, name: str) -> ssl.SSLContext:
    """Return how the holder of the files in `clients/<name>` meets the broker.

    Raises:
        ConfigError: nothing was issued to that name, or the files are broken.
    """
    folder = clients / name
    if not folder.is_dir():
        raise ConfigError(
            f"{name!r} has no certificate in {clients}: `store-engine devices enroll {name}`"
        )
    return client_context(**ClientFiles.within(folder)._asdict())
