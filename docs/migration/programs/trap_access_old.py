from marketo import attributes, soap

lead = {"Email": "kim@example.com", "leadAttributeList": attributes(FirstName="Kim")}
soap("syncLead", leadRecord=lead, returnLead="false")  # signed anew with each call
