from marketo import soap

answer = soap("getLead", leadKey={"keyType": "EMAIL", "keyValue": "ann@example.com"})
for record in answer.iter("leadRecord"):
    values = {item.findtext("attrName"): item.findtext("attrValue") for item in record.iter("attribute")}
    print(record.findtext("Email"), values.get("FirstName", ""), values.get("Title", ""), values.get("LeadScore"))
