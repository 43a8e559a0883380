"""Signatures of incoming calls, held to what AWS's own library signs."""

import json
from datetime import UTC, datetime

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from starlette.datastructures import Headers

from store_engine.units import to_us
from store_engine.web.jwo_signatures import Callers, Incoming, NotAllowedError
from tests.jwo.shop import KEY_ID, REGION, SECRET

BODY = json.dumps({"storeId": "US-0001"}).encode()


def signed(*, secret=SECRET, region=REGION, service="execute-api", path="/v1/refund"):
    request = AWSRequest("POST", f"https://shop.example{path}", data=BODY)
    request.headers["host"] = "shop.example"
    request.headers["content-type"] = "application/json"
    SigV4Auth(Credentials(KEY_ID, secret), service, region).add_auth(request)
    return Incoming("POST", path, "", Headers(dict(request.headers)), BODY)


def callers(later_s=0.0):
    now_us = to_us(datetime.now(UTC).timestamp() + later_s)  # the library signs by this clock
    return Callers(secrets={KEY_ID: SECRET}, region=REGION, now_us=lambda: now_us)


def test_what_the_library_signs_is_believed():
    assert callers().caller(signed()) == KEY_ID


@pytest.mark.parametrize(
    "forged",
    [
        lambda: signed(secret="guessed"),
        lambda: signed(region="us-east-1"),
        lambda: signed(service="s3"),
        lambda: signed()._replace(body=BODY.replace(b"1", b"2")),
        lambda: signed()._replace(path="/v1/capture/charge"),
        lambda: signed()._replace(query="a=b"),
        lambda: signed()._replace(method="PUT"),
        lambda: signed()._replace(headers=Headers({})),
        lambda: signed()._replace(headers=Headers({"authorization": "AWS4-HMAC-SHA256 nonsense"})),
    ],
)
def test_what_was_changed_or_forged_is_not(forged):
    with pytest.raises(NotAllowedError):
        callers().caller(forged())


@pytest.mark.parametrize("later_s", [-400.0, 400.0])
def test_a_signature_is_good_for_five_minutes(later_s):
    with pytest.raises(NotAllowedError):
        callers(later_s).caller(signed())


def test_a_signature_must_cover_host_and_date():
    request = signed()
    headers = {**request.headers}
    headers["authorization"] = headers["authorization"].replace("host;", "")
    with pytest.raises(NotAllowedError):
        callers().caller(request._replace(headers=Headers(headers)))
