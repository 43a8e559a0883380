"""Handles: what stands for a credential in everything that is kept. Pure.

    GateScan(credential) ─▶ veil ─▶ GateScan(handle) ─▶ journal, events, recording, logs

A handle is a keyed hash (HMAC-SHA256, RFC 2104, cut to 128 bits): the same card has the same
handle, so a repeated tap is recognised, and no handle leads back.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from store_engine.access import Kind, kind_of
from store_engine.access.credentials import CARD_PREFIXES
from store_engine.card_numbers import masked, masked_bytes
from store_engine.messages import GateScan
from store_engine.ports import RawArrival
from store_engine.topics import topic_for

CARD_NUMBER = "h:number:"  # stands for every card number: not even a hash of one is kept

_KINDS: dict[str, Kind] = {
    "code": "code", "card": "card", "token": "token", "number": "card number",
}  # fmt: skip
_HANDLE = re.compile(r"h:(code|card|token):[a-z2-7]{26}|h:number:")
_SCANS = topic_for(GateScan).pattern.rpartition("/")[2]
_FIELDS = ("type", *GateScan.__struct_fields__)
_WORDS_OF_PEOPLE = ("gates", "devices")  # kinds of topic whose payloads hold text, not readings


def handle_of(
    credential: str, *, secret: bytes, card_prefixes: Sequence[str] = CARD_PREFIXES
) -> str:
    """Return the handle of a credential under a secret."""
    kind = kind_of(credential, card_prefixes=card_prefixes)
    if kind == "card number":
        return CARD_NUMBER
    message = credential.encode("utf-8", "surrogatepass")
    mac = hmac.new(secret, message, hashlib.sha256).digest()[:16]
    return f"h:{kind}:{base64.b32encode(mac).decode().rstrip('=').lower()}"


def is_handle(text: str) -> bool:
    """Whether `text` is spelled like a handle."""
    return _HANDLE.fullmatch(text) is not None


def kind_of_handle(handle: str) -> Kind:
    """Return what kind of credential a handle stands for."""
    return _KINDS[handle.split(":")[1]]


def veil(raw: RawArrival, take: Callable[[str], str]) -> RawArrival:
    """Return a payload from a device without what must not be kept of it.

    Args:
        raw: any payload; readings of cameras and shelves pass as they are.
        take: is given the credential of a scan, and returns its handle.
    """
    kind, _, what = raw.topic.partition("/")[2].partition("/")[2].partition("/")
    if kind not in _WORDS_OF_PEOPLE:
        return raw
    payload = raw.payload
    if what.rpartition("/")[2] == _SCANS:
        payload = _veiled_scan(payload, take)
    return RawArrival(raw.received_us, masked(raw.topic), masked_bytes(payload))


def _veiled_scan(payload: bytes, take: Callable[[str], str]) -> bytes:
    """Return a scan with its handle; of anything else only how long it was."""
    scan = _fields_of(payload)
    if scan is None:
        return f"(a scan of {len(payload)} bytes that cannot be read)".encode()
    credential = scan.get("credential")
    scan["credential"] = take(credential) if isinstance(credential, str) else None
    return msgspec.json.encode({name: scan[name] for name in _FIELDS if name in scan})


def _fields_of(payload: bytes) -> dict[str, Any] | None:
    """Return the fields of a JSON or MessagePack map, None for anything else."""
    for decode in (msgspec.json.decode, msgspec.msgpack.decode):
        try:
            fields = decode(payload)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
            continue
        if isinstance(fields, dict):
            return fields
    return None
