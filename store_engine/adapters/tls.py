"""How a client meets a broker over TLS."""

import ssl
from pathlib import Path

from store_engine.errors import ConfigError


def client_context(
    *, ca_file: Path | None, certificate_file: Path | None, key_file: Path | None
) -> ssl.SSLContext:
    """Return a context that checks the broker and shows our certificate, if we have one.

    ca_file: who vouches for the broker; the system's authorities when None.

    Raises:
        ConfigError: names the file that is missing or is not what it should be.
    """
    for path in (ca_file, certificate_file, key_file):
        if path is not None and not path.is_file():
            raise ConfigError(f"{path}: no such file")
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (ssl.SSLError, OSError) as error:
        raise ConfigError(f"{ca_file}: not a PEM certificate: {error}") from error
    if certificate_file is not None:
        try:
            context.load_cert_chain(certificate_file, key_file)
        except (ssl.SSLError, OSError) as error:
            raise ConfigError(
                f"{certificate_file} and {key_file}: not a PEM certificate and its key: {error}"
            ) from error
    return context
