"""A retailer's back end on a loopback port, with the published rules and nothing of ours."""

import base64
import binascii
import contextlib
import json
import re
import threading
from collections import Counter
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
KEYS, AUTHORIZATION, PURCHASES = (
    "/v1/identity/identity-keys",
    "/v1/fraudandabuse/shopperauthorization",
    "/v1/order/purchases",
)


class BadRequestError(Exception):
    """What the published rules refuse."""


def need(ok, what):
    if not ok:
        raise BadRequestError(what)


def text(body, name, *, most=255, least=1):
    value = body.get(name)
    need(isinstance(value, str) and least <= len(value) <= most, name)
    return value


def uuid(body, name):
    need(UUID.fullmatch(text(body, name)), name)


def time(body, name):
    try:
        return datetime.fromisoformat(text(body, name))
    except ValueError as error:
        raise BadRequestError(name) from error


def one_of(body, name, *values):
    need(body.get(name) in values, name)


def part(body, name, kind=dict):
    need(isinstance(body.get(name), kind), name)
    return body[name]


def optional_text(body, name):
    if name in body:
        text(body, name)


# ---- the published rules, by path --------------------------------------------------------------


def check_identity(body, store):
    uuid(body, "requestId")
    key = text(body, "identityKey", most=1_000)
    try:
        base64.b64decode(key, validate=True)
    except binascii.Error as error:
        raise BadRequestError("identityKey") from error
    need(text(body, "storeId") == store, "storeId")
    event = part(body, "authEvent")
    uuid(event, "id")
    time(event, "timestamp")
    one_of(event, "location", "ENTRY", "EXIT")
    one_of(body, "keyChannel", "OPTICAL", None)


def check_authorization(body, store):
    need(text(body, "storeId") == store, "storeId")
    text(part(body, "shopperIdentity"), "id")
    amount = part(body, "authorizedAmount")
    need(isinstance(amount["value"], int | float), "authorizedAmount")
    interaction = part(body, "shopperInteraction")
    text(interaction, "shoppingTripId")
    event = part(interaction, "gateAuthenticationEvent")
    one_of(event, "type", "CREDIT_CARD")
    one_of(event, "interactionType", "TAP")
    time(event, "timestamp")


def check_purchases(body, store):
    uuid(body, "requestId")
    text(body, "idempotentShoppingTripId")
    need(text(body, "storeId") == store, "storeId")
    trip = part(body, "shoppingTrip")
    need(time(trip, "startTime") <= time(trip, "endTime"), "endTime")
    for event in part(trip, "authEvents", list):
        check_trip_event(event)
    items = part(body, "cartItems", list)
    for item in items:
        check_item(item)
    lines = Counter(item.get("lineItemId") for item in items if "lineItemId" in item)
    need(all(count == 1 for count in lines.values()), "lineItemId")
    for name in ("shopperIdentity", "paymentSource"):
        if name in body:
            text(part(body, name), "id")
    optional_text(body, "shopperDeviceId")


def check_trip_event(event):
    uuid(event, "id")
    one_of(event, "payloadType", "FINANCIAL", "SCAN_CODE")
    one_of(event, "location", "ENTRY", "MANUAL_IN_STORE")
    if "scanResult" in event:
        result = part(event, "scanResult")
        text(result, "id")
        one_of(result, "type", "SHOPPER", "ASSOCIATE", "CASH", "LOYALTY")


def check_item(item):
    text(item, "id")
    one_of(item, "type", "SKU", "SCANCODE")
    quantity = part(item, "quantity")
    need(re.fullmatch(r"[0-9]+(\.[0-9]+)?", text(quantity, "value", most=10)), "quantity.value")
    text(quantity, "unit")
    for other in item.get("externalIdentifiers", ()):
        text(other, "id")
        text(other, "type")
    optional_text(item, "lineItemId")


RULES = {KEYS: check_identity, AUTHORIZATION: check_authorization, PURCHASES: check_purchases}


class Retailer:
    """What a retailer knows, what it was asked, and what is wrong with it right now."""

    def __init__(self, store):
        self.store = store
        self.people = {"ada": "SHOPPER", "bob": "SHOPPER", "mia": "ASSOCIATE"}  # by code
        self.decision = {"shopperAuthorized": True}  # about every card
        self.down = False  # connections break before anything is heard
        self.statuses = []  # of the next calls, before anything is done
        self.lost_answers = 0  # of the next calls, after all is done
        self.damage = None  # changes the next bodies on their way
        self.calls = []  # (path, body, status), as they came
        self.purchases = {}  # trip -> purchase id, in the order of their first effect
        self.signature_of = None  # checks a request's signature, where one is expected

    def asked(self, path):
        return [body for where, body, _ in self.calls if where == path]

    def statuses_of(self, path):
        return [status for where, _, status in self.calls if where == path]

    def answer(self, path, raw):
        body = json.loads(raw)
        if self.damage is not None:
            body = self.damage(body)
        status, said = self._answer(path, body)
        self.calls.append((path, body, status))
        return status, said

    def _answer(self, path, body):
        if self.statuses:
            return self.statuses.pop(0), {"message": "as told"}
        try:
            need(body, "body")
            RULES[path](body, self.store)
        except (BadRequestError, KeyError) as error:
            return 400, {"message": f"bad: {error}"}
        return {KEYS: self._identify, AUTHORIZATION: self._authorise, PURCHASES: self._purchase}[
            path
        ](body)

    def _identify(self, body):
        code = base64.b64decode(body["identityKey"]).decode()
        kind = self.people.get(code)
        if kind is None:
            return 401, {}
        return 200, {"visitorDetails": {"id": f"id-of-{code}", "type": kind}}

    def _authorise(self, body):
        return 200, self.decision

    def _purchase(self, body):
        trip = body["idempotentShoppingTripId"]
        name = f"purchase-{len(self.purchases) + 1}" if body["cartItems"] else ""
        return 201, {"purchaseId": self.purchases.setdefault(trip, name)}


@contextlib.contextmanager
def served(retailer):
    """Serve a retailer on a free loopback port; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self):
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            if retailer.down:
                self.close_connection = True
                return
            if retailer.signature_of and not retailer.signature_of(self, raw):
                self.reply(403, {})
                return
            status, said = retailer.answer(self.path, raw)
            if retailer.lost_answers:
                retailer.lost_answers -= 1
                self.close_connection = True
                return
            self.reply(status, said)

        def reply(self, status, said):
            payload = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
