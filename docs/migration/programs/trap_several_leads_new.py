from marketo import rest

wanted = {"filterType": "email", "filterValues": "info@example.com", "fields": "id,updatedAt"}
found = rest("GET", "/rest/v1/leads.json", **wanted)["result"]
latest = max(found, key=lambda lead: (lead["updatedAt"], lead["id"]))
lead = {"id": latest["id"], "email": "info@example.com", "title": "Office"}
rest("POST", "/rest/v1/leads.json", {"lookupField": "id", "input": [lead]})
