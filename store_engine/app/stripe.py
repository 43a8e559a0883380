"""Builds what speaks to Stripe from the settings. Needs the extra `stripe`."""

import importlib.util

from store_engine.errors import ConfigError
from store_engine.ports.office import NoticeReader, Provider
from store_engine.settings import Settings, StripeSettings

NOT_INSTALLED = "payments = \"stripe\" needs its SDK: pip install 'store-engine[stripe]'"


def stripe_provider(settings: Settings) -> Provider:
    """Return Stripe as the provider. Nothing is sent yet."""
    account = _account(settings)
    from store_engine.adapters.stripe_provider import (  # noqa: PLC0415 - an extra
        StripeProvider,
        stripe_client,
    )

    return StripeProvider(stripe_client(account.key.get_secret_value(), url=account.url))


def stripe_notices(settings: Settings) -> NoticeReader:
    """Return what reads the webhooks of Stripe."""
    account = _account(settings)
    from store_engine.adapters.stripe_webhooks import StripeWebhooks  # noqa: PLC0415 - an extra

    return StripeWebhooks([secret.get_secret_value() for secret in account.webhook_secrets])


def _account(settings: Settings) -> StripeSettings:
    """Return the account. Raises `ConfigError` where there is none, or no SDK to reach it."""
    if settings.stripe is None:
        raise ConfigError('payments = "stripe" needs a section [stripe]')
    if importlib.util.find_spec("stripe") is None:
        raise ConfigError(NOT_INSTALLED)
    return settings.stripe
