from marketo import soap

answer = soap("getCampaignsForSource", source="MKTOWS")
print([record.findtext("name") for record in answer.iter("campaignRecord")])
