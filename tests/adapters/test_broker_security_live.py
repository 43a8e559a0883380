"""A real mosquitto, configured by `store-engine devices`: who gets in, and what they may say."""

import socket
import ssl
import subprocess
import warnings
from datetime import UTC, datetime, timedelta

import pytest

from store_engine.adapters.broker_security.certificates import (
    issue_client,
    key_pem,
    new_authority,
    pem,
)
from store_engine.adapters.broker_security.client_files import client_tls
from store_engine.adapters.mqtt import BrokerAddress, MqttLink
from store_engine.messages import Receipt, ShelfWeights
from store_engine.topics import TOPICS, own_topics, subscriptions, topic_for
from tests.adapters.secured_broker import (
    LOOPBACK,
    MAP,
    NOW,
    OBSERVER,
    TIMEOUT_S,
    Client,
    answer,
    attempt,
    connected,
    eventually,
    reload,
    secured,
)

ENGINE = "store-engine"
FRAMES = "stores/tiny/cameras/cam/frames"
RECEIPTS = "stores/tiny/receipts/v1"
ALLOWED = "allowed"
REFUSED = "Not authorized"
REVOKED = "SSLV3_ALERT_CERTIFICATE_REVOKED"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Access folder and running broker; nobody is revoked here."""
    with secured(tmp_path_factory.mktemp("shop") / "secure") as shop:
        yield shop


@pytest.fixture
def own_shop(tmp_path):
    """One to revoke and restart in."""
    with secured(tmp_path / "secure") as shop:
        yield shop


def trusting(access):
    """A client that trusts the broker and has nothing to show."""
    return ssl.create_default_context(cafile=access.broker / "authority.crt")


def showing(access, identity, folder):
    """A client that trusts the broker and shows this certificate."""
    (folder / "shown.crt").write_bytes(pem(identity.certificate))
    (folder / "shown.key").write_bytes(key_pem(identity))
    context = trusting(access)
    context.load_cert_chain(folder / "shown.crt", folder / "shown.key")
    return context


# ---- who gets in -----------------------------------------------------------------------------


def test_an_enrolled_device_gets_in(shop):
    access, broker = shop
    assert answer(broker, client_tls(access.clients, "cam")) == "welcome"


def test_without_a_certificate_nobody_gets_in(shop):
    access, broker = shop
    assert "ALERT_HANDSHAKE_FAILURE" in answer(broker, trusting(access))


def test_a_certificate_of_an_authority_of_ones_own_opens_nothing(shop, tmp_path):
    access, broker = shop
    forged = issue_client(new_authority("tiny", now=NOW), "cam", now=NOW, days=1)
    assert "UNKNOWN_CA" in answer(broker, showing(access, forged, tmp_path))


def test_a_device_cannot_vouch_for_another(shop, tmp_path):
    access, broker = shop
    authority = new_authority("tiny", now=NOW)
    device = issue_client(authority, "cam", now=NOW, days=1)
    vouched = issue_client(device, "door", now=NOW, days=1)
    assert "ALERT" in answer(broker, showing(access, vouched, tmp_path))


def test_an_expired_certificate_opens_nothing(own_shop):
    access, broker = own_shop
    access.enroll("tracker", now=NOW - timedelta(days=10), days=9)
    assert "CERTIFICATE_EXPIRED" in answer(broker, client_tls(access.clients, "tracker"))


def test_the_certificate_of_a_broker_is_not_one_of_a_client(shop, tmp_path):
    access, broker = shop
    context = trusting(access)
    context.load_cert_chain(access.broker / "broker.crt", access.broker / "broker.key")
    assert "ALERT" in answer(broker, context)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_spoken_versions_of_tls_ask_for_a_certificate(shop, version):
    access, broker = shop
    stranger, known = trusting(access), client_tls(access.clients, "cam")
    stranger.minimum_version = stranger.maximum_version = version
    known.minimum_version = known.maximum_version = version
    assert attempt(broker, stranger)[0] != "welcome"
    assert attempt(broker, known)[0] == "welcome"


def test_older_versions_of_tls_are_not_spoken(shop):
    access, broker = shop
    context = client_tls(access.clients, "cam")
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # else our own side refuses to try
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    assert "PROTOCOL_VERSION" in attempt(broker, context)[0]


def test_a_device_does_not_talk_to_a_broker_of_another_name(shop):
    access, broker = shop
    context = client_tls(access.clients, "cam")
    with (
        socket.create_connection((LOOPBACK, broker.port)) as raw,
        pytest.raises(ssl.SSLCertVerificationError, match="mismatch"),
    ):
        context.wrap_socket(raw, server_hostname="broker.elsewhere")


# ---- what they may say -----------------------------------------------------------------------


@pytest.mark.parametrize("device", sorted(MAP.devices))
def test_what_a_device_says_of_itself_arrives(shop, device):
    access, broker = shop
    topics = own_topics(MAP, device)
    with connected(access, broker, ENGINE) as engine, connected(access, broker, device) as speaker:
        engine.listen(*(one for one, _ in subscriptions("tiny")))
        assert {speaker.say(topic, b"said") for topic in topics} <= {ALLOWED}
        eventually(lambda: [topic for topic, said in engine.heard if said == b"said"] == [*topics])


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.message.__name__)
def test_a_camera_says_nothing_else_and_nothing_in_the_name_of_another(shop, topic):
    access, broker = shop
    mine = own_topics(MAP, "cam")
    named = {topic.pattern.format(store="tiny", id=one) for one in ("cam", "shelf-1", "door")}
    with connected(access, broker, ENGINE) as engine, connected(access, broker, "cam") as camera:
        engine.listen("stores/#")
        assert {camera.say(forged, b"forged") for forged in named - {*mine}} == {REFUSED}
        camera.say(FRAMES, b"last")
        eventually(lambda: (FRAMES, b"last") in engine.heard)
    assert b"forged" not in {payload for _, payload in engine.heard}


def test_a_camera_cannot_publish_weights(shop):
    access, broker = shop
    weights = topic_for(ShelfWeights).pattern.format(store="tiny", id="shelf-1")
    with connected(access, broker, "cam") as camera:
        assert camera.say(weights) == REFUSED


def test_a_camera_has_no_say_in_another_store(shop):
    access, broker = shop
    with connected(access, broker, "cam") as camera:
        assert camera.say(FRAMES.replace("tiny", "elsewhere")) == REFUSED


def test_a_last_will_in_the_name_of_another_is_not_carried_out(shop):
    access, broker = shop
    forged, own = "stores/tiny/devices/door/status", "stores/tiny/devices/cam/status"
    with connected(access, broker, ENGINE) as engine:
        engine.listen("stores/tiny/devices/+/status")
        for will in (forged, own):
            Client(broker, client_tls(access.clients, "cam"), will=will).vanish()
        eventually(lambda: (own, b"gone") in engine.heard)
    assert (forged, b"gone") not in engine.heard


def test_a_device_hears_no_carts_receipts_nor_what_others_say(shop):
    access, broker = shop
    cart, frames = "stores/tiny/carts/v1", FRAMES
    with connected(access, broker, ENGINE) as engine, connected(access, broker, "door") as door:
        door.listen("#", cart, RECEIPTS, frames, "$SYS/#")
        with connected(access, broker, "cam") as camera:
            camera.say(frames)
        assert engine.say(cart, b"cart", retain=True) == engine.say(RECEIPTS) == ALLOWED
        engine.listen("stores/tiny/gates/+/scans")
        door.say("stores/tiny/gates/door/scans", b"last")
        eventually(lambda: engine.heard)
        door.listen(cart)  # again, now that one is retained: a round trip behind all of it
    assert door.heard == []


def test_a_device_cannot_take_over_the_session_of_the_engine(shop):
    access, broker = shop
    with connected(access, broker, ENGINE, name=ENGINE) as engine:
        with connected(access, broker, "cam", name=ENGINE) as camera:
            assert camera.say(FRAMES) == ALLOWED
        assert engine.say(RECEIPTS) == ALLOWED
        assert not engine.dropped


def test_an_observer_hears_receipts_and_can_say_nothing(shop):
    access, broker = shop
    with connected(access, broker, OBSERVER) as observer:
        observer.listen("stores/#")
        assert {observer.say(on) for on in (RECEIPTS, FRAMES, "anything")} == {REFUSED}
        with connected(access, broker, ENGINE) as engine:
            engine.say(RECEIPTS, b"receipt")
        eventually(lambda: (RECEIPTS, b"receipt") in observer.heard)


# ---- the engine ------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.message.__name__)
def test_the_engine_says_receipts_but_never_what_devices_or_the_edge_say(shop, topic):
    access, broker = shop
    with connected(access, broker, ENGINE) as engine:
        said = engine.say(topic.pattern.format(store="tiny", id="v1"))
    assert said == (ALLOWED if topic.flow == "said" else REFUSED)


def test_the_link_of_the_engine_catches_up_hears_and_speaks(shop):
    access, broker = shop
    files = access.clients / ENGINE
    address = BrokerAddress(
        host=LOOPBACK,
        port=broker.port,
        client_id="any",
        tls=True,
        ca_file=files / "authority.crt",
        certificate_file=files / "client.crt",
        key_file=files / "client.key",
    )
    heard = []
    link = MqttLink(address, subscriptions=subscriptions("tiny"), grace_s=0)
    link.start(lambda topic, payload, _: heard.append((topic, payload)))
    eventually(link.caught_up)
    with connected(access, broker, "cam") as camera:
        camera.say(FRAMES, b"frame")
    link.publish(RECEIPTS, b"receipt", qos=topic_for(Receipt).qos, retain=False)
    eventually(lambda: (FRAMES, b"frame") in heard and link.pending() == 0)
    link.close()


# ---- revocation and renewal ------------------------------------------------------------------


def test_a_revoked_certificate_opens_nothing_once_the_broker_reads_the_list_again(own_shop):
    access, broker = own_shop
    access.revoke("cam", now=datetime.now(UTC))
    assert answer(broker, client_tls(access.clients, "cam")) == "welcome"  # it has not read it yet
    reload(broker)
    eventually(lambda: answer(broker, client_tls(access.clients, "cam")) == REVOKED)
    assert answer(broker, client_tls(access.clients, "door")) == "welcome"


def test_every_revocation_holds_though_our_clock_stands_still_or_is_set_back(own_shop):
    access, broker = own_shop
    for device, passed_s in (("cam", 0), ("door", 0), ("tracker", -60)):
        access.revoke(device, now=NOW + timedelta(seconds=passed_s))
        reload(broker)
        eventually(lambda who=device: answer(broker, client_tls(access.clients, who)) == REVOKED)
    assert answer(broker, client_tls(access.clients, "cam")) == REVOKED


def test_a_revoked_certificate_opens_nothing_after_a_restart(own_shop):
    access, broker = own_shop
    access.revoke("cam", now=datetime.now(UTC))
    broker.stop()
    broker.start_again()
    assert answer(broker, client_tls(access.clients, "cam")) == REVOKED


@pytest.mark.parametrize("lost", ["access.acl", "revoked.crl", "authority.crt"])
def test_a_broker_that_cannot_read_who_is_allowed_does_not_start(own_shop, lost):
    access, broker = own_shop
    broker.stop()
    (access.broker / lost).unlink()
    start = subprocess.run(broker.command, check=False, capture_output=True, timeout=TIMEOUT_S)
    assert start.returncode != 0
    assert lost.encode() in start.stderr


def test_a_revoked_device_does_not_slip_in_by_resuming_an_old_tls_session(own_shop):
    access, broker = own_shop
    context = client_tls(access.clients, "cam")
    welcome, session = attempt(broker, context)
    assert welcome == "welcome"
    assert session.has_ticket
    access.revoke("cam", now=datetime.now(UTC))
    reload(broker)
    eventually(lambda: answer(broker, client_tls(access.clients, "cam")) == REVOKED)
    assert attempt(broker, context, session)[0] != "welcome"


def test_a_revoked_device_that_is_connected_is_no_longer_listened_to(own_shop):
    access, broker = own_shop
    with connected(access, broker, "cam") as camera:
        assert camera.say(FRAMES) == ALLOWED
        access.revoke("cam", now=datetime.now(UTC))
        reload(broker)
        eventually(lambda: camera.say(FRAMES) == REFUSED)


def test_a_device_enrolled_anew_after_its_certificate_was_stolen_gets_in_and_the_thief_does_not(
    own_shop, tmp_path
):
    access, broker = own_shop
    stolen = client_tls(access.clients, "cam")
    access.revoke("cam", now=datetime.now(UTC))
    access.enroll("cam", now=datetime.now(UTC))
    reload(broker)
    eventually(lambda: answer(broker, stolen) == REVOKED)
    with connected(access, broker, "cam") as camera:
        assert camera.say(FRAMES) == ALLOWED


def test_a_renewed_broker_certificate_is_shown_after_a_reload(own_shop):
    access, broker = own_shop
    before = ssl.get_server_certificate((LOOPBACK, broker.port))
    access.renew_broker(now=NOW)
    reload(broker)
    eventually(lambda: ssl.get_server_certificate((LOOPBACK, broker.port)) != before)
    assert answer(broker, client_tls(access.clients, "cam")) == "welcome"
