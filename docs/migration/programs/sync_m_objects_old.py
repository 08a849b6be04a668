from marketo import attribs, soap

key = {"name": "externalOpportunityId", "value": "O-2"}
deal = {"type": "Opportunity", "externalKey": key, "attribList": attribs(Name="Bigger deal", Amount="2000")}
soap("syncMObjects", mObjectList={"mObject": [deal]}, operation="UPSERT")
