from marketo import rest

list_id = rest("GET", "/rest/v1/lists.json", name="News")["result"][0]["id"]
found, page = [], {}
while True:
    answer = rest("GET", f"/rest/v1/lists/{list_id}/leads.json", fields="firstName", **page)
    found += [lead["firstName"] for lead in answer["result"]]
    if "nextPageToken" not in answer:
        break
    page = {"nextPageToken": answer["nextPageToken"]}
print(sorted(found))
