from marketo import rest

rest("POST", "/rest/v1/leads.json", {"input": [{"email": "ann@example.com", "firstName": "Ann"}]})
