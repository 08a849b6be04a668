from marketo import attributes, soap

lead = {"Email": "lee@example.com", "leadAttributeList": attributes(Company="Lee & Co", Industry="Tea")}
soap("syncLead", leadRecord=lead, returnLead="false")
