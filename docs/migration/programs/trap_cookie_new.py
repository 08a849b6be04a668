from marketo import rest

(record,) = rest("POST", "/rest/v1/leads.json", {"input": [{"email": "ida@example.com", "firstName": "Ida"}]})["result"]
cookie = "id:123-ABC-456&token:_mch-example.com-1"
rest("POST", f"/rest/v1/leads/{record['id']}/associate.json", cookie=cookie)
