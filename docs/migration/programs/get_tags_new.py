from marketo import rest

for tag in rest("GET", "/rest/asset/v1/tagTypes.json")["result"]:
    (whole,) = rest("GET", "/rest/asset/v1/tagType/byName.json", name=tag["tagType"])["result"]
    print(tag["tagType"], whole["allowableValues"].strip("[]").split(", "))  # one text: [East, West]
