from marketo import soap

rows = {"stringItem": ["gil@example.com,Gil"]}
where = {"programName": "Launch", "listName": "Guests"}
how = {"importFileHeader": "Email Address,First Name", "importListMode": "UPSERTLEADS"}
soap("importToList", **where, importFileRows=rows, **how)
answer = soap("getImportToListStatus", **where)
print(answer.findtext(".//status").capitalize())
