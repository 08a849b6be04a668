from marketo import rest

row = {"firstName": "Ann", "phone": ""}
lead = {"email": "ann@example.com"} | {name: value or None for name, value in row.items()}
rest("POST", "/rest/v1/leads.json", {"input": [lead]})
