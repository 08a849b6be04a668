from marketo import soap

answer = soap("describeMObject", objectName="LeadRecord")
fields = {field.findtext("name"): field.findtext("dataType") for field in answer.iter("field")}
print(fields["FirstName"], fields["Account_Id"], fields["LastVisit"])
