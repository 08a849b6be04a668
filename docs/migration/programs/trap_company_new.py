from marketo import rest

lead = {"email": "lee@example.com", "company": "Lee & Co", "industry": "Tea"}
rest("POST", "/rest/v1/leads.json", {"input": [lead]})
