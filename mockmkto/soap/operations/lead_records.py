"""A lead between the wire and the engine, for the operations that read or write leads."""

from __future__ import annotations

from typing import Any

from mockmkto.model import LeadRecord
from mockmkto.soap import types
from mockmkto.soap.operations.declaring import CallUnderWay
from mockmkto.soap.operations.mapping import attributes_from
from mockmkto.soap.operations.showing import attribute_list
from mockmkto.soap.types import Int, Model, String, enumeration, many, optional
from mockmkto.soap.writing import build

__all__ = ["ArrayOfLeadRecord", "ForeignSysType", "LeadRecordModel", "lead_record", "lead_record_from"]

ForeignSysType = enumeration("ForeignSysType", "CUSTOM", "SFDC", "NETSUITE")


class LeadRecordModel(Model):
    """A lead: the keys that find it, and its fields."""

    __type_name__ = "LeadRecord"

    Id = optional(Int)
    Email = optional(String)
    ForeignSysPersonId = optional(String, doc="The lead's id in another system. Give its ForeignSysType as well.")
    ForeignSysType = optional(ForeignSysType)
    leadAttributeList = optional(types.ArrayOfAttribute)


class ArrayOfLeadRecord(Model):
    """Leads."""

    leadRecord = many(LeadRecordModel)


def lead_record_from(record: Any) -> LeadRecord:
    """A lead as a request says it."""
    return LeadRecord(
        record.Id,
        record.Email,
        record.ForeignSysPersonId,
        record.ForeignSysType,
        attributes_from(record.leadAttributeList) or (),
    )


def lead_record(call: CallUnderWay, lead: LeadRecord) -> Any:
    """A lead as an answer shows it."""
    return build(
        LeadRecordModel,
        Id=lead.id,
        Email=lead.email,
        ForeignSysPersonId=lead.foreign_sys_person_id,
        ForeignSysType=lead.foreign_sys_type,
        leadAttributeList=attribute_list(call, lead.attributes),
    )
