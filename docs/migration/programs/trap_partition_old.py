from marketo import attributes, soap

lead = {"Email": "jo@example.com", "leadAttributeList": attributes(FirstName="Jo")}
soap("syncLead", workspace="EMEA", leadRecord=lead, returnLead="false")
