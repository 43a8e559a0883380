"""Tells a retailer's back end what happened: in order, signed, again until it is heard.

A subscription reads feeds, each for itself: what the engine decided, what the till decided, what
the counter decided. Its place in a feed moves on when the back end answered 2xx. So whatever
fails (the back end, the network, this process) is made up for from there: nothing is skipped, what
comes twice carries the same id, and a subscription that fails holds up nobody else.

Signatures: Standard Webhooks 1.0 (standardwebhooks.com), symmetric: HMAC-SHA256 over
`{id}.{timestamp}.{body}` in the headers webhook-id, webhook-timestamp and webhook-signature.
"""

import base64
import hmac
from collections.abc import Callable, Iterable, Mapping

import msgspec
import structlog

from store_engine.errors import ConfigError, UnreachableError
from store_engine.office.cloud_events import CONTENT_TYPE, cloud_event, type_of
from store_engine.ports.webhooks import Feed, Note, Place, Post, Subscription, Subscriptions
from store_engine.units import US_PER_S

SECRET_PREFIX = "whsec_"  # noqa: S105 - how Standard Webhooks spells a secret, not one
SECRET_BYTES_MIN = 24  # Standard Webhooks 1.0, "Signature scheme"
RETRY_FIRST_S, RETRY_MAX_S = 1.0, 3_600.0  # doubling in between (guess)
GIVE_UP_S = 3 * 86_400.0  # a back end that is down for a weekend hears everything (guess)
GONE = 410  # the back end wants no more of it (RFC 9110, 15.5.11)
BATCH = 100  # notes read at a time

_log = structlog.get_logger(__name__)


class Webhooks:
    """Delivers what happened to everyone who subscribed."""

    def __init__(
        self,
        subscriptions: Subscriptions,
        feeds: Mapping[str, Feed],
        post: Post,
        *,
        now_us: Callable[[], int],
    ) -> None:
        self._subscriptions = subscriptions
        self._feeds = feeds
        self._post = post
        self._now_us = now_us

    def deliver(self) -> int:
        """Send what is due to everyone; return how many notes were heard."""
        return sum(
            self._deliver(subscription, name, feed)
            for subscription in self._subscriptions.subscriptions()
            for name, feed in self._feeds.items()
        )

    def _deliver(self, subscription: Subscription, name: str, feed: Feed) -> int:
        place = self._subscriptions.place(subscription.subscription, name)
        if place.stopped or self._now_us() < place.try_at_us:
            return 0
        heard = 0
        for note in feed.after(place.position, BATCH):
            status = self._tell(subscription, note)
            if status is not None and not 200 <= status < 300:
                failed = self._failed(place, subscription, status)
                self._subscriptions.move(subscription.subscription, name, failed)
                break
            heard += status is not None
            place = Place(position=note.position)
            self._subscriptions.move(subscription.subscription, name, place)
        return heard

    def _tell(self, subscription: Subscription, note: Note) -> int | None:
        """Return the back end's status, 0 for none, None when the note does not concern it."""
        if subscription.types and type_of(note.happened) not in subscription.types:
            return None
        said = cloud_event(note)
        if said is None:
            return None
        body = msgspec.json.encode(said)
        headers = signed(subscription.secret, note.name, body, time_s=self._now_us() // US_PER_S)
        try:
            return self._post(subscription.url, body, {"content-type": CONTENT_TYPE, **headers})
        except UnreachableError as error:
            _log.info("webhook not heard", subscription=subscription.subscription, error=str(error))
            return 0

    def _failed(self, place: Place, subscription: Subscription, status: int) -> Place:
        now_us = self._now_us()
        since_us = now_us if place.failing_since_us is None else place.failing_since_us
        wait_s = min(RETRY_FIRST_S * 2.0 ** min(place.failures, 16), RETRY_MAX_S)
        stopped = ""
        if status == GONE:
            stopped = "the back end answered 410 Gone"
        elif now_us - since_us >= GIVE_UP_S * US_PER_S:
            stopped = (
                f"no success for {GIVE_UP_S / 86_400:.0f} days, last status {status or 'none'}"
            )
        if stopped:
            _log.error("webhook stopped", subscription=subscription.subscription, why=stopped)
        return Place(
            position=place.position,
            failing_since_us=since_us,
            failures=place.failures + 1,
            try_at_us=now_us + int(wait_s * US_PER_S),
            stopped=stopped,
        )


def signed(secret: str, name: str, body: bytes, *, time_s: int) -> dict[str, str]:
    """Return the three headers of Standard Webhooks for a body sent at `time_s` (Unix time)."""
    to_sign = b".".join((name.encode(), str(time_s).encode(), body))
    digest = hmac.digest(_key(secret), to_sign, "sha256")
    return {
        "webhook-id": name,
        "webhook-timestamp": str(time_s),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def check_secret(secret: str) -> None:
    """Raise `ConfigError` unless `secret` is one that Standard Webhooks allows."""
    try:
        size = len(_key(secret))
    except ValueError as error:
        raise ConfigError(f"webhook secret: {SECRET_PREFIX}<base64> is expected") from error
    if size < SECRET_BYTES_MIN:
        raise ConfigError(f"webhook secret: {size} bytes, at least {SECRET_BYTES_MIN} are needed")


def check_types(types: Iterable[str], known: Iterable[str]) -> None:
    """Raise `ConfigError` for a type that is never sent."""
    for name in types:
        if name not in set(known):
            raise ConfigError(f"webhook type {name!r}: unknown; types are {', '.join(known)}")


def _key(secret: str) -> bytes:
    if not secret.startswith(SECRET_PREFIX):
        raise ValueError("prefix")
    return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
