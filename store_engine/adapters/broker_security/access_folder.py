"""The folder in which a store's broker access is kept.

    authority/        vouches for everybody: belongs in a safe place, not on the broker's machine
    broker/           all the broker needs; copied to its machine after every change
      mosquitto.conf  access.acl  authority.crt  broker.crt  broker.key  revoked.crl  state/
    clients/NAME/     all one device (or the engine) needs; copied there
      authority.crt  client.crt  client.key

`authority/` is the register; everything else can be written again from it, keys excepted.
"""

import ipaddress
import re
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from store_engine.adapters.broker_security import access, client_files, mosquitto
from store_engine.adapters.broker_security.certificates import (
    CLIENT_DAYS,
    common_name,
    hosts_of,
    issue_broker,
    issue_client,
    key_pem,
    pem,
    role_of,
)
from store_engine.adapters.broker_security.files import PRIVATE, alone, make_private, write_whole
from store_engine.adapters.broker_security.register import Register, read_certificate
from store_engine.errors import ConfigError
from store_engine.store_map import StoreMap


class Holder(NamedTuple):
    """One certificate and whose it is."""

    name: str
    kind: str  # what the store map says it is; empty when it is no longer there
    serial: str  # hexadecimal
    expires: datetime  # UTC
    revoked: datetime | None  # UTC


class AccessFolder:
    """Begins, enrolls, revokes and lists who may speak at one store's broker.

    Every change ends in `broker/`. mosquitto reads these files as it starts, and again on SIGHUP;
    but when it cannot read one on SIGHUP it forgets what the file forbade (measured, 2.0.11),
    while it does not start without them. So a restart is the safe way; its queues are kept.
    """

    def __init__(self, root: Path, store_map: StoreMap) -> None:
        """Open a folder. Raises `ConfigError` when there is none or it is another store's."""
        self.root = root
        self.broker = root / "broker"
        self.clients = root / "clients"
        self._map = store_map
        self._register = Register(root / "authority")
        if self._register.store != store_map.store:
            raise ConfigError(
                f"{root} is for store {self._register.store!r}, not {store_map.store!r}"
            )

    @classmethod
    def begin(
        cls, root: Path, store_map: StoreMap, plan: mosquitto.BrokerPlan, *, now: datetime
    ) -> "AccessFolder":
        """Make an authority, the broker's certificate and its configuration.

        Raises:
            ConfigError: there is an authority already, or the plan cannot be: names what and why.
        """
        _check(plan, store_map)
        root.mkdir(parents=True, exist_ok=True)
        Register.begin(root / "authority", store_map.store, now=now)
        begun = cls(root, store_map)
        make_private(begun.broker)
        make_private(begun.broker / mosquitto.STATE_FOLDER)
        config = mosquitto.mosquitto_conf(plan, (plan.folder or begun.broker).absolute())
        write_whole(begun.broker / mosquitto.CONFIG_FILE, config.encode())
        begun._certify_broker(plan.hosts, now)
        begun._tell_broker()
        return begun

    def enroll(self, device: str, *, now: datetime, days: int = CLIENT_DAYS) -> Path:
        """Issue a device a new key and certificate; return the folder that it needs.

        What it had before stays good until it expires or is revoked: the new one has to be carried
        to the device first.

        Raises:
            ConfigError: the store does not know the device.
        """
        access.check_device(self._map, device)
        return self._enroll(device, now=now, days=days)

    def enroll_engine(self, *, now: datetime, days: int = CLIENT_DAYS) -> Path:
        """Issue the engine a new key and certificate; return the folder that it needs."""
        return self._enroll(access.ENGINE, now=now, days=days)

    def enroll_observer(self, name: str, *, now: datetime, days: int = CLIENT_DAYS) -> Path:
        """Issue a key and certificate to who may hear everything and say nothing.

        Raises:
            ConfigError: the name is a device's, or cannot be one.
        """
        access.check_observer(self._map, name)
        return self._enroll(name, now=now, days=days, role=access.OBSERVER)

    def renew_broker(self, *, now: datetime) -> None:
        """Give the broker a new key and certificate for the same names and addresses."""
        with alone(self._register.folder):
            self._certify_broker(self.broker_hosts(), now)

    def revoke(self, name: str, *, now: datetime, only_older: bool = False) -> int:
        """Revoke every certificate of a name, and what the name may do; return how many.

        only_older: keep the latest, once a renewed device uses it.

        Raises:
            ConfigError: nothing was ever issued to that name, or it is the broker's.
        """
        if name == access.BROKER:
            raise ConfigError(
                "devices do not ask whether the broker's certificate was revoked: if its key was "
                "stolen, begin a new authority in a new folder"
            )
        with alone(self._register.folder):
            serials = self._serials_of(name)
            count = self._register.revoke(serials[:-1] if only_older else serials, now=now)
            self._tell_broker()
        return count

    def holders(self) -> list[Holder]:
        """Return every certificate ever issued, by name and then in order of issue."""
        revoked = self._register.revoked()
        holders = [
            Holder(
                common_name(one),
                access.kind_of(self._map, common_name(one), role=role_of(one)),
                f"{one.serial_number:x}",
                one.not_valid_after_utc,
                revoked.get(one.serial_number),
            )
            for one in self._register.certificates()
        ]
        return sorted(holders, key=lambda holder: holder.name)

    def broker_hosts(self) -> tuple[str, ...]:
        """Return the names and addresses that the broker is reached under."""
        return hosts_of(read_certificate(self.broker / mosquitto.CERTIFICATE_FILE))

    def broker_port(self) -> int:
        """Return the port in the broker's configuration."""
        config = (self.broker / mosquitto.CONFIG_FILE).read_text()
        found = re.search(r"^listener (\d+)", config, re.MULTILINE)
        if found is None:
            raise ConfigError(f"{self.broker / mosquitto.CONFIG_FILE}: no listener")
        return int(found[1])

    def _enroll(self, name: str, *, now: datetime, days: int, role: str = "") -> Path:
        folder = self.clients / name
        sign = partial(issue_client, name=name, now=now, days=days, role=role)
        with alone(self._register.folder):
            self._check_role(name, role)
            identity = self._register.issue(sign)
            make_private(self.clients)
            make_private(folder)
            authority = self._register.certificate_file.read_bytes()
            write_whole(folder / client_files.AUTHORITY_FILE, authority)
            write_whole(folder / client_files.KEY_FILE, key_pem(identity), mode=PRIVATE)
            write_whole(folder / client_files.CERTIFICATE_FILE, pem(identity.certificate))
            self._tell_broker()
        return folder

    def _check_role(self, name: str, role: str) -> None:
        """A name has one role: who holds a certificate of another would gain this one's rights."""
        for one in self._register.in_force():
            if common_name(one) == name and role_of(one) != role:
                raise ConfigError(
                    f"{name!r} holds a certificate as {role_of(one) or 'device'}: revoke it first"
                )

    def _certify_broker(self, hosts: tuple[str, ...], now: datetime) -> None:
        identity = self._register.issue(
            partial(issue_broker, name=access.BROKER, hosts=hosts, now=now)
        )
        write_whole(self.broker / mosquitto.KEY_FILE, key_pem(identity), mode=PRIVATE)
        write_whole(self.broker / mosquitto.CERTIFICATE_FILE, pem(identity.certificate))

    def _tell_broker(self) -> None:
        """Bring what the broker reads in step with the register, revocations first."""
        for source, name in (
            (self._register.revoked_file, mosquitto.REVOKED_FILE),
            (self._register.certificate_file, mosquitto.AUTHORITY_FILE),
        ):
            write_whole(self.broker / name, source.read_bytes())
        holders = {(common_name(one), role_of(one)) for one in self._register.in_force()}
        rights = [access.rights_of(self._map, name, role=role) for name, role in holders]
        acl = access.acl_file(rights)
        write_whole(self.broker / mosquitto.ACL_FILE, acl.encode(), mode=PRIVATE)

    def _serials_of(self, name: str) -> list[int]:
        issued = self._register.certificates()
        serials = [one.serial_number for one in issued if common_name(one) == name]
        if not serials:
            names = sorted({common_name(one) for one in issued} - {access.BROKER})
            raise ConfigError(f"{name!r} was never enrolled; {', '.join(names) or 'nobody'} was")
        return serials


def _check(plan: mosquitto.BrokerPlan, store_map: StoreMap) -> None:
    access.check_name(store_map.store, "store")
    try:
        ipaddress.ip_address(plan.listen)
    except ValueError:
        raise ConfigError(f"listening on {plan.listen!r}: an IP address is expected") from None
    if not plan.hosts:
        raise ConfigError("devices reach the broker under some name or address: name at least one")
    for host in plan.hosts:
        access.check_host(host)
