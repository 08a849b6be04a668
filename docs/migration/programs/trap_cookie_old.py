from marketo import attributes, soap

lead = {"Email": "ida@example.com", "leadAttributeList": attributes(FirstName="Ida")}
soap("syncLead", leadRecord=lead, returnLead="false", marketoCookie="id:123-ABC-456&token:_mch-example.com-1")
