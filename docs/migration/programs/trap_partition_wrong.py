from marketo import rest

rest("POST", "/rest/v1/leads.json", {"input": [{"email": "jo@example.com", "firstName": "Jo"}]})
