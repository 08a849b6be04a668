from marketo import rest

lead = {"Account_Id": "H-1", "email": "hal@example.com", "firstName": "Hal"}
rest("POST", "/rest/v1/leads.json", {"lookupField": "Account_Id", "input": [lead]})
