from datetime import UTC, datetime, timedelta

from marketo import soap

run_at = (datetime.now(UTC) + timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)
soap("scheduleCampaign", programName="Launch", campaignName="Reminder", campaignRunAt=run_at.isoformat())
