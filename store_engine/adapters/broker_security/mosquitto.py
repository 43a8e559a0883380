"""The configuration of a mosquitto broker that lets only enrolled certificates in."""

from pathlib import Path
from typing import NamedTuple

from store_engine.adapters.brokers import PAYLOAD_BYTES_MAX, lasting_queues

PORT = 8883  # MQTT over TLS (IANA)
# Waiting for one client, the engine for example: an hour of 300 messages a second (guess). No
# limit would let one device that has gone wild fill the memory of the broker.
QUEUED_MESSAGES_MAX = 1_000_000
HEADER_BYTES_MAX = 1024  # of a packet, topic included: names are 64 characters at most

AUTHORITY_FILE = "authority.crt"
CERTIFICATE_FILE = "broker.crt"
KEY_FILE = "broker.key"
REVOKED_FILE = "revoked.crl"
ACL_FILE = "access.acl"
CONFIG_FILE = "mosquitto.conf"
STATE_FOLDER = "state"


class BrokerPlan(NamedTuple):
    """Where a broker listens and where it finds its files."""

    listen: str  # the address it binds to
    hosts: tuple[str, ...]  # names and addresses that devices reach it under
    port: int = PORT
    folder: Path | None = None  # where these files lie on its machine; None: where we write them
    run_as: str = "mosquitto"  # the user it becomes when root starts it


def mosquitto_conf(plan: BrokerPlan, folder: Path) -> str:
    """Return the configuration of a broker whose files lie in `folder`."""
    lines = [
        "# Written by `store-engine devices init`.",
        f"listener {plan.port} {plan.listen}",
        f"user {plan.run_as}",
        "",
        "# Who comes in: only a certificate of our own authority, not revoked. Its common name is",
        "# the user and the client id, so nobody takes over the session of another.",
        f"cafile {folder / AUTHORITY_FILE}",
        f"certfile {folder / CERTIFICATE_FILE}",
        f"keyfile {folder / KEY_FILE}",
        f"crlfile {folder / REVOKED_FILE}",
        "tls_version tlsv1.2",  # at least
        "allow_anonymous false",
        "require_certificate true",
        "use_identity_as_username true",
        "use_username_as_clientid true",
        f"acl_file {folder / ACL_FILE}",
        "",
        "# Nothing is lost while the engine is away or the power fails.",
        *lasting_queues(folder / STATE_FOLDER, queued_max=QUEUED_MESSAGES_MAX),
        f"max_packet_size {PAYLOAD_BYTES_MAX + HEADER_BYTES_MAX}",  # the engine refuses more
        "",
        "log_dest stderr",
        *(f"log_type {kind}" for kind in ("error", "warning", "notice")),
    ]
    return "\n".join(lines) + "\n"
