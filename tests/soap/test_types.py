"""The models are the contract: what a reader and a writer take from `_type_info` is what the vendor published."""

import pytest
from contract_tables import enumerations_of, operations_of, types_of

from mockmkto import model as plain
from mockmkto.soap import types
from mockmkto.soap.contract import VERSIONS, contract
from mockmkto.soap.operations import lead_records, leads

OCCURS = {(1, 1): "", (0, 1): "?", (0, float("inf")): "*"}


def notation(model) -> str:
    """A model's members as the tables write them."""
    members = []
    for name, member in model._type_info.items():
        how = member.Attributes
        type_name = (member.__orig__ or member).get_type_name()
        occurs = OCCURS[how.min_occurs, how.max_occurs]
        members.append(f"{name}{occurs}:{type_name}{'/nil' if how.nillable else ''}")
    return " ".join(members)


def reached(version: str) -> dict[str, type]:
    """Every type of a version by its name, from its headers and messages downwards."""
    declared = contract(version)
    waiting = [header.model for header in declared.headers]
    waiting += [model for operation in declared.operations for model in (operation.params, operation.success)]
    waiting += declared.further_types
    found = {}
    while waiting:
        model = waiting.pop()
        model = model.__orig__ or model
        name = model.get_type_name()
        assert found.setdefault(name, model) is model, f"two types are called {name}"
        waiting += [
            member
            for member in getattr(model, "_type_info", {}).values()
            if member.get_namespace() == types.NAMESPACE and member.get_type_name() not in found
        ]
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_members_of_every_type(version):
    complex_types = {
        name: notation(model) for name, model in reached(version).items() if issubclass(model, types.Model)
    }
    expected = types_of(version) | {"LeadSelector": ""}
    assert complex_types == expected


@pytest.mark.parametrize("version", VERSIONS)
def test_values_of_every_enumeration(version):
    values = {
        name: " ".join(model.__values__) for name, model in reached(version).items() if hasattr(model, "__values__")
    }
    assert values == enumerations_of(version)


@pytest.mark.parametrize("version", VERSIONS)
def test_operations_in_their_order(version):
    assert [operation.name for operation in contract(version).operations] == operations_of(version)


def test_the_selectors_extend_the_abstract_one():
    for selector in (types.LastUpdateAtSelector, types.StaticListSelector, types.LeadKeySelector):
        assert selector.__base__ is types.LeadSelector
    assert types.LeadSelector.__abstract__


@pytest.mark.parametrize(
    ("published", "inside"),
    [(lead_records.ForeignSysType, plain.ForeignSysType), (leads.LeadSyncStatus, plain.SyncStatus)],
)
def test_the_engine_knows_the_same_values(published, inside):
    assert [value.value for value in inside] == list(published.__values__)


def test_a_model_holds_values():
    record = lead_records.LeadRecordModel(
        Id=1001, leadAttributeList=types.ArrayOfAttribute(attribute=[types.Attribute()])
    )
    assert (record.Id, record.Email, record.leadAttributeList.attribute[0].attrType) == (1001, None, None)


def test_a_member_that_a_version_lacks_is_none_there():
    before = types.in_version(leads.ParamsSyncLead, "2_9")
    assert "moveCookie" not in before._type_info
    assert before().moveCookie is None


def test_a_type_that_is_alike_everywhere_is_one_and_the_same():
    assert types.in_version(types.LeadKey, "1_3") is types.LeadKey is types.in_version(types.LeadKey, "3_1")
    assert types.in_version(leads.ParamsSyncLead, "2_0") is types.in_version(leads.ParamsSyncLead, "2_0")


@pytest.mark.parametrize("version", VERSIONS)
def test_an_operation_knows_its_published_names(version):
    operation = contract(version).operation("syncLead")
    assert (operation.params_element, operation.success_element) == ("paramsSyncLead", "successSyncLead")
    assert (operation.request_message, operation.response_message) == ("SyncLeadRequest", "SyncLeadResponse")
    assert operation.soap_action == "http://www.marketo.com/mktows/syncLead"
    assert contract(version).by_params("paramsSyncLead") is operation


@pytest.mark.parametrize("version", VERSIONS)
def test_sync_lead_alone_takes_the_context_header(version):
    names = {
        operation.name: [header.name for header in operation.headers] for operation in contract(version).operations
    }
    assert names.pop("syncLead") == ["AuthenticationHeader", "MktowsContextHeader"]
    assert set(map(tuple, names.values())) == {("AuthenticationHeader",)}


@pytest.mark.parametrize("version", ["1_2", "2_10", "3_2", "2.2", ""])
def test_an_unknown_version_is_refused_with_the_known_ones(version):
    with pytest.raises(ValueError, match=r"There are: 1_3, 1_4, .*, 3_1"):
        contract(version)


@pytest.mark.parametrize(("version", "later"), [("1_9", "mergeLeads"), ("2_0", "getTags")])
def test_an_operation_of_a_later_version_is_not_there(version, later):
    assert contract(version).by_params(f"params{later[0].upper()}{later[1:]}") is None
    with pytest.raises(KeyError):
        contract(version).operation(later)
