from marketo import rest

lead = {"email": "hal@example.com", "firstName": "Hal"}
rest("POST", "/rest/v1/leads.json", {"lookupField": "email", "input": [lead]})
