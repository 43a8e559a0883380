"""Settings of a running service: a TOML file, overridden by the environment, then frozen.

Every setting has an environment variable: `STORE_ENGINE_TICK_MS`, and with two underscores
between levels `STORE_ENGINE_BROKER__PASSWORD`. Relative paths start at the working directory.
"""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from store_engine.errors import ConfigError

ENV_PREFIX = "STORE_ENGINE_"
STRIPE_KEY = r"[sr]k_[A-Za-z0-9_]+"  # no line end: a header that is refused would be quoted
STRIPE_URL = r"^https://|^http://(127\.0\.0\.1|localhost)[:/]"  # the key is never sent in clear


class BrokerSettings(BaseModel):
    """The MQTT broker that the store's devices speak to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Annotated[str, Field(min_length=1)] = "localhost"
    port: Annotated[int, Field(ge=1, le=65_535)] = 1883
    client_id: Annotated[str, Field(min_length=1)] = "store-engine"  # the broker keeps our session
    username: str | None = None
    password: SecretStr | None = None
    tls: bool = False
    ca_file: Path | None = None  # PEM; left out: the system's authorities
    certificate_file: Path | None = None  # PEM; for brokers that ask clients for one
    key_file: Path | None = None

    @model_validator(mode="after")
    def _goes_together(self) -> "BrokerSettings":
        if self.password is not None and self.username is None:
            raise ValueError("a password needs a username")
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("certificate_file and key_file go together")
        if not self.tls and (self.ca_file or self.certificate_file):
            raise ValueError("ca_file and certificate_file need tls = true")
        return self


class AccessSettings(BaseModel):
    """Who may come in, and what is held for them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hold: Annotated[int, Field(ge=0)] = 2_000  # minor units held before anybody comes in (guess)
    card_prefixes: Annotated[tuple[str, ...], Field(min_length=1)] = ("tok_", "pm_", "card_")
    unknown_cards: Literal["refuse", "guest"] = "refuse"  # guest: the card pays, no account needed
    unreachable_provider: Literal["refuse", "admit"] = "refuse"  # admit: without a hold


class OfficeSettings(BaseModel):
    """The HTTP front door, and what is refunded without asking a person."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    listen: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65_535)] = 8_080
    public_url: Annotated[str, Field(pattern=r"^https?://[^/]+$")] = "http://127.0.0.1:8080"
    certificate_file: Path | None = None  # PEM; left out: HTTP, for a proxy that speaks TLS
    key_file: Path | None = None
    more_stores: tuple[Path, ...] = ()  # folders of other stores in the same database
    refund_at_once_max: Annotated[int, Field(ge=0)] = 1_000  # minor units of a claim (guess)
    refunds_at_once: Annotated[int, Field(ge=0)] = 3  # of one account in 30 days (guess)
    contest_days: Annotated[int, Field(ge=1)] = 30  # how long a receipt can be contested (guess)


class JwoSettings(BaseModel):
    """A retailer's back end that was built for Just Walk Out (docs/jwo-connectors.md)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, Field(pattern=r"^https?://[^?#]+$")]  # before "/v1/..."
    region: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]  # of AWS, that signatures name
    store_id: Annotated[str, Field(pattern=r"^[0-9a-zA-Z_-]{1,255}$")]  # the retailer's name for it
    key_id: str = ""  # we sign with it (AWS Signature Version 4); "": calls are not signed
    secret: SecretStr = SecretStr("")
    callers: dict[str, SecretStr] = {}  # key id -> secret that the retailer signs with
    api_keys: dict[str, SecretStr] = {}  # name -> key that the retailer sends instead
    code_pattern: str = ""  # regular expression for whole codes; others are never passed on
    card_authorization: Literal["retailer", "own"] = "retailer"
    associates: Literal["at work", "shoppers"] = "at work"  # shoppers: they buy like others
    item_type: Literal["SKU", "SCANCODE"] = "SCANCODE"  # what the retailer calls our GTINs
    charge_carts: bool = False  # a priced cart is charged at once, without a capture

    @field_validator("code_pattern")
    @classmethod
    def _is_regular_expression(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return pattern


class StripeSettings(BaseModel):
    """The account at Stripe that the money goes to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: SecretStr  # secret or restricted key; it belongs in the environment
    webhook_secrets: Annotated[tuple[SecretStr, ...], Field(min_length=1)]  # two while one changes
    url: Annotated[str | None, Field(pattern=STRIPE_URL)] = None  # for tests; left out: Stripe

    @field_validator("key")
    @classmethod
    def _opens_the_api(cls, key: SecretStr) -> SecretStr:
        if re.fullmatch(STRIPE_KEY, key.get_secret_value()) is None:
            raise ValueError("a secret or restricted key of Stripe is sk_ or rk_ and letters")
        return key

    @field_validator("webhook_secrets")
    @classmethod
    def _are_of_an_endpoint(cls, secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if not all(secret.get_secret_value().startswith("whsec_") for secret in secrets):
            raise ValueError("the secret of a webhook endpoint begins with whsec_")
        return secrets


class RetentionSettings(BaseModel):
    """How many days each kind of data is kept (docs/privacy.md); a daily job deletes the rest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    refused_payloads_days: Annotated[int, Field(ge=1)] = 14  # to mend a device (guess)
    recordings_days: Annotated[int, Field(ge=1)] = 30  # a month of test material (guess)
    notes_days: Annotated[int, Field(ge=7)] = 30  # webhooks give up after 3 days
    events_days: Annotated[int, Field(ge=7)] = 90  # evidence for contests and disputes (guess)
    audit_days: Annotated[int, Field(ge=30)] = 365  # law of the card trade: PCI DSS 4.0, 10.5.1
    case_texts_days: Annotated[int, Field(ge=1)] = 365  # after a case is closed (guess)
    links_days: Annotated[int, Field(ge=30)] = 730  # law: warranty, Directive (EU) 2019/771, 10
    money_days: Annotated[int, Field(ge=365)] = 3_653  # law: ten years of books, e.g. AO § 147 (3)


class Settings(BaseSettings):
    """Everything `store-engine run` needs to know."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,  # it may be a key
    )

    store: Path  # folder of the store's files
    data: Path = Path("out")  # folder of the database, unless that is elsewhere
    database: SecretStr | None = None  # URL of the store of record; left out: a SQLite file in data
    record: Path | None = None  # also keep every heard message in this MCAP file
    broker: BrokerSettings = BrokerSettings()
    access: AccessSettings = AccessSettings()
    retention: RetentionSettings = RetentionSettings()
    office: OfficeSettings = OfficeSettings()
    back_end: Literal["own", "jwo"] = "own"  # jwo: a retailer's, which says who comes in
    jwo: JwoSettings | None = None
    payments: Literal["simulated", "stripe"] = "simulated"
    stripe: StripeSettings | None = None
    tick_ms: Annotated[int, Field(ge=10, le=10_000)] = 100  # quiet time is said this often
    snapshot_every_s: Annotated[float, Field(gt=0.0)] = 10.0  # engine time between snapshots
    clock_speed: Annotated[float, Field(gt=0.0, le=100.0)] = 1.0  # store seconds per second: only
    # for a simulator that plays faster than real time and was told the same speed
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @model_validator(mode="after")
    def _says_who_the_retailer_is(self) -> "Settings":
        if self.back_end == "jwo" and self.jwo is None:
            raise ValueError('back_end = "jwo" needs a section [jwo]')
        if self.back_end == "jwo" and self.office.more_stores:
            raise ValueError('back_end = "jwo" takes one store: no office.more_stores')
        return self

    @model_validator(mode="after")
    def _says_which_account_is_paid(self) -> "Settings":
        if self.payments == "stripe" and self.stripe is None:
            raise ValueError('payments = "stripe" needs stripe.key and stripe.webhook_secrets')
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file; no dotenv, no secrets folder."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings


def load_settings(path: Path | None = None) -> Settings:
    """Return the settings in `path`, overridden by the environment.

    Without a file the environment must say everything that has no default.

    Raises:
        ConfigError: names the file or variable, the setting and the limit.
    """
    try:
        return Settings(**_from_file(path))
    except ValidationError as error:
        where = "environment" if path is None else f"{path.name} or environment"
        raise ConfigError("\n".join(_lines(error, where))) from error
    except SettingsError as error:
        raise ConfigError(f"environment: {error}") from error


def _from_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    if not path.is_file():
        raise ConfigError(f"{path}: no such file")
    try:
        return TomlConfigSettingsSource(Settings, toml_file=path)()
    except ValueError as error:  # includes tomllib.TOMLDecodeError
        raise ConfigError(f"{path.name}: {error}") from error


def _lines(error: ValidationError, where: str) -> list[str]:
    """Return one line per mistake, without the value: it may be a password."""
    lines = []
    for mistake in error.errors(include_url=False, include_input=False):
        setting = ".".join(map(str, mistake["loc"]))
        lines.append(f"{where}, {setting}: {mistake['msg'].removeprefix('Value error, ')}")
    return lines
