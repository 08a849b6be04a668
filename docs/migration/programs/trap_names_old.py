from marketo import attributes, soap

values = attributes(MarketoSocialGender="female", SICCode="7372", DateofBirth="1990-05-01")
soap("syncLead", leadRecord={"Email": "ann@example.com", "leadAttributeList": values}, returnLead="false")
