from marketo import soap

selector = {"type": "StaticListSelector", "staticListName": "News"}
answer = soap("getMultipleLeads", leadSelector=selector, includeAttributes={"stringItem": ["FirstName"]})
print(sorted(item.findtext("attrValue") for item in answer.iter("attribute")))
