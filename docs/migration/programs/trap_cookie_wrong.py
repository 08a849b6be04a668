from marketo import rest

rest("POST", "/rest/v1/leads.json", {"input": [{"email": "ida@example.com", "firstName": "Ida"}]})
