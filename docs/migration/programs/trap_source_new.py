from marketo import rest

rest("POST", "/rest/v1/leads.json", {"input": [{"email": "bob@example.com", "city": "Rome", "leadScore": 3}]})
