from marketo import attribs, soap

soap(
    "requestCampaign",
    source="MKTOWS",
    programName="Launch",
    campaignName="Welcome",
    leadList={"leadKey": [{"keyType": "EMAIL", "keyValue": "ann@example.com"}]},
    programTokenList=attribs(**{"{{my.greeting}}": "Hello Ann"}),
)
