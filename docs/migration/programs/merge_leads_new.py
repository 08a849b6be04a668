from marketo import rest

print(rest("POST", "/rest/v1/leads/1003/merge.json", leadIds="1004")["success"])
