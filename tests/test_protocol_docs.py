from pathlib import Path

import yaml

from store_engine.asyncapi import asyncapi_document
from store_engine.topics import TOPICS

DOCS = Path(__file__).parents[1] / "docs"


def test_asyncapi_yaml_is_in_step_with_the_types():
    written = yaml.safe_load((DOCS / "asyncapi.yaml").read_text())
    assert written == asyncapi_document(), "run `make docs`"


def test_every_reference_in_the_asyncapi_document_resolves():
    whole = asyncapi_document()

    def resolve(reference: str) -> object:
        found: object = whole
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        return found

    def walk(node: object) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                assert resolve(node["$ref"])
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(whole)


def test_every_topic_is_in_the_protocol_document_with_its_quality_of_service():
    text = (DOCS / "protocol.md").read_text()
    for topic in TOPICS:
        row = next(line for line in text.splitlines() if f"`{topic.pattern}`" in line)
        assert topic.message.__name__ in row
        if topic.flow != "edge":
            assert f"| {topic.qos} |" in row
            assert f"| {'yes' if topic.retain else 'no'} |" in row
