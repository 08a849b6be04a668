from marketo import attributes, soap

row = {"FirstName": "Ann", "Phone": ""}  # she has no phone any more
lead = {"Email": "ann@example.com", "leadAttributeList": attributes(**row)}
soap("syncLead", leadRecord=lead, returnLead="false")
