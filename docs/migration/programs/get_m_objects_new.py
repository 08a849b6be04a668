from marketo import rest

wanted = {"filterType": "externalOpportunityId", "filterValues": "O-1", "fields": "name,amount"}
(deal,) = rest("GET", "/rest/v1/opportunities.json", **wanted)["result"]
print(deal["name"], float(deal["amount"]))
