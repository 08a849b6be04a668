from marketo import soap

answer = soap("getMObjects", type="Opportunity", externalKey={"name": "externalOpportunityId", "value": "O-1"})
values = {item.findtext("name"): item.findtext("value") for item in answer.iter("attrib")}
print(values["Name"], float(values["Amount"]))
