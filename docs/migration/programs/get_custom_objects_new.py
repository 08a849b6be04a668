from marketo import rest

keys = {"mail": "ann@example.com", "city": "Bonn"}
wanted = {"filterType": "dedupeFields", "fields": ["seat"], "input": [keys]}
answer = rest("POST", "/rest/v1/customobjects/roadshow_c.json", wanted, _method="GET")
print(answer["result"][0]["seat"])
