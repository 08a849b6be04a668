from marketo import attributes, soap

lead = {"Email": "info@example.com", "leadAttributeList": attributes(Title="Office")}
soap("syncLead", leadRecord=lead, returnLead="false")
