from marketo import rest

lead = {"Account_Id": "B-1", "email": "robert@example.com", "firstName": "Robert"}
rest("POST", "/rest/v1/leads.json", {"input": [lead]})
