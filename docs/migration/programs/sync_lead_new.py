from marketo import rest

lead = {"email": "ann@example.com", "firstName": "Anne", "title": "Captain"}
answer = rest("POST", "/rest/v1/leads.json", {"lookupField": "email", "input": [lead]})
print(answer["result"][0]["status"])
