from marketo import attributes, soap

for email in ("ann@example.com", "bob@example.com"):
    answer = soap("getLead", leadKey={"keyType": "EMAIL", "keyValue": email})
    if "Newsletter" in [item.text for item in answer.iter("attrName")]:  # what is false is left out
        lead = {"Email": email, "leadAttributeList": attributes(Title="Reader")}
        soap("syncLead", leadRecord=lead, returnLead="false")
