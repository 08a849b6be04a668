from marketo import MarketoError, rest

leads = [{"email": f"guest{n}@example.com", "city": "Bonn"} for n in range(301)]
try:
    rest("POST", "/rest/v1/leads.json", {"input": leads})
except MarketoError as error:
    print(error)
