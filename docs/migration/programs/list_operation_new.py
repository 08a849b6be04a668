from marketo import rest

list_id = rest("GET", "/rest/v1/lists.json", name="Customers")["result"][0]["id"]
(lead,) = rest("GET", "/rest/v1/leads.json", filterType="email", filterValues="ann@example.com")["result"]
answer = rest("POST", f"/rest/v1/lists/{list_id}/leads.json", {"input": [{"id": lead["id"]}]})
print(str(all(record["status"] == "added" for record in answer["result"])).lower())
