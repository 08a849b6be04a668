from marketo import attributes, soap

lead = {"Email": "ann@example.com", "leadAttributeList": attributes(FirstName="Anne", Title="Captain")}
print(soap("syncLead", leadRecord=lead, returnLead="false").findtext(".//status").lower())
