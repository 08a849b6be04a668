from marketo import rest

leads = [{"email": f"guest{n}@example.com", "city": "Bonn"} for n in range(301)]
for first in range(0, len(leads), 300):
    rest("POST", "/rest/v1/leads.json", {"input": leads[first : first + 300]})
