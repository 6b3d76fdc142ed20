"""Requests made from the service's own description: no answer of 5xx, and every answer as described (T9)."""

from __future__ import annotations

import os
from collections import Counter

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as how
from hypothesis import strategies as st
from service_tools import live, settings, until

schemathesis = pytest.importorskip("schemathesis")
requests = pytest.importorskip("requests")

CASES = int(os.environ.get("MOTIONARY_CASES", "5000"))
SKIPPED = {"/v1/jobs/{id}/events"}  # a stream stays open while its job waits; test_service_results reads it
CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")


@pytest.mark.slow
def test_five_thousand_cases(tmp_path):
    seen: Counter[str] = Counter()
    statuses: Counter[int] = Counter()
    schemathesis.checks.load_all_checks()
    checks = schemathesis.checks.CHECKS.get_by_names(CHECKS)
    with live(settings(tmp_path, {"queue": 20})) as address, requests.Session() as session:
        until(lambda: httpx.get(f"{address}/v1/ready").status_code == 200)
        operations = [one.ok() for one in schemathesis.openapi.from_url(f"{address}/openapi.json").get_all_operations()]
        kinds = [
            one.as_strategy(generation_mode=mode)
            for one in operations
            if one.path not in SKIPPED
            for mode in schemathesis.GenerationMode
            if mode.is_positive or one.body or one.query or one.path_parameters
        ]

        @seed(0)
        @how(
            max_examples=CASES, deadline=None, database=None, phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(st.one_of(kinds))
        def send(case):
            response = case.call(session=session)
            seen[f"{case.method} {case.operation.path}"] += 1
            statuses[response.status_code] += 1
            case.validate_response(response, checks=checks)

        send()
    print(sum(seen.values()), dict(statuses), dict(seen))
    assert sum(seen.values()) >= CASES
    assert not [status for status in statuses if status >= 500]
    assert len(seen) == len(operations) - len(SKIPPED)
