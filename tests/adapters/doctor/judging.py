"""What a finding is, in words that an assertion can use."""

from device.core.findings import Finding, Outcome


def is_well(finding: Finding) -> bool:
    return finding.outcome is Outcome.OK


def has_failed(finding: Finding, words: str = "") -> bool:
    return finding.outcome is Outcome.FAILED and words in f"{finding.says} {finding.remedy}"


def warns(finding: Finding, words: str = "") -> bool:
    return finding.outcome is Outcome.WARNING and words in f"{finding.says} {finding.remedy}"


def is_absent(finding: Finding) -> bool:
    return finding.outcome is Outcome.NOT_APPLICABLE


def is_not_known(finding: Finding, words: str = "") -> bool:
    return finding.outcome is Outcome.NOT_KNOWN and words in f"{finding.says} {finding.remedy}"
