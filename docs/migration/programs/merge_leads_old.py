from marketo import attributes, soap

winner, loser = attributes(IDNUM="1003"), attributes(IDNUM="1004")
answer = soap("mergeLeads", winningLeadKeyList=winner, losingLeadKeyLists={"keyList": [loser]})
print(answer.findtext(".//status") == "MERGED")
