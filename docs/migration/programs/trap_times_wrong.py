from marketo import rest

(lead,) = rest("GET", "/rest/v1/leads.json", filterType="email", filterValues="ann@example.com")["result"]
if lead["firstName"] != "Ann":  # it is, so that nobody writes
    rest("POST", "/rest/v1/leads.json", {"input": [{"email": "ann@example.com", "firstName": "Ann"}]})
