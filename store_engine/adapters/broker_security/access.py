"""What each name may publish and hear at the broker, as mosquitto's access list.

Nothing is written by hand here: the topics come from `store_engine.topics`, who speaks on them
from the store map. What is not listed is forbidden, so nobody publishes what the engine's own
edge says.
"""

import ipaddress
import re
from collections.abc import Iterable
from typing import NamedTuple

from store_engine.adapters.broker_security.certificates import NAME_MAX
from store_engine.adapters.mqtt import caught_up_topic
from store_engine.errors import ConfigError
from store_engine.store_map import StoreMap
from store_engine.topics import TOPICS, own_topics, speakers

ENGINE = "store-engine"  # the engine's name at the broker, also its client id there
BROKER = "broker"  # the broker's own name; as a client it may do nothing
OBSERVER = "observer"  # the role of who may hear everything and say nothing: a screen, a recorder
RESERVED = frozenset({ENGINE, BROKER, "authority"})

_ANY = "+"  # one level of a topic
_PLACE = caught_up_topic(_ANY)
_PLAIN = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{NAME_MAX - 1}}}")
_DNS_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_ONE_OF = {"gates": "gate", "cameras": "camera", "trackers": "tracker", "shelves": "shelf"}


class Rights(NamedTuple):
    """What one name may do: topic filters."""

    name: str
    publishes: tuple[str, ...] = ()
    hears: tuple[str, ...] = ()


def rights_of(store_map: StoreMap, name: str, *, role: str = "") -> Rights:
    """Return what a name may do: a device publish its own topics, a stranger nothing."""
    if role == OBSERVER:
        return Rights(name, hears=(*_filters(store_map.store, "heard", "said"), _PLACE))
    if name == ENGINE:
        return engine_rights(store_map.store)
    return Rights(name, publishes=() if name in RESERVED else own_topics(store_map, name))


def engine_rights(store: str) -> Rights:
    """Return what the engine may do: say what it says, hear what devices say, find its place.

    The last is a message to itself behind the backlog, under whatever client id its settings name.
    """
    return Rights(
        ENGINE,
        publishes=(*_filters(store, "said"), _PLACE),
        hears=(*_filters(store, "heard"), _PLACE),
    )


def acl_file(rights: Iterable[Rights]) -> str:
    """Return the access list of everybody with any rights."""
    lines = ["# Written by `store-engine devices`; what is not listed is forbidden."]
    for one in sorted(rights):
        if one.publishes or one.hears:
            lines += ["", f"user {one.name}"]
            lines += [f"topic write {topic}" for topic in one.publishes]
            lines += [f"topic read {topic}" for topic in one.hears]
    return "\n".join(lines) + "\n"


def kind_of(store_map: StoreMap, name: str, *, role: str = "") -> str:
    """Return what a name is, in words; empty when the store does not know it."""
    if role:
        return role
    if name in (ENGINE, BROKER):
        return {ENGINE: "engine", BROKER: "broker"}[name]
    kinds = (kind for kind, names in speakers(store_map).items() if name in names)
    return ", ".join(_ONE_OF[kind] for kind in kinds if kind in _ONE_OF)


def check_name(name: str, what: str) -> None:
    """Raise `ConfigError` unless a name can be a common name, a file name and a line of a list."""
    if not _PLAIN.fullmatch(name):
        raise ConfigError(
            f"{what} {name!r}: a name at the broker is 1 to {NAME_MAX} letters, digits, "
            "'.', '_' or '-', the first a letter or digit"
        )


def check_host(host: str) -> None:
    """Raise `ConfigError` unless a broker can be reached under this name or address."""
    try:
        nowhere = ipaddress.ip_address(host).is_unspecified  # 0.0.0.0: an address to listen on only
    except ValueError:
        nowhere = not _DNS_NAME.fullmatch(host)
    if nowhere:
        raise ConfigError(f"host {host!r}: a DNS name or IP address that devices use is expected")


def check_device(store_map: StoreMap, name: str) -> None:
    """Raise `ConfigError` unless this store knows a device of that name that can be enrolled."""
    if name not in store_map.devices:
        known = ", ".join(sorted(store_map.devices))
        raise ConfigError(f"device {name!r}: store {store_map.store!r} knows {known}")
    if name in RESERVED:
        raise ConfigError(f"device {name!r}: the name is taken; call the device something else")
    check_name(name, "device")


def check_observer(store_map: StoreMap, name: str) -> None:
    """Raise `ConfigError` unless somebody who only listens can have this name."""
    if name in store_map.devices or name in RESERVED:
        raise ConfigError(f"observer {name!r}: the name is taken")
    check_name(name, "observer")


def _filters(store: str, *flows: str) -> tuple[str, ...]:
    """Return the filters of all topics that flow this way."""
    patterns = (topic.pattern for topic in TOPICS if topic.flow in flows)
    return tuple(pattern.format(store=store, id=_ANY) for pattern in patterns)
