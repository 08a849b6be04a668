from marketo import rest

company = {"externalCompanyId": "LEE", "company": "Lee & Co", "industry": "Tea"}
rest("POST", "/rest/v1/companies.json", {"action": "createOrUpdate", "input": [company]})
rest("POST", "/rest/v1/leads.json", {"input": [{"email": "lee@example.com", "externalCompanyId": "LEE"}]})
