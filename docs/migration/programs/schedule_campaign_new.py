from datetime import UTC, datetime, timedelta

from marketo import rest

run_at = (datetime.now(UTC) + timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)
(campaign,) = rest("GET", "/rest/v1/campaigns.json", name="Reminder", programName="Launch")["result"]
rest("POST", f"/rest/v1/campaigns/{campaign['id']}/schedule.json", {"input": {"runAt": run_at.isoformat()}})
