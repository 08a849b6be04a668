from marketo import rest

rest("POST", "/rest/v1/leads.json", {"input": [{"email": "bob@example.com", "city": "Rome"}]})
token = rest("GET", "/rest/v1/activities/pagingtoken.json", sinceDatetime="2026-01-01T00:00:00Z")["nextPageToken"]
more = True
while more:
    answer = rest("GET", "/rest/v1/activities/leadchanges.json", nextPageToken=token, fields="city")
    for item in answer.get("result", []):
        for field in item["fields"]:
            print(item["leadId"], {"city": "City"}[field["name"]], field["newValue"])
    token, more = answer["nextPageToken"], answer["moreResult"]
