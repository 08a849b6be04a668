from marketo import soap

key = {"name": "externalOpportunityId", "value": "O-1"}
answer = soap("deleteMObjects", mObjectList={"mObject": [{"type": "Opportunity", "externalKey": key}]})
print(answer.findtext(".//status").lower())
