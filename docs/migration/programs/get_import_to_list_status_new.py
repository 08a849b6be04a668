import time

from marketo import rest

(guests,) = rest("GET", "/rest/v1/lists.json", name="Guests", programName="Launch")["result"]
file = "email,firstName\ngil@example.com,Gil\n"
(job,) = rest("POST", "/bulk/v1/leads.json", file, format="csv", listId=guests["id"])["result"]
while job["status"] in ("Queued", "Importing"):
    (job,) = rest("GET", f"/bulk/v1/leads/batch/{job['batchId']}.json")["result"]
    time.sleep(0.05)
print(job["status"])
