"""Whatever the OpenAPI document allows, and a good deal that it does not, breaks nothing."""

import pytest

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

from hypothesis import HealthCheck, Phase, given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from schemathesis.checks import not_a_server_error  # noqa: E402
from schemathesis.generation import GenerationMode  # noqa: E402
from schemathesis.specs.openapi.checks import (  # noqa: E402
    content_type_conformance,
    response_schema_conformance,
)

from store_engine.web.application import openapi, routed  # noqa: E402

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
EXAMPLES = 6  # of each operation and mode: the whole test stays under 30 s on two cores

schema = schemathesis.openapi.from_dict(openapi(routed()))
OPERATIONS = {one.ok().label: one.ok() for one in schema.get_all_operations()}


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("label", OPERATIONS)
def test_no_request_is_a_server_error(label, mode, office, monkeypatch):
    operation = OPERATIONS[label]
    headers = office.token()
    office.shop()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def hold(data):
        case = data.draw(operation.as_strategy(generation_mode=mode))
        case.call_and_validate(app=office.app, headers=headers, checks=CHECKS)

    hold()
