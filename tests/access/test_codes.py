import base64
import hashlib
import hmac
import json

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import given
from hypothesis import strategies as st

from store_engine.access import new_key, read_code
from store_engine.units import to_us
from tests.access.signed_codes import ED, KEYS, NOW_US, P256, STORE, claims, code, signed

MALLORY = new_key(
    ed25519.Ed25519PrivateKey.from_private_bytes(b"m" * 32), key="ed", issuer="us", created_us=0
)


def read(text, *, at_s=0.0, store=STORE, keys=KEYS):
    return read_code(text, keys, store=store, time_us=NOW_US + to_us(at_s))


def reason(text, **how):
    return read(text, **how).reason


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("key", [ED, P256], ids=["EdDSA", "ES256"])
def test_a_good_code_says_who_and_how_many(key):
    good = read(code(key, people=4))
    assert (good.subject, good.people, good.code) == ("s-ada", 4, f"{key.key}/one")


def test_a_code_admits_one_person_unless_it_says_otherwise():
    assert read(code()).people == 1


@pytest.mark.parametrize("store", ["*", STORE])
def test_a_code_may_be_for_one_store_or_for_all(store):
    assert read(code(store=store)).subject == "s-ada"


def test_a_code_may_be_for_several_stores():
    assert read(signed(claims(aud=["other", STORE]))).subject == "s-ada"


def test_a_code_for_another_store_is_refused():
    assert reason(code(store="other")) == "code for another store"


def test_a_code_holds_until_its_end_and_a_little_leeway():
    assert read(code(), at_s=64.9).subject == "s-ada"
    assert reason(code(), at_s=65) == "code expired"


def test_a_code_from_the_future_is_refused_but_for_a_little_leeway():
    assert read(code(issued_s=5)).subject == "s-ada"
    assert reason(code(issued_s=6)) == "code not valid yet"
    now_s = NOW_US // 1_000_000
    assert reason(signed(claims(nbf=now_s + 30))) == "code not valid yet"


def test_a_code_that_would_live_for_long_is_refused():
    assert reason(code(lifetime_s=301)) == "code valid for too long"


def test_a_code_signed_by_somebody_else_is_forged():
    assert reason(code(MALLORY)) == "code forged"


@given(place=st.integers(0, 400))
def test_a_code_changed_anywhere_never_opens_the_gate(place):
    text = code()
    place %= len(text) - 1  # the last character carries unused bits
    changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
    assert hasattr(read(changed), "reason")


def test_a_code_without_a_signature_is_refused():
    unsigned = f"{part({'alg': 'none', 'typ': 'JWT', 'kid': 'ed'})}.{part(claims())}."
    assert reason(unsigned) == "code forged"


def test_a_public_key_is_not_a_shared_secret():
    head = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'ed'})}.{part(claims())}"
    mac = hmac.new(ED.public_pem.encode(), head.encode(), hashlib.sha256).digest()
    text = f"{head}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    assert reason(text) == "code forged"


def test_a_key_signs_with_its_own_algorithm_only():
    text = signed(claims(), private=P256.private_pem, algorithm="ES256", kid="ed")
    assert reason(text) == "code forged"


@pytest.mark.parametrize("kid", ["other", "", "../../etc/passwd"])
def test_an_unknown_key_is_refused(kid):
    assert reason(signed(claims(), kid=kid)) == "code signed with an unknown key"


def test_a_code_must_name_its_key():
    text = jwt.encode(claims(), ED.private_pem, algorithm="EdDSA")
    assert reason(text) == "code signed with an unknown key"


def test_a_retired_key_is_good_for_the_codes_it_signed_before():
    keys = {"ed": msgspec.structs.replace(ED, retired_us=NOW_US)}
    assert read(code(issued_s=-10), keys=keys).subject == "s-ada"
    assert reason(code(issued_s=0), keys=keys) == "code signed with a retired key"


def test_a_code_of_another_issuer_is_refused():
    assert reason(signed(claims(iss="them"))) == "code of another issuer"


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "jti", "iat", "exp"])
def test_a_code_that_leaves_something_out_is_malformed(claim):
    assert reason(signed(claims(**{claim: None}))) == "code malformed"


@pytest.mark.parametrize(
    "wrong",
    [{"grp": 0}, {"grp": 21}, {"grp": "5"}, {"sub": ""}, {"exp": 1e300}, {"aud": [1]}, {"iat": -1}],
    ids=str,
)
def test_a_code_with_a_claim_out_of_bounds_is_malformed(wrong):
    assert reason(signed(claims(**wrong))) == "code malformed"


@given(text=st.text(max_size=200) | st.from_regex(r"eyJ[\w-]*\.[\w-]*\.[\w-]*", fullmatch=True))
def test_garbage_is_refused_and_never_crashes(text):
    assert reason(text) in ("code malformed", "code signed with an unknown key")
