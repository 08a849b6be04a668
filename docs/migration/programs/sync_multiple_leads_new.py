from marketo import rest

leads = [
    {"email": "ann@example.com", "city": "Bonn"},
    {"email": "finn@example.com", "firstName": "Finn", "city": "Kiel"},
]
answer = rest("POST", "/rest/v1/leads.json", {"lookupField": "email", "input": leads})
print([record["status"] for record in answer["result"]])
