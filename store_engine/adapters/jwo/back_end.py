"""Calls the retailer's back end over HTTPS, signed as AWS expects it (Signature Version 4)."""

import ssl
from collections.abc import Generator
from typing import NamedTuple

import httpx

from store_engine.adapters.jwo.words import Body, encode
from store_engine.errors import ConfigError, UnreachableError

CONNECT_S, ANSWER_S = 3.0, 8.0  # somebody stands at the gate (guess; no limit is published)
TRY_LATER = (429, 500, 502, 503, 504)  # the published test cases retry these
SERVICE = "execute-api"  # the retailer's API Gateway


class Answer(NamedTuple):
    """A status that is not worth trying again, and its body."""

    status: int
    body: bytes


class SignatureV4(httpx.Auth):
    """Signs requests with an AWS key; needs botocore (extra `jwo`)."""

    requires_request_body = True

    def __init__(self, *, key_id: str, secret: str, region: str, token: str = "") -> None:
        try:
            from botocore.auth import SigV4Auth  # noqa: PLC0415 - an extra
            from botocore.credentials import Credentials  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise ConfigError(
                "Just Walk Out connectors need botocore: pip install 'store-engine[jwo]'"
            ) from error
        self._signer = SigV4Auth(Credentials(key_id, secret, token or None), SERVICE, region)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the three headers of a signed request."""
        from botocore.awsrequest import AWSRequest  # noqa: PLC0415

        plain = AWSRequest(
            method=request.method,
            url=str(request.url),
            data=request.content,
            headers={"content-type": request.headers["content-type"]},
        )
        self._signer.add_auth(plain)
        request.headers.update(dict(plain.headers))
        yield request


class BackEnd:
    """The retailer's side of the connectors."""

    def __init__(
        self,
        url: str,
        *,
        auth: httpx.Auth | None = None,
        verify: bool | ssl.SSLContext = True,
    ) -> None:
        self._url = url.rstrip("/")
        timeout = httpx.Timeout(ANSWER_S, connect=CONNECT_S)
        self._client = httpx.Client(
            timeout=timeout, auth=auth, verify=verify, follow_redirects=False
        )

    def call(self, path: str, body: Body) -> Answer:
        """Return the back end's answer to a POST.

        Raises:
            UnreachableError: there is none, or it says "later" (429 and 5xx).
        """
        try:
            response = self._client.post(
                f"{self._url}/v1/{path}",
                content=encode(body),
                headers={"content-type": "application/json"},
            )
        except httpx.HTTPError as error:
            raise UnreachableError(f"{path}: {error or type(error).__name__}") from error
        if response.status_code in TRY_LATER:
            raise UnreachableError(f"{path}: the back end answered {response.status_code}")
        return Answer(response.status_code, response.content)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()
