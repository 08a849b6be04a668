from marketo import rest

lead = {"email": "ann@example.com", "marketoSocialGender": "female", "sicCode": "7372", "dateOfBirth": "1990-05-01"}
rest("POST", "/rest/v1/leads.json", {"input": [lead]})
