from marketo import attributes, soap

keys = attributes(mail="ann@example.com", city="Bonn")
answer = soap("getCustomObjects", objTypeName="roadshow_c", customObjKeyList=keys)
values = {item.findtext("attrName"): item.findtext("attrValue") for item in answer.iter("attribute")}
print(values["seat"])
