"""A dry run is the real engine in a transaction that is rolled back: same answer, and nothing of it stays."""

import pytest
from support import Marketo

WORLD = """
leads: [{Id: 1, Email: ann@example.com}]
behaviour: {limits: 1/1/1}
"""
PARAMS = (
    "<ns1:paramsSyncLead><leadRecord><Email>{}</Email><leadAttributeList><attribute><attrName>{}</attrName>"
    "<attrValue>x</attrValue></attribute></leadAttributeList></leadRecord><returnLead>true</returnLead></ns1:paramsSyncLead>"
)


@pytest.fixture
def marketo():
    return Marketo(WORLD)


@pytest.mark.parametrize(
    ("email", "name", "status"),
    [
        ("new@example.com", "FirstName", "CREATED"),
        ("ann@example.com", "FirstName", "UPDATED"),
        ("a@b.c", "None", "20105"),
    ],
)
def test_the_answer_is_that_of_the_call_and_nothing_stays(marketo, email, name, status):
    body = marketo.envelope(PARAMS.format(email, name)).encode()
    before = marketo.dump()
    dry, record = marketo.server.dry_run("2_9", body)
    assert marketo.dump() == before
    assert (record.status, record.dry_run, record.sequence) == (status, True, 0)
    assert (marketo.calls, marketo.database.journal.count(), marketo.server.answered) == ([], 0, 0)
    real = marketo.post(body)
    assert (real.body, real.http_status) == (dry.body, dry.status)
    assert (real.call.trace, real.call.warnings, real.call.dry_run) == (record.trace, record.warnings, False)


def test_it_says_what_a_limit_would_answer_and_does_not_count(marketo):
    body = marketo.envelope(PARAMS.format("ann@example.com", "FirstName")).encode()
    for _ in range(3):
        assert marketo.server.dry_run("2_9", body)[1].status == "UPDATED"
    marketo.post(body)
    assert marketo.server.dry_run("2_9", body)[1].status == "20015"


def test_it_says_what_a_fault_rule_would_do_and_the_rule_has_not_seen_it(marketo):
    from mockmkto.model import Effect, FaultRule
    from mockmkto.store import faults

    rule = FaultRule("once", Effect.FAULT, nth=1, code=20016, delay=60)
    with marketo.database.transaction() as session:
        faults.add(session, rule)
    body = marketo.envelope(PARAMS.format("ann@example.com", "FirstName")).encode()
    for _ in range(2):  # at once: a delay is not waited for
        record = marketo.server.dry_run("2_9", body)[1]
        assert (record.status, record.injected) == ("20016", "fault by once")
    with marketo.database.transaction() as session:
        assert faults.all_rules(session) == (rule,)


def test_a_request_that_cannot_be_read_is_explained_too(marketo):
    answer, record = marketo.server.dry_run("2_9", b"<a>")
    assert (answer.status, record.operation, record.warnings[0].kind) == (500, None, "xml")


def test_an_unknown_version_is_refused(marketo):
    with pytest.raises(ValueError, match="9_9"):
        marketo.server.dry_run("9_9", b"")
