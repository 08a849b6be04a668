from marketo import rest

lead = {"email": "lee@example.com", "externalCompanyId": "Lee & Co"}
rest("POST", "/rest/v1/leads.json", {"input": [lead]})
