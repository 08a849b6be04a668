from marketo import soap

key = {"keyType": "MKTOLISTNAME", "keyValue": "Customers"}
members = {"leadKey": [{"keyType": "EMAIL", "keyValue": "ann@example.com"}]}
answer = soap("listOperation", listOperation="ADDTOLIST", listKey=key, listMemberList=members)
print(answer.findtext(".//success"))
