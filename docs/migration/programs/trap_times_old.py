from marketo import attributes, soap

lead = {"Email": "ann@example.com", "leadAttributeList": attributes(FirstName="Ann")}  # as it is already
soap("syncLead", leadRecord=lead, returnLead="false")
