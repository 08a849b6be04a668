import marketo

marketo.TOKENS[:] = ["f00d:int"]
lead = {"input": [{"email": "kim@example.com", "firstName": "Kim"}]}
try:
    marketo.rest("POST", "/rest/v1/leads.json", lead)
except marketo.MarketoError as error:
    if not str(error).startswith(("601", "602")):
        raise
    marketo.TOKENS.clear()  # ask for another one, once
    marketo.rest("POST", "/rest/v1/leads.json", lead)
