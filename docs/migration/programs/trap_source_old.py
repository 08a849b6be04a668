from marketo import attributes, soap

lead = {"Email": "bob@example.com", "leadAttributeList": attributes(City="Rome", LeadScore="3")}
soap("syncLead", leadRecord=lead, returnLead="false")
