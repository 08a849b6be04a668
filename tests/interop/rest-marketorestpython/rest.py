"""What an integration asks of the REST API, with marketorestpython: prints a JSON object of what it was answered."""

import json
import os
from datetime import date, timedelta

from marketorestpython.client import MarketoClient

MUNCHKIN_ID = "123-ABC-456"  # the client makes https://123-ABC-456.mktorest.com of it

client = MarketoClient(MUNCHKIN_ID, os.environ["MARKETO_CLIENT_ID"], os.environ["MARKETO_CLIENT_SECRET"])


def outcomes(result):
    return [[item.get("id"), item["status"], *[why["code"] for why in item.get("reasons", [])]] for item in result]


first_name = next(f for f in client.execute(method="describe") if f["rest"]["name"] == "firstName")
steps = {"described": [first_name["dataType"], first_name["length"], first_name["soap"]["name"]]}

leads = [
    {"email": "ann@example.com", "firstName": "Ann"},
    {"email": "bob@example.com", "firstName": "Bob", "city": "Zürich"},
    {"email": "carol@example.com", "firstName": "Carol", "annualRevenue": 34.66},
    {"email": "dan@example.com", "numberOfEmployees": "many"},
]
result = client.execute(method="create_update_leads", leads=leads, action="createOrUpdate", lookupField="email")
steps["synced"] = outcomes(result)
ann, bob, carol = (item["id"] for item in result[:3])

found = client.execute(
    method="get_multiple_leads_by_filter_type",
    filterType="email",
    filterValues=["bob@example.com", "ann@example.com", "nobody@example.com"],
    fields=["email", "city"],
)
steps["found"] = [[lead["id"], lead["email"], lead["city"]] for lead in found]

(newsletter,) = client.execute(method="get_multiple_lists", name=["Newsletter"])
steps["list"] = [newsletter["id"], newsletter["name"]]
steps["added"] = outcomes(client.execute(method="add_leads_to_list", listId=1001, id=[ann, bob, carol, 999]))
steps["asked"] = outcomes(client.execute(method="member_of_list", listId=1001, id=[ann, 999]))

pages = client.execute(method="get_multiple_leads_by_list_id_yield", listId=1001, batchSize=2)
steps["pages"] = [[lead["id"] for lead in page] for page in pages]

steps["removed"] = outcomes(client.execute(method="remove_leads_from_list", listId=1001, id=[bob, 1005]))

# Here the token expires. The client believes in one for an hour, whatever it is answered: it tries ten times, and then
# gives nothing back. So it must be told.
assert client.execute(method="get_multiple_campaigns", name=["Send Letter"]) is None
client.valid_until = None
(campaign,) = client.execute(method="get_multiple_campaigns", name=["Send Letter"])
steps["campaign"] = [campaign["id"], campaign["type"]]
tokens = {"my.subject": "Hi Ann & Bob"}  # the client makes {{my.subject}} of it
steps["requested"] = client.execute(method="request_campaign", id=campaign["id"], leads=[ann, bob], tokens=tokens)

yesterday = date.today() - timedelta(days=1)  # noqa: DTZ011  # a bare date, as the client's own examples have it
activities = client.execute(
    method="get_lead_activities", activityTypeIds=["12", "24"], sinceDatetime=str(yesterday), leadIds=[ann, bob]
)
steps["activities"] = [[item["leadId"], item["activityTypeId"]] for item in activities]

try:
    client.execute(method="get_multiple_leads_by_filter_type", filterType="firstName", filterValues=["Ann"])
except Exception as error:  # noqa: BLE001  # the client raises nothing more special
    steps["refused"] = error.args[0]["code"]

print(json.dumps(steps))
