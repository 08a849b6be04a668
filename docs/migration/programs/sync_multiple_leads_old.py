from marketo import attributes, soap

leads = [
    {"Email": "ann@example.com", "leadAttributeList": attributes(City="Bonn")},
    {"Email": "finn@example.com", "leadAttributeList": attributes(FirstName="Finn", City="Kiel")},
]
answer = soap("syncMultipleLeads", leadRecordList={"leadRecord": leads}, dedupEnabled="true")
print([status.text.lower() for status in answer.iter("status")])
