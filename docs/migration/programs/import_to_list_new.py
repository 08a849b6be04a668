from marketo import rest

file = "email,firstName\ngil@example.com,Gil\nann@example.com,Anne\n"
(guests,) = rest("GET", "/rest/v1/lists.json", name="Guests", programName="Launch")["result"]
rest("POST", "/bulk/v1/leads.json", file, format="csv", lookupField="email", listId=guests["id"])
