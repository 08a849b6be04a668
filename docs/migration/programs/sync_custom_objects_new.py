from marketo import rest

record = {"mail": "bob@example.com", "city": "Rome", "seat": "7"}
rest("POST", "/rest/v1/customobjects/roadshow_c.json", {"action": "createOrUpdate", "input": [record]})
