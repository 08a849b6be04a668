from marketo import rest

token = rest("GET", "/rest/v1/activities/pagingtoken.json", sinceDatetime="2026-01-01T00:00:00Z")["nextPageToken"]
found, more = [], True
while more:
    page = {"nextPageToken": token, "activityTypeIds": "1,12,13", "leadIds": "1001"}
    answer = rest("GET", "/rest/v1/activities.json", **page)
    found += [item["primaryAttributeValue"] for item in answer.get("result", [])]
    token, more = answer["nextPageToken"], answer["moreResult"]
print(sorted(found))
