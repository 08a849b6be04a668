from marketo import MarketoError, rest


def sync(email, **values):
    rest("POST", "/rest/v1/leads.json", {"input": [{"email": email, **values}]})


try:
    sync("ann@example.com", leadScore="many")  # skipped, in an answer that is a success
except MarketoError:
    sync("ann@example.com", leadStatus="to be checked")
