from marketo import rest

for channel in rest("GET", "/rest/asset/v1/channels.json")["result"]:
    print(channel["name"], sorted(status["name"] for status in channel["progressionStatuses"]))
