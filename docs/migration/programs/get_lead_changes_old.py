from marketo import attributes, soap

lead = {"Email": "bob@example.com", "leadAttributeList": attributes(City="Rome")}
soap("syncLead", leadRecord=lead, returnLead="false")
position = {"oldestCreatedAt": "2026-01-01T00:00:00Z"}
wanted = {"includeTypes": {"activityType": ["ChangeDataValue"]}}
answer = soap("getLeadChanges", startPosition=position, activityFilter=wanted)
for record in answer.iter("leadChangeRecord"):
    values = {item.findtext("attrName"): item.findtext("attrValue") for item in record.iter("attribute")}
    print(record.findtext("mktPersonId"), values["Attribute Name"], values["New Value"])
