from marketo import rest

row = {"firstName": "Ann", "phone": ""}
lead = {"email": "ann@example.com"} | {name: value for name, value in row.items() if value}
rest("POST", "/rest/v1/leads.json", {"input": [lead]})
