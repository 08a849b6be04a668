from marketo import rest

deal = {"externalOpportunityId": "O-2", "name": "Bigger deal", "amount": 2000}
rest("POST", "/rest/v1/opportunities.json", {"action": "createOrUpdate", "dedupeBy": "dedupeFields", "input": [deal]})
