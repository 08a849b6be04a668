import marketo

marketo.TOKENS[:] = ["f00d:int"]  # of yesterday, kept in a file
try:
    marketo.rest("POST", "/rest/v1/leads.json", {"input": [{"email": "kim@example.com", "firstName": "Kim"}]})
except marketo.MarketoError as error:
    print(error)
finally:
    marketo.TOKENS.clear()
