from marketo import soap

answer = soap("getLeadActivity", leadKey={"keyType": "IDNUM", "keyValue": "1001"})
print(sorted(record.findtext("mktgAssetName") for record in answer.iter("activityRecord")))
