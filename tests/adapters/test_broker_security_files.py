"""The folder that `store-engine devices` keeps: keys, certificates, lists. No broker here."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from store_engine.adapters.broker_security.access_folder import AccessFolder
from store_engine.adapters.broker_security.certificates import (
    AUTHORITY_DAYS,
    issue_client,
    new_authority,
    revocation_list,
)
from store_engine.adapters.broker_security.client_files import client_tls
from store_engine.adapters.broker_security.mosquitto import BrokerPlan
from store_engine.errors import ConfigError
from tests.tiny_store import tiny_store

MAP = tiny_store().map
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
AUTHORITY = new_authority("tiny", now=NOW)
PLAN = BrokerPlan(listen="127.0.0.1", hosts=("broker.shop", "10.0.0.5"))


@pytest.fixture
def access(tmp_path):
    return AccessFolder.begin(tmp_path / "secure", MAP, PLAN, now=NOW)


def certificate(path):
    return x509.load_pem_x509_certificate(path.read_bytes())


def listed(access):
    """The names in the access list."""
    lines = (access.broker / "access.acl").read_text().splitlines()
    return [line.removeprefix("user ") for line in lines if line.startswith("user ")]


def test_keys_are_readable_by_their_owner_only(access):
    access.enroll("cam", now=NOW)
    access.enroll_engine(now=NOW)
    keys = [
        path
        for path in access.root.rglob("*")
        if path.is_file() and b"PRIVATE" in path.read_bytes()
    ]
    assert {path.name for path in keys} == {"authority.key", "broker.key", "client.key"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}
    assert {stat.S_IMODE(path.parent.stat().st_mode) for path in keys} == {0o700}


def test_a_renewed_key_is_as_private_as_the_first(access):
    folder = access.enroll("cam", now=NOW)
    (folder / "client.key").chmod(0o644)
    access.enroll("cam", now=NOW)
    assert stat.S_IMODE((folder / "client.key").stat().st_mode) == 0o600


def test_a_device_is_its_common_name_and_only_a_client(access):
    found = certificate(access.enroll("cam", now=NOW) / "client.crt")
    assert found.subject.rfc4514_string() == "CN=cam,O=tiny"
    purposes = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_no_certificate_outlives_its_authority(access):
    late = NOW + timedelta(days=AUTHORITY_DAYS - 1)
    found = certificate(access.enroll("cam", now=late, days=730) / "client.crt")
    assert found.not_valid_after_utc == NOW + timedelta(days=AUTHORITY_DAYS)


def test_the_broker_is_certified_for_the_names_devices_reach_it_under(access):
    assert access.broker_hosts() == ("broker.shop", "10.0.0.5")
    before = certificate(access.broker / "broker.crt").serial_number
    access.renew_broker(now=NOW)
    assert access.broker_hosts() == ("broker.shop", "10.0.0.5")
    assert certificate(access.broker / "broker.crt").serial_number != before


def test_revoking_takes_every_certificate_of_a_name_and_its_rights(access):
    for _ in range(2):
        access.enroll("cam", now=NOW)
    access.enroll("door", now=NOW)
    assert access.revoke("cam", now=NOW) == 2
    assert {one.name for one in access.holders() if one.revoked} == {"cam"}
    assert listed(access) == ["door"]


def test_revoking_twice_changes_nothing_and_keeps_the_first_moment(access):
    access.enroll("cam", now=NOW)
    access.revoke("cam", now=NOW)
    assert access.revoke("cam", now=NOW + timedelta(days=1)) == 0
    assert [one.revoked for one in access.holders() if one.name == "cam"] == [NOW]


def test_a_renewed_device_can_lose_only_its_older_certificates(access):
    for _ in range(3):
        access.enroll("cam", now=NOW)
    assert access.revoke("cam", now=NOW, only_older=True) == 2
    assert [bool(one.revoked) for one in access.holders() if one.name == "cam"] == [
        True,
        True,
        False,
    ]
    assert listed(access) == ["cam"]


def test_a_revoked_device_that_is_enrolled_again_may_speak_again(access):
    access.enroll("cam", now=NOW)
    access.revoke("cam", now=NOW)
    access.enroll("cam", now=NOW)
    assert listed(access) == ["cam"]
    assert [bool(one.revoked) for one in access.holders() if one.name == "cam"] == [True, False]


@settings(max_examples=25)
@given(st.lists(st.integers(-100_000, 100_000), min_size=2, max_size=4))
def test_every_revocation_list_is_dated_after_the_one_before(moments_s):
    dates, previous = [], None
    for offset_s in moments_s:  # a clock that is set back, or several changes in one second
        now = NOW + timedelta(seconds=offset_s)
        previous = revocation_list(AUTHORITY, {1: NOW}, now=now, previous=previous)
        dates.append(previous.last_update_utc)
    assert dates == sorted(set(dates))


def test_what_is_revoked_stays_revoked_over_later_changes(access):
    for device in ("cam", "door"):
        access.enroll(device, now=NOW)
        access.revoke(device, now=NOW)
    in_force = [one.name for one in access.holders() if not one.revoked]
    assert in_force == ["broker"]
    assert listed(access) == []


def test_a_name_has_one_role(access):
    access.enroll_observer("till", now=NOW)
    later = tiny_store().map
    object.__setattr__(later, "trackers", ("till",))
    again = AccessFolder(access.root, later)
    with pytest.raises(
        ConfigError, match="'till' holds a certificate as observer: revoke it first"
    ):
        again.enroll("till", now=NOW)
    again.revoke("till", now=NOW)
    again.enroll("till", now=NOW)
    assert listed(again) == ["till"]


def test_revocations_at_the_same_moment_are_all_kept(access):
    devices = sorted(MAP.devices)
    for device in devices:
        access.enroll(device, now=NOW)
    with ThreadPoolExecutor() as people:
        counts = list(people.map(lambda one: access.revoke(one, now=NOW), devices))
    assert counts == [1] * len(devices)
    assert {one.name for one in access.holders() if one.revoked} == set(devices)


def test_a_second_authority_does_not_take_the_place_of_the_first(access):
    before = (access.broker / "authority.crt").read_bytes()
    with pytest.raises(ConfigError, match="an authority already; nothing was changed"):
        AccessFolder.begin(access.root, MAP, PLAN, now=NOW)
    assert (access.broker / "authority.crt").read_bytes() == before


def test_the_folder_of_another_store_is_not_touched(access):
    other = tiny_store().map
    object.__setattr__(other, "store", "elsewhere")
    with pytest.raises(ConfigError, match="is for store 'tiny', not 'elsewhere'"):
        AccessFolder(access.root, other)


def test_a_lost_revocation_list_is_an_error_and_not_an_empty_one(access):
    access.enroll("cam", now=NOW)
    (access.root / "authority" / "revoked.crl").unlink()
    with pytest.raises(ConfigError, match=r"revoked\.crl"):
        access.revoke("cam", now=NOW)


@pytest.mark.parametrize("name", ["door", "cma"])
def test_whom_nothing_was_issued_to_cannot_be_revoked(access, name):
    access.enroll("cam", now=NOW)
    with pytest.raises(ConfigError, match=f"'{name}' was never enrolled; cam was"):
        access.revoke(name, now=NOW)


def test_the_brokers_own_certificate_is_not_revoked_because_nobody_would_ask(access):
    with pytest.raises(ConfigError, match="new authority in a new folder"):
        access.revoke("broker", now=NOW)


@pytest.mark.parametrize(
    ("plan", "complaint"),
    [
        (PLAN._replace(listen="broker.shop"), "an IP address is expected"),
        (PLAN._replace(hosts=()), "name at least one"),
        (PLAN._replace(hosts=("a b",)), "host 'a b': a DNS name or IP address"),
        (PLAN._replace(hosts=("0.0.0.0",)), "host '0.0.0.0': a DNS name or IP address"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_before_anything_is_written(tmp_path, plan, complaint):
    with pytest.raises(ConfigError, match=complaint):
        AccessFolder.begin(tmp_path / "secure", MAP, plan, now=NOW)
    assert list(tmp_path.iterdir()) == []


def test_the_configuration_names_files_where_the_broker_will_find_them(tmp_path):
    plan = PLAN._replace(folder=tmp_path / "there")
    access = AccessFolder.begin(tmp_path / "here", MAP, plan, now=NOW)
    lines = (access.broker / "mosquitto.conf").read_text().splitlines()
    pointing = [line for line in lines if "file " in line and not line.startswith("#")]
    assert len(pointing) == 5
    assert all(str(tmp_path / "there") in line for line in pointing)


def test_who_has_no_certificate_is_told_how_to_get_one(access):
    with pytest.raises(ConfigError, match=r"'cam' has no certificate in .*devices enroll cam"):
        client_tls(access.clients, "cam")


def test_a_broken_certificate_is_named(access):
    folder = access.enroll("cam", now=NOW)
    (folder / "client.crt").write_text("broken")
    with pytest.raises(ConfigError, match=r"client\.crt and .*client\.key: not a PEM certificate"):
        client_tls(access.clients, "cam")


def test_a_certificate_with_the_key_of_another_is_refused(access):
    cam, door = access.enroll("cam", now=NOW), access.enroll("door", now=NOW)
    (cam / "client.key").write_bytes((door / "client.key").read_bytes())
    with pytest.raises(ConfigError, match="not a PEM certificate and its key"):
        client_tls(access.clients, "cam")


def test_two_certificates_never_share_a_serial_number():
    issued = [issue_client(AUTHORITY, "cam", now=NOW, days=1) for _ in range(20)]
    assert len({one.certificate.serial_number for one in issued}) == 20
