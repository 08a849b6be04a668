from marketo import rest

for email in ("ann@example.com", "bob@example.com"):
    wanted = {"filterType": "email", "filterValues": email, "fields": "Newsletter"}
    (lead,) = rest("GET", "/rest/v1/leads.json", **wanted)["result"]
    if lead["Newsletter"]:
        rest("POST", "/rest/v1/leads.json", {"input": [{"email": email, "title": "Reader"}]})
