"""The models are the contract: what a reader and a writer take from `_type_info` is what the vendor published."""

import re

import pytest

from mockmkto import model as plain
from mockmkto.soap import types
from mockmkto.soap.contract import VERSIONS, contract

# `?` is 0..1, `*` is 0..n, neither is exactly one; `/nil` is nillable.
MODELS = {
    "Attribute": "attrName:string attrType?:string/nil attrValue:string",
    "ArrayOfAttribute": "attribute*:Attribute",
    "LeadRecord": "Id?:int/nil Email?:string/nil ForeignSysPersonId?:string/nil ForeignSysType?:ForeignSysType/nil "
    "leadAttributeList?:ArrayOfAttribute/nil",
    "ArrayOfLeadRecord": "leadRecord*:LeadRecord",
    "LeadKey": "keyType:LeadKeyRef keyValue:string",
    "SyncStatus": "leadId:int status:LeadSyncStatus error?:string/nil",
    "ParamsSyncLead": "leadRecord:LeadRecord returnLead:boolean marketoCookie?:string/nil",
    "ParamsSyncLeadV3": "leadRecord:LeadRecord returnLead:boolean marketoCookie?:string/nil moveCookie?:boolean/nil",
    "ResultSyncLead": "leadId:int syncStatus:SyncStatus leadRecord?:LeadRecord/nil",
    "SuccessSyncLead": "result:ResultSyncLead",
    "ParamsGetLead": "leadKey:LeadKey",
    "ResultGetLead": "count:int leadRecordList?:ArrayOfLeadRecord/nil",
    "SuccessGetLead": "result:ResultGetLead",
    "AuthenticationHeaderInfo": "mktowsUserId:string requestSignature:string requestTimestamp:string audit?:string "
    "mode?:int",
    "AuthenticationHeaderInfoV3": "mktowsUserId:string requestSignature:string requestTimestamp:string "
    "partnerId?:string audit?:string mode?:int",
    "MktowsContextHeaderInfo": "targetWorkspace:string",
}
ENUMERATIONS = {
    "LeadKeyRef": "IDNUM COOKIE EMAIL LEADOWNEREMAIL SFDCACCOUNTID SFDCCONTACTID SFDCLEADID SFDCLEADOWNERID "
    "SFDCOPPTYID",
    "LeadSyncStatus": "CREATED UPDATED FAILED",
    "ForeignSysType": "CUSTOM SFDC NETSUITE",
}
OCCURS = {(1, 1): "", (0, 1): "?", (0, float("inf")): "*"}


def notation(model) -> str:
    """A model's members as the table above writes them."""
    members = []
    for name, member in model._type_info.items():
        how = member.Attributes
        type_name = (member.__orig__ or member).get_type_name()
        occurs = OCCURS[how.min_occurs, how.max_occurs]
        members.append(f"{name}{occurs}:{type_name}{'/nil' if how.nillable else ''}")
    return " ".join(members)


@pytest.mark.parametrize("name", MODELS)
def test_members_of(name):
    assert notation(getattr(types, name)) == MODELS[name]


@pytest.mark.parametrize("name", ENUMERATIONS)
def test_values_of(name):
    assert list(getattr(types, name).__values__) == ENUMERATIONS[name].split()


def test_the_tables_are_complete():
    assert {*MODELS, *ENUMERATIONS, "Model", "NAMESPACE"} == set(types.__all__)


@pytest.mark.parametrize("name", MODELS)
def test_wire_name_namespace_and_no_extension_of(name):
    model = getattr(types, name)
    assert model.get_type_name() == re.sub(r"V3$", "", name)
    assert model.get_namespace() == "http://www.marketo.com/mktows/"
    assert model.__extends__ is None


@pytest.mark.parametrize(
    ("published", "inside"), [("ForeignSysType", plain.ForeignSysType), ("LeadSyncStatus", plain.SyncStatus)]
)
def test_the_engine_knows_the_same_values(published, inside):
    assert [value.value for value in inside] == list(getattr(types, published).__values__)


def test_a_model_holds_values():
    record = types.LeadRecord(Id=1001, leadAttributeList=types.ArrayOfAttribute(attribute=[types.Attribute()]))
    assert (record.Id, record.Email, record.leadAttributeList.attribute[0].attrType) == (1001, None, None)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_operation_knows_its_published_names(version):
    operation = contract(version).operation("syncLead")
    assert (operation.params_element, operation.success_element) == ("paramsSyncLead", "successSyncLead")
    assert (operation.request_message, operation.response_message) == ("SyncLeadRequest", "SyncLeadResponse")
    assert operation.soap_action == "http://www.marketo.com/mktows/syncLead"
    assert contract(version).by_params("paramsSyncLead") is operation


@pytest.mark.parametrize("version", VERSIONS)
def test_versions_differ_in_params_of_sync_lead_and_the_authentication_header_alone(version):
    third = version in ("3_0", "3_1")
    operations = {operation.name: operation for operation in contract(version).operations}
    params, (authentication, context) = operations["syncLead"].params, contract(version).headers
    assert params is (types.ParamsSyncLeadV3 if third else types.ParamsSyncLead)
    assert authentication.model is (types.AuthenticationHeaderInfoV3 if third else types.AuthenticationHeaderInfo)
    assert context.model is types.MktowsContextHeaderInfo
    assert (operations["getLead"].params, operations["getLead"].success) == (types.ParamsGetLead, types.SuccessGetLead)
    assert operations["syncLead"].success is types.SuccessSyncLead


@pytest.mark.parametrize("version", ["1_3", "2_10", "3_2", "2.2", ""])
def test_an_unknown_version_is_refused_with_the_known_ones(version):
    with pytest.raises(ValueError, match=r"There are: 2_0, 2_1, .*, 3_1"):
        contract(version)


def test_an_operation_that_does_not_answer_is_not_there():
    assert contract("2_2").by_params("paramsMergeLeads") is None
    with pytest.raises(KeyError):
        contract("2_2").operation("mergeLeads")
