from marketo import attributes, soap

lead = {"ForeignSysPersonId": "B-1", "leadAttributeList": attributes(Email="robert@example.com", FirstName="Robert")}
soap("syncLead", leadRecord=lead, returnLead="false")
