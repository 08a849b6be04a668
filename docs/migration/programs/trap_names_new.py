from marketo import rest

fields = rest("GET", "/rest/v1/leads/describe.json")["result"]
names = {item["soap"]["name"]: item["rest"]["name"] for item in fields if "soap" in item}
old = {"Email": "ann@example.com", "MarketoSocialGender": "female", "SICCode": "7372", "DateofBirth": "1990-05-01"}
rest("POST", "/rest/v1/leads.json", {"input": [{names[name]: value for name, value in old.items()}]})
