"""The contract as tables written by hand: every type, enumeration and operation of every version.

In the notation of members, `?` is 0..1, `*` is 0..n and neither is exactly one; `/nil` is nillable. What the tables say
of 2_2 is captured; `types_of`, `enumerations_of` and `operations_of` say how the other versions differ.
"""

TYPES_OF_2_2 = {
    "ArrayOfString": "stringItem*:string",
    "ArrayOfInteger": "integerItem*:int",
    "ArrayOfActivityType": "activityType*:ActivityType",
    "ActivityTypeFilter": "includeTypes?:ArrayOfActivityType excludeTypes?:ArrayOfActivityType",
    "Attrib": "name:string value:string",
    "ArrayOfAttrib": "attrib*:Attrib",
    "Attribute": "attrName:string attrType?:string/nil attrValue:string",
    "ArrayOfAttribute": "attribute*:Attribute",
    "TypeAttrib": "attrType:string attrList?:ArrayOfAttrib",
    "ArrayOfTypeAttrib": "typeAttrib*:TypeAttrib",
    "ArrayOfKeyList": "keyList*:ArrayOfAttribute",
    "LeadRecord": "Id?:int/nil Email?:string/nil ForeignSysPersonId?:string/nil ForeignSysType?:ForeignSysType/nil "
    "leadAttributeList?:ArrayOfAttribute/nil",
    "ArrayOfLeadRecord": "leadRecord*:LeadRecord",
    "ActivityRecord": "id:int activityDateTime:dateTime activityType:string mktgAssetName?:string "
    "activityAttributes?:ArrayOfAttribute/nil campaign?:string/nil personName?:string/nil mktPersonId:string "
    "foreignSysId?:string/nil orgName?:string/nil foreignSysOrgId?:string/nil",
    "CampaignRecord": "id:int name:string description:string",
    "ArrayOfCampaignRecord": "campaignRecord*:CampaignRecord",
    "LeadChangeRecord": "id:int activityDateTime:dateTime activityType:string mktgAssetName?:string/nil "
    "activityAttributes?:ArrayOfAttribute/nil campaign?:string mktPersonId:string",
    "ArrayOfLeadChangeRecord": "leadChangeRecord*:LeadChangeRecord",
    "ArrayOfActivityRecord": "activityRecord*:ActivityRecord",
    "LeadKey": "keyType:LeadKeyRef keyValue:string",
    "ArrayOfLeadKey": "leadKey*:LeadKey",
    "LeadStatus": "leadKey:LeadKey status:boolean",
    "ArrayOfLeadStatus": "leadStatus*:LeadStatus",
    "ListKey": "keyType:ListKeyType keyValue:string",
    "MObject": "type:string id?:int externalKey?:Attrib createdAt?:dateTime updatedAt?:dateTime "
    "attribList?:ArrayOfAttrib typeAttribList?:ArrayOfTypeAttrib associationList?:ArrayOfMObjAssociation",
    "ArrayOfMObject": "mObject*:MObject",
    "MObjAssociation": "mObjType:string id?:int externalKey?:Attrib",
    "ArrayOfMObjAssociation": "mObjAssociation*:MObjAssociation",
    "MObjStatus": "id:int externalKey?:Attrib status:MObjStatusEnum error?:string",
    "ArrayOfMObjStatus": "mObjStatus*:MObjStatus",
    "MObjCriteria": "attrName:string comparison:ComparisonEnum attrValue:anySimpleType",
    "ArrayOfMObjCriteria": "mObjCriteria*:MObjCriteria",
    "MObjectMetadata": "name:string description:string/nil isCustom:boolean isVirtual:boolean "
    "fieldList:ArrayOfMObjFieldMetadata updatedAt:dateTime",
    "MObjFieldMetadata": "name:string description:string/nil displayName:string/nil sourceObject:string/nil "
    "dataType:string size:int/nil isReadonly:boolean isUpdateBlocked:boolean isName:boolean/nil "
    "isPrimaryKey:boolean isCustom:boolean isDynamic:boolean dynamicFieldRef:string/nil updatedAt:dateTime",
    "ArrayOfMObjFieldMetadata": "field*:MObjFieldMetadata",
    "StreamPosition": "latestCreatedAt?:dateTime/nil oldestCreatedAt?:dateTime/nil activityCreatedAt?:dateTime/nil "
    "offset?:string/nil",
    "SyncStatus": "leadId:int status:LeadSyncStatus error?:string/nil",
    "ArrayOfSyncStatus": "syncStatus*:SyncStatus",
    "ArrayOfBase64Binary": "base64Binary*:base64Binary",
    "VersionedItem": "id:integer name:string type?:string/nil description?:string/nil timestamp:dateTime",
    "ArrayOfVersionedItem": "versionedItem*:VersionedItem",
    "CustomObj": "customObjKeyList?:ArrayOfAttribute/nil customObjAttributeList?:ArrayOfAttribute/nil",
    "ArrayOfCustomObj": "customObj*:CustomObj",
    "SyncCustomObjStatus": "objTypeName:string customObjKeyList?:ArrayOfAttribute/nil status:SyncStatusEnum "
    "error?:string/nil",
    "ArrayOfSyncCustomObjStatus": "syncCustomObjStatus*:SyncCustomObjStatus",
    "MergeStatus": "winningLeadId?:int/nil losingLeadIdList?:ArrayOfInteger/nil status:LeadMergeStatusEnum "
    "error?:string/nil",
    "LeadSelector": "",
    "LastUpdateAtSelector": "latestUpdatedAt?:dateTime/nil oldestUpdatedAt:dateTime",
    "StaticListSelector": "staticListName?:string/nil staticListId?:int/nil",
    "LeadKeySelector": "keyType:LeadKeyRef keyValues:ArrayOfString",
    "Tag": "type?:string values?:ArrayOfString",
    "ArrayOfTag": "tag*:Tag",
    "ProgressionStatus": "progressionStatus?:ArrayOfAttrib",
    "ArrayOfProgressionStatus": "progressionStatusItem*:ProgressionStatus",
    "TagStatus": "tagValue:string statusList:ArrayOfProgressionStatus",
    "ArrayOfTagStatus": "tagStatus*:TagStatus",
    "ParamsDeleteMObjects": "mObjectList:ArrayOfMObject",
    "ParamsDescribeMObject": "objectName:string",
    "ParamsGetMObjects": "type:string id?:int externalKey?:Attrib mObjCriteriaList?:ArrayOfMObjCriteria "
    "mObjAssociationList?:ArrayOfMObjAssociation includeDetails?:boolean streamPosition?:string",
    "ParamsListMObjects": "",
    "ParamsSyncMObjects": "mObjectList:ArrayOfMObject operation:SyncOperationEnum",
    "ParamsGetCampaignsForSource": "source:ReqCampSourceType name?:string/nil exactName?:boolean/nil",
    "ParamsGetImportToListStatus": "programName?:string listName?:string",
    "ParamsGetLead": "leadKey:LeadKey",
    "ParamsGetLeadActivity": "leadKey:LeadKey activityFilter?:ActivityTypeFilter/nil "
    "startPosition?:StreamPosition/nil batchSize?:int/nil",
    "ParamsGetLeadChanges": "startPosition:StreamPosition activityFilter?:ActivityTypeFilter/nil batchSize?:int/nil "
    "leadSelector?:LeadSelector",
    "ParamsGetMultipleLeads": "leadSelector?:LeadSelector lastUpdatedAt?:dateTime streamPosition?:string/nil "
    "batchSize?:int/nil includeAttributes?:ArrayOfString",
    "ParamsImportToList": "programName:string importFileHeader:string importFileRows:ArrayOfString "
    "importListMode:ImportToListModeEnum listName:string clearList:boolean campaignName:string/nil",
    "ParamsListOperation": "listOperation:ListOperationType listKey:ListKey listMemberList:ArrayOfLeadKey "
    "strict?:boolean/nil skipActivityLog?:boolean/nil",
    "ParamsRequestCampaign": "source:ReqCampSourceType campaignId?:int/nil leadList?:ArrayOfLeadKey/nil "
    "programName?:string/nil campaignName?:string/nil programTokenList?:ArrayOfAttrib/nil",
    "ParamsScheduleCampaign": "programName:string campaignName:string campaignRunAt?:dateTime/nil "
    "programTokenList?:ArrayOfAttrib/nil",
    "ParamsSyncLead": "leadRecord:LeadRecord returnLead:boolean marketoCookie?:string/nil",
    "ParamsSyncMultipleLeads": "leadRecordList:ArrayOfLeadRecord dedupEnabled?:boolean/nil",
    "ParamsSyncCustomObjects": "objTypeName:string customObjList:ArrayOfCustomObj operation?:SyncOperationEnum/nil",
    "ParamsDeleteCustomObjects": "objTypeName:string customObjKeyLists:ArrayOfKeyList",
    "ParamsGetCustomObjects": "objTypeName:string streamPosition?:string/nil batchSize?:int/nil "
    "customObjKeyList?:ArrayOfAttribute/nil includeAttributes:ArrayOfString",
    "ParamsMergeLeads": "winningLeadKeyList:ArrayOfAttribute losingLeadKeyLists:ArrayOfKeyList",
    "ParamsGetChannels": "tag?:Tag",
    "ParamsGetTags": "tagList?:ArrayOfTag",
    "ResultDeleteMObjects": "mObjStatusList:ArrayOfMObjStatus",
    "ResultDescribeMObject": "metadata:MObjectMetadata",
    "ResultGetMObjects": "returnCount:int hasMore:boolean newStreamPosition:string mObjectList?:ArrayOfMObject",
    "ResultListMObjects": "objects*:string",
    "ResultSyncMObjects": "mObjStatusList:ArrayOfMObjStatus",
    "LeadActivityList": "returnCount:int remainingCount:int newStartPosition:StreamPosition "
    "activityRecordList?:ArrayOfActivityRecord/nil",
    "ResultGetCampaignsForSource": "returnCount:int campaignRecordList?:ArrayOfCampaignRecord/nil",
    "ResultGetImportToListStatus": "status:ImportToListStatusEnum startedTime?:dateTime/nil endedTime?:dateTime/nil "
    "estimatedTime?:int/nil estimatedRows?:int/nil rowsImported?:int/nil rowsFailed?:int/nil rowsIgnored?:int/nil "
    "importSummary?:string/nil",
    "ResultGetLeadChanges": "returnCount:int remainingCount:int newStartPosition:StreamPosition "
    "leadChangeRecordList?:ArrayOfLeadChangeRecord/nil",
    "ResultGetLead": "count:int leadRecordList?:ArrayOfLeadRecord/nil",
    "ResultListOperation": "success:boolean statusList?:ArrayOfLeadStatus/nil",
    "ResultGetMultipleLeads": "returnCount:int remainingCount:int newStreamPosition:string "
    "leadRecordList?:ArrayOfLeadRecord/nil",
    "ResultImportToList": "importStatus:ImportToListStatusEnum",
    "ResultRequestCampaign": "success:boolean",
    "ResultScheduleCampaign": "success:boolean",
    "ResultSyncLead": "leadId:int syncStatus:SyncStatus leadRecord?:LeadRecord/nil",
    "ResultSyncMultipleLeads": "syncStatusList:ArrayOfSyncStatus",
    "ResultSyncCustomObjects": "syncCustomObjStatusList:ArrayOfSyncCustomObjStatus",
    "ResultDeleteCustomObjects": "deleteCustomObjStatusList:ArrayOfSyncCustomObjStatus",
    "ResultGetCustomObjects": "objTypeName:string returnCount:int remainingCount:int newStreamPosition:string "
    "customObjList?:ArrayOfCustomObj/nil",
    "ResultMergeLeads": "mergeStatus:MergeStatus",
    "ResultGetChannels": "tags:ArrayOfTagStatus",
    "ResultGetTags": "tagList:ArrayOfTag",
    "SuccessDeleteMObjects": "result:ResultDeleteMObjects",
    "SuccessDescribeMObject": "result:ResultDescribeMObject",
    "SuccessGetMObjects": "result:ResultGetMObjects",
    "SuccessListMObjects": "result:ResultListMObjects",
    "SuccessSyncMObjects": "result:ResultSyncMObjects",
    "SuccessGetCampaignsForSource": "result:ResultGetCampaignsForSource",
    "SuccessGetImportToListStatus": "result:ResultGetImportToListStatus",
    "SuccessGetLead": "result:ResultGetLead",
    "SuccessGetLeadActivity": "leadActivityList:LeadActivityList",
    "SuccessGetLeadChanges": "result:ResultGetLeadChanges",
    "SuccessGetMultipleLeads": "result:ResultGetMultipleLeads",
    "SuccessImportToList": "result:ResultImportToList",
    "SuccessListOperation": "result:ResultListOperation",
    "SuccessRequestCampaign": "result:ResultRequestCampaign",
    "SuccessScheduleCampaign": "result:ResultScheduleCampaign",
    "SuccessSyncLead": "result:ResultSyncLead",
    "SuccessSyncMultipleLeads": "result:ResultSyncMultipleLeads",
    "SuccessSyncCustomObjects": "result:ResultSyncCustomObjects",
    "SuccessDeleteCustomObjects": "result:ResultDeleteCustomObjects",
    "SuccessGetCustomObjects": "result:ResultGetCustomObjects",
    "SuccessMergeLeads": "result:ResultMergeLeads",
    "SuccessGetChannels": "result:ResultGetChannels",
    "SuccessGetTags": "result:ResultGetTags",
    "AuthenticationHeaderInfo": "mktowsUserId:string requestSignature:string requestTimestamp:string audit?:string "
    "mode?:int",
    "MktowsContextHeaderInfo": "targetWorkspace:string",
}

SELECTORS = ("LastUpdateAtSelector", "StaticListSelector", "LeadKeySelector")  # extend the abstract LeadSelector

ENUMERATIONS_OF_2_2 = {
    "LeadKeyRef": "IDNUM COOKIE EMAIL LEADOWNEREMAIL SFDCACCOUNTID SFDCCONTACTID SFDCLEADID SFDCLEADOWNERID "
    "SFDCOPPTYID",
    "LeadSyncStatus": "CREATED UPDATED FAILED",
    "ActivityType": "VisitWebpage FillOutForm ClickLink SendEmail EmailDelivered EmailBounced UnsubscribeEmail "
    "OpenEmail ClickEmail NewLead ChangeDataValue LeadAssigned NewSFDCOpprtnty Wait RunSubflow RemoveFromFlow "
    "PushLeadToSales CreateTask ConvertLead ChangeScore ChangeOwner AddToList RemoveFromList SFDCActivity "
    "EmailBouncedSoft PushLeadUpdatesToSales DeleteLeadFromSales SFDCActivityUpdated SFDCMergeLeads MergeLeads "
    "ResolveConflicts AssocWithOpprtntyInSales DissocFromOpprtntyInSales UpdateOpprtntyInSales DeleteLead "
    "SendAlert SendSalesEmail OpenSalesEmail ClickSalesEmail AddtoSFDCCampaign RemoveFromSFDCCampaign "
    "ChangeStatusInSFDCCampaign ReceiveSalesEmail InterestingMoment RequestCampaign SalesEmailBounced "
    "ChangeLeadPartition ChangeRevenueStage ChangeRevenueStageManually ComputeDataValue ChangeStatusInProgression "
    "ChangeFieldInProgram EnrichWithDatacom ChangeSegment ResolveRuleset SmartCampaignTest "
    "SmartCampaignTestTrigger",
    "ForeignSysType": "CUSTOM SFDC NETSUITE",
    "ReqCampSourceType": "MKTOWS SALES",
    "ListKeyType": "MKTOLISTNAME MKTOSALESUSERID SFDCLEADOWNERID",
    "ListOperationType": "ADDTOLIST ISMEMBEROFLIST REMOVEFROMLIST",
    "SyncOperationEnum": "UPSERT INSERT UPDATE",
    "SyncStatusEnum": "CREATED UPDATED DELETED FAILED",
    "LeadMergeStatusEnum": "MERGED FAILED",
    "MObjStatusEnum": "CREATED UPDATED DELETED FAILED UNCHANGED SKIPPED",
    "MObjectTypeEnum": "Opportunity OpportunityLeadRole Program",
    "ComparisonEnum": "EQ NE LT LE GT GE",
    "ImportToListStatusEnum": "PROCESSING COMPLETE FAILED CANCELED",
    "ImportToListModeEnum": "UPSERTLEADS LISTONLY",
}

OPERATIONS_OF_2_2 = [
    "deleteMObjects",
    "describeMObject",
    "getMObjects",
    "syncMObjects",
    "getCampaignsForSource",
    "getImportToListStatus",
    "getLead",
    "getLeadActivity",
    "getLeadChanges",
    "getMultipleLeads",
    "importToList",
    "listMObjects",
    "listOperation",
    "requestCampaign",
    "scheduleCampaign",
    "syncLead",
    "syncMultipleLeads",
    "syncCustomObjects",
    "deleteCustomObjects",
    "getCustomObjects",
    "mergeLeads",
    "getChannels",
    "getTags",
]

OPERATIONS_OF_1_X = [
    "describeMObject",
    "getCampaignsForSource",
    "getLead",
    "getLeadActivity",
    "getLeadChanges",
    "getMultipleLeads",
    "listMObjects",
    "listOperation",
    "requestCampaign",
    "syncLead",
    "syncMultipleLeads",
]

NOT_SPELLED = {
    "AuthenticationHeaderInfo",
    "MktowsContextHeaderInfo",
    "LeadActivityList",
    "ResultDescribeMObject",
    "ResultGetCampaignsForSource",
    "ResultGetLead",
    "ResultGetLeadChanges",
    "ResultGetMultipleLeads",
    "ResultListMObjects",
    "ResultListOperation",
    "ResultRequestCampaign",
    "ResultScheduleCampaign",
    "ResultSyncLead",
    "ResultSyncMultipleLeads",
    *(name for name in TYPES_OF_2_2 if name.startswith("Success")),
}
"""Types of whose members 2_2 does not say `nillable="false"`."""

TAG_TYPES = [
    "Tag",
    "ArrayOfTag",
    "TagStatus",
    "ArrayOfTagStatus",
    "ProgressionStatus",
    "ArrayOfProgressionStatus",
    "TypeAttrib",
    "ArrayOfTypeAttrib",
    "ParamsGetChannels",
    "ParamsGetTags",
    "ResultGetChannels",
    "ResultGetTags",
    "SuccessGetChannels",
    "SuccessGetTags",
]


def number(version: str) -> tuple[int, int]:
    """A version as something that can be compared."""
    major, minor = version.split("_")
    return int(major), int(minor)


def operations_of(version: str) -> list[str]:
    """The names of a version's operations, in the order of the document."""
    if number(version) < (2, 0):
        return OPERATIONS_OF_1_X
    if number(version) == (2, 0):
        return OPERATIONS_OF_2_2[:-2]
    return OPERATIONS_OF_2_2


def enumerations_of(version: str) -> dict[str, str]:
    """The values of a version's enumerations."""
    values = dict(ENUMERATIONS_OF_2_2)
    if number(version) < (2, 2):
        values["ListOperationType"] = "ADDTOLIST CLEARLIST ISMEMBEROFLIST REMOVEFROMLIST"
    if number(version) < (2, 1):
        values["MObjectTypeEnum"] = "Opportunity OpportunityLeadRole"
    if number(version) < (2, 0):
        used = "LeadKeyRef LeadSyncStatus ActivityType ForeignSysType ReqCampSourceType ListKeyType ListOperationType"
        values = {name: values[name] for name in used.split()}
    return values


def types_of(version: str) -> dict[str, str]:
    """The members of a version's types."""
    types = dict(TYPES_OF_2_2)
    changes = _CHANGES_TO_OLDER if number(version) < (2, 2) else _CHANGES_TO_NEWER
    for first, last, name, before, after in changes:
        if first <= number(version) <= last:
            assert before in types[name], (name, before)
            types[name] = types[name].replace(before, after, 1)
    if number(version) < (2, 1):
        for name in TAG_TYPES:
            del types[name]
    if number(version) < (2, 0):
        reached = {"AuthenticationHeaderInfo", "MktowsContextHeaderInfo", *SELECTORS}
        for operation in OPERATIONS_OF_1_X:
            title = operation[0].upper() + operation[1:]
            reached |= {f"Params{title}", f"Success{title}"}
        while (
            more := {
                kind.removesuffix("/nil")
                for name in reached & types.keys()
                for kind in (member.split(":")[1] for member in types[name].split())
            }
            - reached
        ):
            reached |= more
        types = {name: members for name, members in types.items() if name in reached}
    return types


_FIRST, _LAST = (0, 0), (9, 9)
_CHANGES_TO_OLDER = [
    # from, to, the type, what 2_2 has, what is there instead
    (_FIRST, (1, 3), "ResultSyncLead", "syncStatus:SyncStatus", "syncStatus:LeadSyncStatus"),
    (_FIRST, (2, 0), "MObject", " typeAttribList?:ArrayOfTypeAttrib", ""),
    (_FIRST, (2, 0), "ParamsGetMObjects", " includeDetails?:boolean", ""),
    (_FIRST, (2, 1), "ParamsGetLeadChanges", " leadSelector?:LeadSelector", ""),
]
_CHANGES_TO_NEWER = [
    ((2, 3), _LAST, "ParamsGetLeadChanges", " batchSize", " activityNameFilter?:ArrayOfString/nil batchSize"),
    ((2, 3), _LAST, "ParamsListOperation", " skipActivityLog?:boolean/nil", ""),
    ((2, 4), (2, 9), "ActivityRecord", "id:int", "id:long"),
    ((2, 4), (2, 9), "LeadChangeRecord", "id:int", "id:long"),
    ((2, 4), _LAST, "MObjStatus", "id:int", "id:int/nil"),
    (
        (2, 4),
        _LAST,
        "ParamsMergeLeads",
        "losingLeadKeyLists:ArrayOfKeyList",
        "losingLeadKeyLists:ArrayOfKeyList mergeInSales?:boolean",
    ),
    ((3, 0), _LAST, "ActivityRecord", "id:int", "id?:long/nil marketoGUID:string"),
    ((3, 0), _LAST, "LeadChangeRecord", "id:int", "id?:long/nil marketoGUID:string"),
    ((3, 0), _LAST, "ParamsSyncLead", "marketoCookie?:string/nil", "marketoCookie?:string/nil moveCookie?:boolean/nil"),
    (
        (3, 0),
        _LAST,
        "ParamsScheduleCampaign",
        "programName:string",
        "programName:string cloneToProgramName?:string/nil",
    ),
    ((3, 0), _LAST, "AuthenticationHeaderInfo", " audit", " partnerId?:string audit"),
]
