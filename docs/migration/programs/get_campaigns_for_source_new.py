from marketo import rest

campaigns = rest("GET", "/rest/v1/campaigns.json", isTriggerable="true")["result"]
print([f"{item['programName']}.{item['name']}" if "programName" in item else item["name"] for item in campaigns])
