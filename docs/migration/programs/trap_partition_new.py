from marketo import rest

lead = {"email": "jo@example.com", "firstName": "Jo"}
rest("POST", "/rest/v1/leads.json", {"partitionName": "Europe", "input": [lead]})
