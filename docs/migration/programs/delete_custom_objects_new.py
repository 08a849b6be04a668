from marketo import rest

keys = {"mail": "ann@example.com", "city": "Bonn"}
rest("POST", "/rest/v1/customobjects/roadshow_c/delete.json", {"deleteBy": "dedupeFields", "input": [keys]})
