from marketo import rest

lead = {"email": "lee@example.com", "externalCompanyId": "LEE"}  # which is not there
print(rest("POST", "/rest/v1/leads.json", {"input": [lead]})["result"])
