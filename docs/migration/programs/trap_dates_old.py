from marketo import attributes, soap

values = attributes(LastVisit="2026-03-14T21:30:00-05:00", LeadScore="12")
soap("syncLead", leadRecord={"Email": "ann@example.com", "leadAttributeList": values}, returnLead="false")
