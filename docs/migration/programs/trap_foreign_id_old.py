from marketo import attributes, soap

lead = {"Email": "hal@example.com", "ForeignSysPersonId": "H-1", "ForeignSysType": "CUSTOM"}
soap("syncLead", leadRecord=lead | {"leadAttributeList": attributes(FirstName="Hal")}, returnLead="false")
