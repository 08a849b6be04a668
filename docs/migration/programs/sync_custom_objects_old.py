from marketo import attributes, soap

record = {
    "customObjKeyList": attributes(mail="bob@example.com", city="Rome"),
    "customObjAttributeList": attributes(seat="7"),
}
soap("syncCustomObjects", objTypeName="roadshow_c", customObjList={"customObj": [record]}, operation="UPSERT")
