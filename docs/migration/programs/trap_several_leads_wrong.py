from marketo import rest

lead = {"email": "info@example.com", "title": "Office"}
rest("POST", "/rest/v1/leads.json", {"lookupField": "email", "input": [lead]})
