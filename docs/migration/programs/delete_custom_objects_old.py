from marketo import attributes, soap

keys = attributes(mail="ann@example.com", city="Bonn")
soap("deleteCustomObjects", objTypeName="roadshow_c", customObjKeyLists={"keyList": [keys]})
