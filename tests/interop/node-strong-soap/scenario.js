// syncLead and getLead with the npm package "strong-soap". Prints one JSON object: what each step was answered.
'use strict';
const crypto = require('node:crypto');
const { soap, QName } = require('strong-soap');

const endpoint = process.env.MARKETO_SOAP_ENDPOINT;    // http://127.0.0.1:6586/soap/mktows/3_1
const userId = process.env.MARKETO_USER_ID;       // mockmkto
const key = process.env.MARKETO_ENCRYPTION_KEY;   // mockmkto-encryption-key
const namespace = 'http://www.marketo.com/mktows/';

function authentication(secret = key) {
  const timestamp = new Date().toISOString();
  const signature = crypto.createHmac('sha1', secret).update(timestamp + userId).digest('hex');
  return { mktowsUserId: userId, requestSignature: signature, requestTimestamp: timestamp };
}

function createClient(url, options) {
  return new Promise((resolve, reject) => {
    soap.createClient(url, options, (error, client) => (error ? reject(error) : resolve(client)));
  });
}

async function main() {
  const client = await createClient(`${endpoint}?WSDL`, { endpoint });

  // Headers stay for the next call: take them away first.
  function setHeaders(secret, workspace) {
    client.clearSoapHeaders();
    client.addSoapHeader(authentication(secret), new QName(namespace, 'AuthenticationHeader'));
    if (workspace) {
      client.addSoapHeader({ targetWorkspace: workspace }, new QName(namespace, 'MktowsContextHeader'));
    }
  }

  async function sync(lead, attributes, { returnLead = false, workspace, secret } = {}) {
    setHeaders(secret, workspace);
    const attribute = Object.entries(attributes).map(([attrName, attrValue]) => ({ attrName, attrValue }));
    const { result: body } = await client.syncLead({
      paramsSyncLead: { leadRecord: { ...lead, leadAttributeList: { attribute } }, returnLead },
    });
    const { leadId, syncStatus, leadRecord } = body.result;
    return {
      leadId,
      syncStatus: { leadId: syncStatus.leadId, status: syncStatus.status, error: nil(syncStatus.error) },
      leadRecord: nil(leadRecord) && record(leadRecord),
    };
  }

  // An xsi:nil element is an object that carries the attribute.
  function nil(value) {
    return value == null || value.$attributes?.['xsi:nil'] ? null : value;
  }

  function list(value) {
    return Array.isArray(value) ? value : value == null ? [] : [value];   // one is no list
  }

  function record(lead) {
    return {
      Id: lead.Id,
      Email: nil(lead.Email),
      ForeignSysPersonId: nil(lead.ForeignSysPersonId),
      ForeignSysType: nil(lead.ForeignSysType),
      attributes: list(lead.leadAttributeList.attribute).map((item) => [item.attrName, item.attrType, item.attrValue]),
    };
  }

  async function fault(call) {
    try {
      return await call();
    } catch (error) {
      const { faultcode, faultstring, detail } = error.root.Envelope.Body.Fault;
      const { name, message, code } = detail.serviceException;
      return { faultcode, faultstring, name, message, code };
    }
  }

  const steps = {};

  const { MktowsApiSoapPort: port } = client.describe().MktMktowsApiService;
  steps.operations = Object.keys(port).sort();

  const ann = { Email: 'ann@example.com' };
  steps.created = await sync(ann, { FirstName: 'Ann' });
  steps.updated = await sync(ann, { FirstName: 'Ann' });

  const crm = { ForeignSysPersonId: 'CRM-1', ForeignSysType: 'CUSTOM' };
  steps.linked = await sync({ ...ann, ...crm }, { LastName: 'Lee' });
  steps.moved = await sync({ Email: 'ann.lee@example.com', ...crm }, {}, { returnLead: true });

  steps.workspace = await sync({ Email: 'kenji@example.com' }, { FirstName: 'Kenji' }, { workspace: 'EMEA' });

  const several = {
    Company: 'Lee & Co',
    DoNotCall: 'true',
    LeadScore: '7',
    AnnualRevenue: '28970000',
    DateofBirth: '1971-11-30',
  };
  steps.record = await sync({ Email: 'ann.lee@example.com' }, several, { returnLead: true });

  setHeaders();
  const { result: { result: found } } = await client.getLead({
    paramsGetLead: { leadKey: { keyType: 'EMAIL', keyValue: 'ann.lee@example.com' } },
  });
  steps.found = { count: found.count, leads: list(found.leadRecordList.leadRecord).map(record) };

  const texts = {
    FirstName: 'Zoë 由紀 🕓',
    LastName: '<O\'Neil & "Sons">',
    Address: 'first line\nsecond line',
    Title: 'one\r\ntwo',
  };
  steps.texts = await sync({ Email: 'texts@example.com' }, texts, { returnLead: true });

  steps.wrong_key = await fault(() => sync(ann, {}, { secret: 'not the key' }));
  steps.unknown_attribute = await fault(() => sync(ann, { ShoeSize: '43' }));

  console.log(JSON.stringify(steps));
}

main();
