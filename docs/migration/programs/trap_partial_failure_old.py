from marketo import MarketoError, attributes, soap


def sync(email, **values):
    soap("syncLead", leadRecord={"Email": email, "leadAttributeList": attributes(**values)}, returnLead="false")


try:
    sync("ann@example.com", LeadScore="many")
except MarketoError:
    sync("ann@example.com", LeadStatus="to be checked")
