from marketo import rest

(campaign,) = rest("GET", "/rest/v1/campaigns.json", name="Welcome", programName="Launch")["result"]
(lead,) = rest("GET", "/rest/v1/leads.json", filterType="email", filterValues="ann@example.com")["result"]
tokens = [{"name": "{{my.greeting}}", "value": "Hello Ann"}]
asked = {"input": {"leads": [{"id": lead["id"]}], "tokens": tokens}}
rest("POST", f"/rest/v1/campaigns/{campaign['id']}/trigger.json", asked)
