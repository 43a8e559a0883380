"""Speaks HTTP to a back end (port `Post` of the webhooks)."""

from collections.abc import Mapping

import httpx

from store_engine.errors import UnreachableError

CONNECT_S, ANSWER_S = 5.0, 15.0  # Standard Webhooks recommends 15 to 30 s for an answer


class HttpPost:
    """Posts bodies; follows no redirects, since a signature is meant for one address."""

    def __init__(self, *, verify: bool | str = True) -> None:
        timeout = httpx.Timeout(ANSWER_S, connect=CONNECT_S)
        self._client = httpx.Client(timeout=timeout, verify=verify, follow_redirects=False)

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Return the status of a POST. Raises `UnreachableError` when there is none."""
        try:
            return self._client.post(url, content=body, headers=dict(headers)).status_code
        except httpx.HTTPError as error:
            raise UnreachableError(f"{url}: {error or type(error).__name__}") from error

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()
