from __future__ import annotations

from scripts import fuzz_findings
from scripts.fuzz_findings import Finding

REPORT = """
=================================== FAILURES ===================================
_______________________________ GET /v1/validate _______________________________
1. Test Case ID: a

- ST202 Schema-valid request rejected

    - violates `maxLength`
___________________________ POST /v1/keys/{key_id} ____________________________
1. Test Case ID: b

- Undocumented HTTP status code
- Response violates schema
=================================== SUMMARY ====================================
- Not a finding
"""


def test_findings_are_read_from_the_report() -> None:
    assert fuzz_findings.findings(REPORT) == {
        Finding("GET /v1/validate", "Schema-valid request rejected"),
        Finding("POST /v1/keys/{key_id}", "Undocumented HTTP status code"),
        Finding("POST /v1/keys/{key_id}", "Response violates schema"),
    }


def test_findings_that_the_list_does_not_have_are_unexpected() -> None:
    assert [finding.check for finding in fuzz_findings.unexpected(REPORT)] == ["Response violates schema", "Undocumented HTTP status code"]


def test_every_expected_finding_has_a_reason() -> None:
    assert all(reason.endswith(".") for reason in fuzz_findings.expected().values())
