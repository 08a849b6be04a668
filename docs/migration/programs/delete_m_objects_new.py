from marketo import rest

deals = {"deleteBy": "dedupeFields", "input": [{"externalOpportunityId": "O-1"}]}
print(rest("POST", "/rest/v1/opportunities/delete.json", deals)["result"][0]["status"])
