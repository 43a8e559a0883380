"""Prints docs/openapi.json, made from the routes and the words they answer with."""

import sys

import msgspec

from store_engine.web.application import openapi, routed


def document() -> str:
    """Return the OpenAPI document, the same text for the same routes."""
    encoded = msgspec.json.encode(openapi(routed()), order="deterministic")
    return msgspec.json.format(encoded, indent=2).decode() + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
