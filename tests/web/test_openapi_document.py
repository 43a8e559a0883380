"""docs/openapi.json says what the front door does."""

import json
from pathlib import Path

from store_engine.web.document import document

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_the_document_in_docs_is_the_one_of_this_code():
    assert DOCUMENT.read_text() == document(), "make docs"


def test_every_path_needs_a_token_but_the_health_check():
    paths = json.loads(document())["paths"]
    without = {
        path
        for path, operations in paths.items()
        for operation in operations.values()
        if "security" not in operation
    }
    assert without == {"/healthz"}


def test_every_answer_has_a_schema_that_is_there():
    text = document()
    components = json.loads(text)["components"]["schemas"]
    for name in text.split('"#/components/schemas/')[1:]:
        assert name.split('"')[0] in components


def test_no_schema_takes_a_card_number_or_a_face():
    text = document().lower()
    for word in ("card_number", 'pan"', "cvc", "face", "biometric"):
        assert word not in text
