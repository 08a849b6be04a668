from marketo import rest


def sync(email, **values):
    (record,) = rest("POST", "/rest/v1/leads.json", {"input": [{"email": email, **values}]})["result"]
    return record["status"] != "skipped"


if not sync("ann@example.com", leadScore="many"):
    sync("ann@example.com", leadStatus="to be checked")
