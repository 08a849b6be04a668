from marketo import rest

fields = {item["rest"]["name"]: item["dataType"] for item in rest("GET", "/rest/v1/leads/describe.json")["result"]}
print(fields["firstName"], fields["Account_Id"], fields["LastVisit"])
