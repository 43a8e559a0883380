"""Attempts to get in where one may not: what is sent, and how it must be refused."""

import base64
import itertools
import json
from typing import Any, NamedTuple

from store_engine.web.application import openapi
from store_engine.web.limits import BODY_MAX, PRICES_MAX
from tests.web.office_world import CHEESE, MILK

CARD = "4242424242424242"
INJECTIONS = (
    "' OR '1'='1",
    "'; DROP TABLE receipts; --",
    '" UNION SELECT digest FROM api_tokens --',
    "%27%20OR%201=1",
    "..%2F..%2Fetc%2Fpasswd",
    "....",
    "%00",
    "shop%00",
    "%0d%0aSet-Cookie:%20a=b",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "$(id)",
    "<script>alert(1)</script>",
    "%F0%9F%92%A9",
    "%ff%fe",
    "a" * 200,
    "*",
    "%2A",
    "_",
    "SHOP",
)


class Attack(NamedTuple):
    """One attempt."""

    name: str
    method: str
    path: str
    refused_by: tuple[int, ...]
    how: dict[str, Any]  # headers, json, content, data


def attacks(office):
    """Return all of them, against an office where ada and bob shopped, ada at `shop`."""
    ours, theirs = office.shop("ada"), office.shop("bob", store="kiosk")
    office.client.post(f"{office.link(ours)}/wrong", data={"claim": "not_taken", "gtin": CHEESE})
    yield from bad_tokens(office, ours)
    yield from missing_scopes(office, ours)
    yield from other_stores(office, ours, theirs)
    yield from other_accounts(office, ours)
    yield from forged_links(office, ours, theirs)
    yield from injections(office, ours)
    yield from impossible_bodies(office, ours)
    yield from oversized(office, ours)
    yield from card_numbers(office, ours)


def operations(office, paper):
    """Every operation of the API, with what is there in its path and a body that would do."""
    there = {
        "store": paper.store,
        "receipt": paper.receipt,
        "visit": paper.visit,
        "case": f"{paper.receipt}/{CHEESE}",
        "account": "ada",
        "method": "m-1",
        "subscription": "erp",
    }
    bodies = {
        "cases": {"claim": "not_taken", "gtin": MILK},
        "answer": {"decision": "refund", "amount": 1},
        "refunds": {"receipt": paper.receipt, "refund": "r1", "amount": 1, "reason": "x"},
        "prices": {},
        "accounts": {"account": "mallory"},
        "block": {"why": "x"},
        "methods": {"token": "tok_mallory"},
        "codes": {"store": "shop"},
        "{subscription}": {"url": "https://mallory.example"},
    }
    for path, methods in openapi(office.app)["paths"].items():
        if path != "/healthz":
            body = bodies.get(path.rpartition("/")[2])
            for method in methods:
                yield method.upper(), path.format(**there), body


def bad_tokens(office, paper):
    _, good = office.tokens.create("x", role="admin", stores=["*"])
    _, expired = office.tokens.create("x", role="admin", stores=["*"], lifetime_s=1.0)
    revoked, replayed = office.tokens.create("x", role="admin", stores=["*"])
    office.tokens.revoke(revoked.token)
    office.pass_s(2.0)
    body = base64.urlsafe_b64encode(b'{"sub":"admin"}').decode().rstrip("=")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    headers = {
        "no token": None,
        "an empty token": "Bearer ",
        "expired": f"Bearer {expired}",
        "replayed after it was revoked": f"Bearer {replayed}",
        "forged": "Bearer set_" + "A" * 43,
        "one letter changed": f"Bearer {good[:-1]}{'A' if good[-1] != 'A' else 'B'}",
        "cut short": f"Bearer {good[:-1]}",
        "prolonged": f"Bearer {good}A",
        "in capitals": f"Bearer {good.upper()}",
        "without its prefix": f"Bearer {good.removeprefix('set_')}",
        "its hash": f"Bearer set_{office.tokens.check(good).digest}",
        "its name": f"Bearer {office.tokens.check(good).token}",
        "a JWT that says it needs no key": f"Bearer {none}.{body}.",
        "an injection": "Bearer set_' OR '1'='1",
        "as basic authentication": "Basic " + base64.b64encode(f"admin:{good}".encode()).decode(),
        "the key of a receipt": f"Bearer {office.links.key(paper.store, paper.receipt)}",
        "8 KB long": f"Bearer set_{'A' * 8_192}",
    }
    for (name, text), (method, path, body) in itertools.product(
        headers.items(), operations(office, paper)
    ):
        how = {"headers": {} if text is None else {"Authorization": text}, "json": body}
        yield Attack(f"token {name}", method, path, (401,), how)
    yield Attack("token in the query", "GET", f"/v1/stores?token={good}", (401,), {})
    yield Attack("token in a cookie", "GET", "/v1/stores", (401,), {"headers": {"Cookie": good}})


def missing_scopes(office, paper):
    allowed = {
        "device_manager": ("GET /v1/stores/shop/devices",),
        "reviewer": ("visits", "receipts", "cases", "catalog", "GET /v1/stores"),
        "back_end": ("visits", "carts", "receipts", "cases", "catalog", "prices", "webhooks",
                     "GET /v1/stores"),
    }  # fmt: skip
    refused = {
        "device_manager": None,
        "reviewer": ("refunds", "prices", "accounts", "webhooks", "audit", "devices", "carts"),
        "back_end": ("refunds", "accounts", "audit", "devices", "answer"),
        "support": ("prices", "webhooks", "audit", "devices"),
        "shopper": ("refunds", "prices", "accounts", "webhooks", "audit", "devices", "answer"),
    }
    for role, parts in refused.items():
        more = {"account": "ada"} if role == "shopper" else {}
        headers = office.token(role, **more)
        for method, path, body in operations(office, paper):
            what = f"{method} {path}"
            wanted = parts is None or any(f"/{part}" in path for part in parts)
            if wanted and what not in allowed.get(role, ()):
                yield Attack(f"{role} asks for more", method, path, (403,),
                             {"headers": headers, "json": body})  # fmt: skip


def other_stores(office, ours, theirs):
    for role, more in (("admin", {}), ("support", {}), ("back_end", {}), ("reviewer", {})):
        headers = office.token(role, stores=["kiosk"], **more)
        for method, path, body in operations(office, ours):
            if "/v1/stores/shop" in path:
                refused = (404,) if role == "admin" else (403, 404)
                how = {"headers": headers, "json": body}
                yield Attack(f"{role} of another store", method, path, refused, how)
    here = {"headers": office.token(stores=["kiosk"])}
    case = f"{ours.receipt}/{CHEESE}"
    for path in (
        f"/v1/stores/kiosk/receipts/{ours.receipt}",
        f"/v1/stores/kiosk/receipts/{ours.receipt}/link",
        f"/v1/stores/kiosk/receipts/{ours.receipt}/pdf",
        f"/v1/stores/kiosk/receipts/{ours.receipt}/payments",
        f"/v1/stores/kiosk/cases/{case}",
        f"/v1/stores/kiosk/cases?receipt={ours.receipt}",
    ):
        yield Attack("their receipt by way of our store", "GET", path, (404,), here)
    stolen = {"receipt": ours.receipt, "refund": "r", "amount": 1, "reason": "x"}
    answer = {"decision": "refund", "amount": 1}
    yield Attack("refund of another store", "POST", "/v1/stores/kiosk/refunds", (404,),
                 {**here, "json": stolen})  # fmt: skip
    yield Attack("answer for another store", "POST", f"/v1/stores/kiosk/cases/{case}/answer",
                 (404,), {**here, "json": answer})  # fmt: skip
    for path in ("/v1/accounts", "/v1/accounts/ada", "/v1/webhooks", "/v1/audit"):
        yield Attack("everybody's, for one store", "GET", path, (403,), here)


def other_accounts(office, ours):
    headers = office.token("shopper", stores=["*"], account="bob")
    base = "/v1/stores/shop"
    case = f"{ours.receipt}/{CHEESE}"
    for path in (
        f"{base}/receipts/{ours.receipt}",
        f"{base}/receipts/{ours.receipt}/link",
        f"{base}/receipts/{ours.receipt}/pdf",
        f"{base}/receipts/{ours.receipt}/payments",
        f"{base}/visits/{ours.visit}",
        f"{base}/cases/{case}",
        f"{base}/cases?receipt={ours.receipt}",
    ):
        yield Attack("another account's", "GET", path, (404,), {"headers": headers})
    claim = {"claim": "not_taken", "gtin": MILK}
    yield Attack("contest for somebody else", "POST", f"{base}/receipts/{ours.receipt}/cases",
                 (404,), {"headers": headers, "json": claim})  # fmt: skip
    yield Attack("everybody's cases", "GET", f"{base}/cases", (422,), {"headers": headers})


def forged_links(office, ours, theirs):
    link = office.link(ours)
    base, _, key = link.rpartition("/")
    keys = {
        "nothing": "%20",
        "one letter changed": key[:-1] + ("a" if key[-1] != "a" else "b"),
        "cut short": key[:-1],
        "prolonged": key + "a",
        "in capitals": key.upper(),
        "of another receipt": office.link(theirs).rpartition("/")[2],
        "guessed": "a" * 32,
        "a wildcard": "*",
        "an injection": "' OR '1'='1",
        "not ASCII": "%C3%A4" * 16,
        "8 KB long": "a" * 8_192,
    }
    for (name, text), (method, below) in itertools.product(
        keys.items(), [("GET", ""), ("GET", "/json"), ("GET", "/pdf"), ("POST", "/wrong")]
    ):
        how = {"data": {"claim": "not_taken", "gtin": MILK}} if method == "POST" else {}
        yield Attack(f"link with a key that is {name}", method, f"{base}/{text}{below}",
                     (404, 422), how)  # fmt: skip
    for path in (
        f"/r/{theirs.store}/{ours.receipt}/{key}",
        f"/r/{ours.store}/{theirs.receipt}/{key}",
        f"/r/{ours.store}/{ours.receipt}",
        f"/r/{ours.store}/{ours.receipt}/",
        f"/r/{ours.store}//{key}",
        "/static/../application.py",
        "/static/..%2Fapplication.py",
        "/static/%2e%2e/application.py",
        "/static//etc/passwd",
        "/docs",
        "/redoc",
    ):
        yield Attack("a path beside the pages", "GET", path, (404, 422), {})
    for method in ("PUT", "DELETE", "PATCH", "TRACE"):
        yield Attack(f"{method} of a receipt", method, link, (405,), {})


def injections(office, paper):
    headers = office.token()
    base = "/v1/stores/shop"
    for text in INJECTIONS:
        raw = text.replace("<", "%3C").replace(">", "%3E").replace('"', "%22").replace("#", "%23")
        for path in (
            f"/v1/stores/{raw}/visits",
            f"{base}/visits/{raw}",
            f"{base}/receipts/{raw}",
            f"{base}/receipts/{raw}/payments",
            f"{base}/cases/{raw}",
            f"{base}/cases?receipt={raw}",
            f"{base}/cases?state={raw}",
            f"{base}/visits?before={raw}",
            f"/v1/accounts/{raw}",
        ):
            yield Attack("an injection", "GET", path, (404, 422), {"headers": headers})
        for path, body in (
            (f"{base}/refunds", {"receipt": text, "refund": "r", "amount": 1, "reason": ""}),
            (f"{base}/refunds",
             {"receipt": paper.receipt, "refund": text, "amount": 10**9, "reason": ""}),
            (f"{base}/receipts/{paper.receipt}/cases", {"claim": text}),
            (f"{base}/receipts/{paper.receipt}/cases", {"claim": "not_taken", "gtin": text}),
        ):  # fmt: skip
            yield Attack("an injection in a body", "POST", path, (404, 409, 422),
                         {"headers": headers, "json": body})  # fmt: skip


def impossible_bodies(office, paper):
    headers = office.token()
    refunds = "/v1/stores/shop/refunds"
    usual = {"receipt": paper.receipt, "refund": "r9", "amount": 1, "reason": "x"}
    for amount in (0, -1, -129, 1.5, "1", True, None, 10**13, 10**400, paper.total + 1, [], {}):
        yield Attack(f"refund of {str(amount)[:20]}", "POST", refunds, (409, 422),
                     {"headers": headers, "json": {**usual, "amount": amount}})  # fmt: skip
    for more in ({"account": "bob"}, {"store": "kiosk"}, {"__proto__": {}}, {"refund": "a/b"},
                 {"refund": ""}, {"refund": "a" * 101}, {"lines": ["x"]},
                 {"lines": [MILK] * 101}, {"reason": "x" * 501}, {"reason": "\0"}):  # fmt: skip
        yield Attack(f"refund with {str(more)[:30]}", "POST", refunds, (422,),
                     {"headers": headers, "json": {**usual, **more}})  # fmt: skip
    for content in (b"", b"{", b"null", b"[]", b"\xff\xfe", b"NaN", b'"x"', b'{"amount":NaN}',
                    b'{"a":' * 5_000, b"[" * 50_000, b'{"reason":"\\ud800"}',
                    b"a=b", b"<xml/>"):  # fmt: skip
        for method, path in (("POST", refunds), ("PUT", "/v1/stores/shop/prices")):
            yield Attack(f"a body that is {content[:20]!r}", method, path, (400, 422),
                         {"headers": {**headers, "Content-Type": "application/json"},
                          "content": content})  # fmt: skip
    book = office.client.get("/v1/stores/shop/catalog", headers=headers).json()
    for wrong in (
        {"currency": "USD"},
        {"currency_exponent": 0},
        {"tax_rates": {}},
        {"products": {}},
        {"products": {**book["products"], MILK: {**book["products"][MILK], "price": -1}}},
        {"products": {**book["products"], MILK: {**book["products"][MILK], "gtin": CHEESE}}},
        {"products": {**book["products"], MILK: {**book["products"][MILK], "price": 1.5}}},
    ):
        yield Attack(f"prices with {str(wrong)[:40]}", "PUT", "/v1/stores/shop/prices", (422,),
                     {"headers": headers, "json": {**book, **wrong}})  # fmt: skip
    for url in ("javascript:alert(1)", "file:///etc/passwd", "ftp://x", "//x", "x", "",
                "http://", "gopher://x"):  # fmt: skip
        yield Attack(f"webhook to {url}", "PUT", "/v1/webhooks/erp", (422,),
                     {"headers": headers, "json": {"url": url}})  # fmt: skip


def oversized(office, paper):
    headers = office.token()
    large, link = b"x" * (BODY_MAX + 1), office.link(paper)
    for method, path, _ in operations(office, paper):
        if method in ("POST", "PUT") and not path.endswith("/prices"):
            yield Attack("one byte too many", method, path, (413,),
                         {"headers": headers, "content": large})  # fmt: skip
    yield Attack("one byte too many, without a token", "POST", "/v1/accounts", (413,),
                 {"content": large})  # fmt: skip
    yield Attack("a form of 64 KiB", "POST", f"{link}/wrong", (413,), {"content": large})
    yield Attack("prices of 3 MiB", "PUT", "/v1/stores/shop/prices", (413,),
                 {"headers": headers, "content": b"x" * (PRICES_MAX + 1)})  # fmt: skip
    yield Attack("in pieces, of a length that nobody said", "POST", "/v1/accounts", (413,),
                 {"headers": headers, "content": (b"x" * 1_024 for _ in range(65))})  # fmt: skip
    yield Attack("a form of 1000 fields", "POST", f"{link}/wrong", (422,),
                 {"data": {f"f{n}": "x" for n in range(1_000)}})  # fmt: skip
    for length in ("-1", "99999999999999999999", "x"):
        yield Attack(f"content-length {length}", "POST", "/v1/accounts", (413,),
                     {"headers": {**headers, "Content-Length": length},
                      "content": b"{}"})  # fmt: skip


def card_numbers(office, paper):
    headers = office.token()
    link = office.link(paper)
    spaced = "4242 4242 4242 4242"
    for number in (CARD, spaced, f"my card is {spaced}."):
        for path, body in (
            ("/v1/accounts", {"account": number}),
            ("/v1/accounts", {"account": "eve", "name": number}),
            ("/v1/accounts", {"account": "eve", "methods": [number]}),
            ("/v1/accounts", {"account": "eve", "credentials": [number]}),
            ("/v1/accounts/ada/block", {"why": number}),
            ("/v1/accounts/ada/methods", {"token": number}),
            (f"/v1/stores/shop/receipts/{paper.receipt}/cases",
             {"claim": "other", "reason": number}),
            (f"/v1/stores/shop/receipts/{paper.receipt}/cases",
             {"claim": "not_charged", "product": number}),
            ("/v1/stores/shop/refunds",
             {"receipt": paper.receipt, "refund": "r", "amount": 1, "reason": number}),
        ):  # fmt: skip
            yield Attack("a card number", "POST", path, (409, 422),
                         {"headers": headers, "json": body})  # fmt: skip
        yield Attack("a card number in a form", "POST", f"{link}/wrong", (409,),
                     {"data": {"claim": "other", "reason": number}})  # fmt: skip
    yield Attack("a card number in a path", "GET", f"/v1/accounts/{CARD}", (404,),
                 {"headers": headers})  # fmt: skip


def described(attack):
    """One line about an attempt."""
    return json.dumps([attack.name, attack.method, attack.path[:100]])
