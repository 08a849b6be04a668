from datetime import datetime

from marketo import rest

visit = datetime.fromisoformat("2026-03-14T21:30:00-05:00").strftime("%Y-%m-%dT%H:%M:%SZ")
rest("POST", "/rest/v1/leads.json", {"input": [{"email": "ann@example.com", "LastVisit": visit, "leadScore": 12}]})
