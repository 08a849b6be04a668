"""Which element means what: nil, empty, twice, unknown, in another case, booleans, numbers; and the keys of getLead."""

import pytest
from support import NS, XSI, Marketo

from mockmkto.engine import reading as engine_reading
from mockmkto.model.trace import MOST_WARNINGS
from mockmkto.soap import dispatch, reading

FIXTURE = """
fields: [{name: SfdcLeadId, type: string, length: 18}]
lead_keys: {SFDCLEADID: SfdcLeadId}
leads:
  - Id: 12
    Email: ann@example.com
    cookies: ["id:287-GTJ-838&token:_mch-example.com-1-1"]
    attributes: {FirstName: Ann, SfdcLeadId: 00Q1}
  - {Id: 30, Email: ANN@example.com}
  - {Id: 20, Email: ann@example.com}
"""


@pytest.fixture
def marketo():
    return Marketo(FIXTURE)


def call(marketo, record, rest="<returnLead>true</returnLead>"):
    body = f"<ns1:paramsSyncLead><leadRecord>{record}</leadRecord>{rest}</ns1:paramsSyncLead>"
    return marketo.post(marketo.envelope(body))


EMAIL = "<Email>bob@example.com</Email>"
LIST = "<leadAttributeList>{}</leadAttributeList>"
ATTRIBUTE = "<attribute><attrName>{}</attrName><attrValue>{}</attrValue></attribute>"

ABSENT = [
    '<Id xsi:nil="true"/>',
    '<Id xsi:nil="1"/>',
    '<Id xsi:nil="true">99</Id>',
    '<Id xsi:nil="true"><x/></Id>',
    "<Id/>",
    "<Id></Id>",
    "<Id> </Id>",
    "<ForeignSysPersonId/>",
    '<ForeignSysPersonId xsi:nil="true">A-7</ForeignSysPersonId>',
    "<ForeignSysPersonId/><ForeignSysType/>",
    '<leadAttributeList xsi:nil="true"/>',
    "<leadAttributeList/>",
    '<leadAttributeList><attribute xsi:nil="true"/></leadAttributeList>',
]


@pytest.mark.parametrize("element", ABSENT)
def test_what_is_nil_or_an_empty_key_is_as_if_absent(marketo, element):
    answer = call(marketo, EMAIL + element)
    assert (answer.status, answer.record.foreign_id, answer.warnings) == ("CREATED", None, [])


@pytest.mark.parametrize("cookie", ["<marketoCookie/>", '<marketoCookie xsi:nil="1">x</marketoCookie>'])
def test_an_empty_cookie_is_as_if_absent(marketo, cookie):
    answer = call(marketo, EMAIL, cookie)
    assert (answer.status, marketo.keys(answer.lead_id)) == ("CREATED", (set(), set()))


@pytest.mark.parametrize("email", ["<Email/>", "<Email></Email>", "<Email> </Email>", '<Email xsi:nil="true"/>'])
def test_a_record_with_nothing_but_an_empty_email_has_no_key(marketo, email):
    assert call(marketo, email).code == "20101"


@pytest.mark.parametrize("nil", ["false", "0", ""])
def test_what_says_that_it_is_not_nil_counts(marketo, nil):
    assert call(marketo, f'<Id xsi:nil="{nil}">12</Id>').lead_id == 12


@pytest.mark.parametrize(
    ("call_", "code"),
    [("", "20104"), ('<leadRecord xsi:nil="true"/>', "20104"), ("<leadRecord/>", "20101")],
)
def test_an_empty_record_is_not_a_missing_one(marketo, call_, code):
    assert marketo.post(marketo.envelope(f"<ns1:paramsSyncLead>{call_}</ns1:paramsSyncLead>")).code == code


@pytest.mark.parametrize(
    ("record", "element", "parent"),
    [
        ("<Email>x@example.com</Email>" + EMAIL, "Email", "leadRecord"),
        ("<Id>99</Id><Id>12</Id>" + EMAIL, "Id", "leadRecord"),
        (EMAIL + LIST.format(ATTRIBUTE.format("Nonsense", "x")) + LIST.format(""), "leadAttributeList", "leadRecord"),
        (
            EMAIL + LIST.format(ATTRIBUTE.format("FirstName</attrName><attrName>LastName", "Bob")),
            "attrName",
            "attribute",
        ),
    ],
)
def test_of_an_element_that_is_there_twice_the_last_counts_with_a_warning(marketo, record, element, parent):
    answer = call(marketo, record)
    assert answer.record.email == "bob@example.com"
    assert answer.warnings == [f"element <{element}> of {parent} is there twice: the last one counts"]


@pytest.mark.parametrize(
    ("element", "hint"),
    [
        ("foreignSysPersonId", ": names are case-sensitive, and it is spelled <ForeignSysPersonId>"),
        ("email", ": names are case-sensitive, and it is spelled <Email>"),
        ("EMAIL", ": names are case-sensitive, and it is spelled <Email>"),
        ("id", ": names are case-sensitive, and it is spelled <Id>"),
        ("leadattributelist", ": names are case-sensitive, and it is spelled <leadAttributeList>"),
        ("leadAttributes", ": did you mean <leadAttributeList>?"),
        ("ForeignSysPersonID", ": names are case-sensitive, and it is spelled <ForeignSysPersonId>"),
        ("Company", ""),
    ],
)
def test_an_unknown_element_is_ignored_and_the_nearest_name_is_told(marketo, element, hint):
    answer = call(marketo, f"{EMAIL}<{element}>99</{element}>")
    assert (answer.status, answer.warnings) == ("CREATED", [f"element <{element}> of leadRecord was ignored{hint}"])


@pytest.mark.parametrize("element", ["EMAIL", "email", "eMail"])
def test_with_any_case_an_element_in_another_case_is_read_with_a_warning(element):
    marketo = Marketo("behaviour: {element_names: any_case}")
    answer = call(marketo, f"<{element}>bob@example.com</{element}>")
    assert answer.record.email == "bob@example.com"
    assert answer.warnings == [f"element <{element}> of leadRecord was read as <Email>"]


def test_with_any_case_headers_are_read_too():
    marketo = Marketo("behaviour: {element_names: any_case}")
    envelope = marketo.envelope(f"<ns1:paramsSyncLead><leadRecord>{EMAIL}</leadRecord></ns1:paramsSyncLead>")
    lowered = envelope.replace("AuthenticationHeader", "authenticationHeader").replace("mktowsUserId", "mktowsuserid")
    assert marketo.post(lowered).status == "CREATED"


@pytest.mark.parametrize(
    "record",
    [
        "<Email>{0}</Email><leadAttributeList>{1}</leadAttributeList>",
        "<leadAttributeList>{1}</leadAttributeList><Email>{0}</Email>",
        "<ns1:Email>{0}</ns1:Email><ns1:leadAttributeList>{1}</ns1:leadAttributeList>",
        "<Email>{0}</Email><ns1:leadAttributeList>{1}</ns1:leadAttributeList>",
        '<m:Email xmlns:m="urn:other">{0}</m:Email><leadAttributeList>{1}</leadAttributeList>',
        f'<Email xmlns="{NS}">{{0}}</Email><leadAttributeList>{{1}}</leadAttributeList>',
    ],
)
def test_children_are_found_by_local_name_in_any_order(marketo, record):
    answer = call(marketo, record.format("bob@example.com", ATTRIBUTE.format("FirstName", "Bob")))
    assert (answer.record.email, answer.record.attributes["FirstName"]) == ("bob@example.com", "Bob")


NO_BOOLEAN = "the text {!r} of <returnLead> is no boolean: any such text is read as true"
BOOLEANS = [
    *((text, True, []) for text in ("true", "TRUE", "True", " true\n", "t", "T", "1")),
    *((text, False, []) for text in ("false", "FALSE", " False ", "f", "F", "0", "", " ")),
    *((text, True, [NO_BOOLEAN.format(text)]) for text in ("yes", "no", "2", "-1", "on", "null")),
]


@pytest.mark.parametrize(("text", "returned", "warnings"), BOOLEANS)
def test_booleans(marketo, text, returned, warnings):
    answer = call(marketo, EMAIL, f"<returnLead>{text}</returnLead>")
    assert (bool(answer.records), answer.warnings) == (returned, warnings)


@pytest.mark.parametrize("rest", ["", f'<returnLead xmlns:x="{XSI}" x:nil="true"/>'])
def test_a_lead_is_not_returned_unless_it_is_asked_for(marketo, rest):
    assert call(marketo, EMAIL, rest).records == []


@pytest.mark.parametrize("text", ["12", " 12 ", "\n12\t", "12.0", "12.", "+12", "012", "1.2e1"])
def test_an_id_that_is_the_number_12(marketo, text):
    assert call(marketo, f"<Id>{text}</Id>").lead_id == 12


@pytest.mark.parametrize("text", ["abc", "12a", "1 2", "1,2", "0x0c", "1_2", "-", ".", "e1", "NaN", "INF", "١٢", "½"])
def test_an_id_that_is_no_number(marketo, text):
    answer = call(marketo, f"<Id>{text}</Id>")
    assert (answer.code, answer.fault_string) == (
        "SOAP-ENV:Server",
        "SOAP-ERROR: Encoding: Violation of encoding rules",
    )


@pytest.mark.parametrize("text", ["0", "-12", "12.7", "9" * 30, "9" * 5000, "1e300", "1e999"])
def test_an_id_that_no_lead_has(marketo, text):
    assert call(marketo, f"<Id>{text}</Id>").code == "20103"


# ---------------------------------------------------------------------------------------------------------------------
# getLead


@pytest.mark.parametrize(
    ("key_type", "value", "ids"),
    [
        ("IDNUM", "12", [12]),
        ("IDNUM", " 12 ", [12]),
        ("EMAIL", "ann@example.com", [30, 20, 12]),
        ("EMAIL", " Ann@Example.COM ", [30, 20, 12]),
        ("COOKIE", "id:287-GTJ-838&token:_mch-example.com-1-1", [12]),
        ("COOKIE", "287-GTJ-838&token:_mch-example.com-1-1", [12]),
        ("SFDCLEADID", "00Q1", [12]),
    ],
)
def test_a_key_finds_its_leads_highest_id_first(marketo, key_type, value, ids):
    answer = marketo.get(key_type, value)
    assert (answer.text("count"), [record.id for record in answer.records]) == (str(len(ids)), ids)


@pytest.mark.parametrize(
    ("key_type", "value"),
    [
        ("IDNUM", "99"),
        ("IDNUM", "ann@example.com"),
        ("IDNUM", "٣"),
        ("IDNUM", "9" * 30),
        ("IDNUM", "9" * 5000),
        ("EMAIL", "nobody@example.com"),
        ("COOKIE", "287-GTJ-838"),
        ("SFDCLEADID", "00Q2"),
        ("LEADOWNEREMAIL", "ann@example.com"),
        ("SFDCACCOUNTID", "00Q1"),
        ("SFDCCONTACTID", "00Q1"),
        ("SFDCLEADOWNERID", "00Q1"),
        ("SFDCOPPTYID", "00Q1"),
    ],
)
def test_a_key_that_finds_nothing(marketo, key_type, value):
    answer = marketo.get(key_type, value)
    assert (answer.code, answer.message) == ("20103", f"No lead found with {key_type} = {value} (20103)")


@pytest.mark.parametrize("key_type", ["PHONE", "idnum", "Email", ""])
def test_a_key_type_outside_the_enumeration(marketo, key_type):
    answer = marketo.get(key_type, "12")
    assert (answer.code, answer.message) == ("20102", f"Lead key type is not valid: {key_type} (20102)")


@pytest.mark.parametrize("key", ["", '<leadKey xsi:nil="true"/>'])
def test_no_key(marketo, key):
    answer = marketo.post(marketo.envelope(f"<ns1:paramsGetLead>{key}</ns1:paramsGetLead>"))
    assert (answer.code, answer.message) == ("20101", "No lead key was given (20101)")


def test_the_context_header_means_nothing_to_get_lead(marketo):
    key = "<leadKey><keyType>IDNUM</keyType><keyValue>12</keyValue></leadKey>"
    context = "<ns1:MktowsContextHeader><targetWorkspace>Attic</targetWorkspace></ns1:MktowsContextHeader>"
    answer = marketo.post(marketo.envelope(f"<ns1:paramsGetLead>{key}</ns1:paramsGetLead>", context=context))
    assert answer.record.id == 12
    assert answer.warnings == ["header <MktowsContextHeader> means nothing to getLead: it was ignored"]


@pytest.mark.parametrize(
    ("module", "function", "record"),
    [
        (reading, "nearest_name", "".join(f"<emial{number}/>" for number in range(300)) + EMAIL),
        (
            engine_reading,
            "closest_name",
            EMAIL + LIST.format("".join(ATTRIBUTE.format(f"FristName{number}", "x") for number in range(300))),
        ),
    ],
)
def test_names_are_looked_for_only_as_long_as_warnings_are_kept(marketo, monkeypatch, module, function, record):
    looked_for = []
    search = getattr(module, function)

    def counted(name, names):
        looked_for.append(name)
        return search(name, names)

    monkeypatch.setattr(module, function, counted)
    warnings = call(marketo, record).warnings
    assert len(warnings) == MOST_WARNINGS + 1
    assert "did you mean" in warnings[MOST_WARNINGS - 1]
    assert len(looked_for) == MOST_WARNINGS


def test_headers_are_looked_for_only_as_long_as_warnings_are_kept(marketo, monkeypatch):
    looked_for = []
    monkeypatch.setattr(dispatch, "nearest_name", lambda name, _: looked_for.append(name))
    body = f"<ns1:paramsSyncLead><leadRecord>{EMAIL}</leadRecord></ns1:paramsSyncLead>"
    marketo.post(marketo.envelope(body, context="".join(f"<header{number}/>" for number in range(300))))
    assert len(looked_for) == MOST_WARNINGS


def test_a_name_as_long_as_a_page_was_no_slip(marketo):
    assert call(marketo, f"<Email{'l' * 300}/>{EMAIL}").warnings == [
        f"element <Email{'l' * 300}> of leadRecord was ignored"
    ]
