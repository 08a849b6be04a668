from marketo import rest

wanted = {"filterType": "email", "filterValues": "ann@example.com", "fields": "email,firstName,title,leadScore"}
for lead in rest("GET", "/rest/v1/leads.json", **wanted)["result"]:
    print(lead["email"], lead["firstName"], lead["title"] or "", lead["leadScore"])
