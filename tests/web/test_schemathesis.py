"""Whatever the OpenAPI document allows, and a good deal that it does not, breaks nothing."""

import pytest

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

from hypothesis import HealthCheck, Phase, given, seed, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from schemathesis.checks import not_a_server_error  # noqa: E402
from schemathesis.generation import GenerationMode  # noqa: E402
from schemathesis.specs.openapi.checks import (  # noqa: E402
    content_type_conformance,
    response_schema_conformance,
)

from store_engine.adapters.database import open_database, sqlite_url  # noqa: E402
from store_engine.web.application import openapi, routed  # noqa: E402
from tests.web.office_world import OfficeWorld  # noqa: E402

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
EXAMPLES = 6  # of each operation and mode: the whole test stays under 30 s on two cores

schema = schemathesis.openapi.from_dict(openapi(routed()))
OPERATIONS = {one.ok().label: one.ok() for one in schema.get_all_operations()}
del OPERATIONS["GET /healthz"]  # it takes nothing that could be wrong


@pytest.fixture(scope="module")
def shopped(tmp_path_factory):
    """An office where somebody shopped, and the names of what is there."""
    database = open_database(sqlite_url(tmp_path_factory.mktemp("office") / "office.sqlite"))
    office = OfficeWorld(database)
    paper = office.shop()
    office.client.post(f"{office.link(paper)}/wrong", data={"claim": "other"})
    (case,) = office.shops["shop"].casebook.cases()
    there = {"store": "shop", "receipt": paper.receipt, "visit": paper.visit,
             "case": case.case, "account": "ada"}  # fmt: skip
    yield office, there
    database.close()


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("label", OPERATIONS)
def test_no_request_is_a_server_error(label, mode, shopped):
    office, there = shopped
    headers = office.token()

    @seed(4)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def hold(data):
        case = data.draw(OPERATIONS[label].as_strategy(generation_mode=mode))
        if data.draw(st.booleans()):  # else nothing behind the path is ever reached
            known = {name: there[name] for name in case.path_parameters if name in there}
            case.path_parameters = {**case.path_parameters, **known}
        case.call_and_validate(app=office.app, headers=headers, checks=CHECKS)

    hold()
