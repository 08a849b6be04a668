// What an integration asks of the REST API, with node-marketo-rest. Prints one JSON object: what each step was answered.
'use strict';

const Marketo = require('@grouparoo/node-marketo-rest');

const HOST = 'https://123-ABC-456.mktorest.com';

const marketo = new Marketo({
  endpoint: `${HOST}/rest`,
  identity: `${HOST}/identity`,
  clientId: process.env.MARKETO_CLIENT_ID,
  clientSecret: process.env.MARKETO_CLIENT_SECRET,
});

const outcomes = (result) =>
  result.map((item) => [item.id ?? null, item.status, ...(item.reasons ?? []).map((why) => why.code)]);

async function main() {
  const steps = {};

  const described = (await marketo.lead.describe()).result.find((field) => field.rest.name === 'firstName');
  steps.described = [described.dataType, described.length, described.soap.name];

  const leads = [
    { email: 'ann@example.com', firstName: 'Ann' },
    { email: 'bob@example.com', firstName: 'Bob', city: 'Zürich' },
    { email: 'carol@example.com', firstName: 'Carol', annualRevenue: 34.66 },
    { email: 'dan@example.com', numberOfEmployees: 'many' },
  ];
  const synced = (await marketo.lead.createOrUpdate(leads, { lookupField: 'email' })).result;
  steps.synced = outcomes(synced);
  const [ann, bob, carol] = synced.map((item) => item.id);

  const emails = ['bob@example.com', 'ann@example.com', 'nobody@example.com'];
  const found = (await marketo.lead.find('email', emails, { fields: ['email', 'city'] })).result;
  steps.found = found.map((lead) => [lead.id, lead.email, lead.city]);

  const [newsletter] = (await marketo.list.find({ name: ['Newsletter'] })).result;
  steps.list = [newsletter.id, newsletter.name];
  steps.added = outcomes((await marketo.list.addLeadsToList(1001, [ann, bob, carol, 999])).result);
  steps.asked = outcomes((await marketo.list.isMember(1001, [ann, 999])).result);

  steps.pages = [];
  let page = await marketo.list.getLeads(1001, { batchSize: 2 });
  for (;;) {
    steps.pages.push(page.result.map((lead) => lead.id));
    if (!page.nextPage) break;
    page = await page.nextPage();
  }

  steps.removed = outcomes((await marketo.list.removeLeadsFromList(1001, [bob, 1005])).result);

  // Here the token expires: the client asks for another one, and sends the call again.
  const [campaign] = (await marketo.campaign.getCampaigns({ name: 'Send Letter' })).result;
  steps.campaign = [campaign.id, campaign.type];
  const tokens = [{ name: '{{my.subject}}', value: 'Hi Ann & Bob' }];
  steps.requested = (await marketo.campaign.request(campaign.id, [ann, bob], tokens)).result;

  const yesterday = new Date(Date.now() - 24 * 3600 * 1000).toISOString().slice(0, 10);
  const { nextPageToken } = await marketo._connection.get('/v1/activities/pagingtoken.json', {
    query: { sinceDatetime: yesterday },
  });
  const query = { nextPageToken, activityTypeIds: '12,24', leadIds: `${ann},${bob}` };
  const activities = (await marketo._connection.get('/v1/activities.json', { query })).result;
  steps.activities = activities.map((item) => [item.leadId, item.activityTypeId]);

  try {
    await marketo.lead.find('firstName', ['Ann']);
  } catch (error) {
    steps.refused = error.errors[0].code;
  }

  console.log(JSON.stringify(steps));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
