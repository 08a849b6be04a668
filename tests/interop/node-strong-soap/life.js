// A lead's whole life with the npm package "strong-soap": ten operations. Prints one JSON object: what each step was
// answered.
'use strict';
const crypto = require('node:crypto');
const { soap, QName } = require('strong-soap');

const endpoint = process.env.MARKETO_SOAP_ENDPOINT;    // http://127.0.0.1:6586/soap/mktows/3_1
const userId = process.env.MARKETO_USER_ID;       // mockmkto
const key = process.env.MARKETO_ENCRYPTION_KEY;   // mockmkto-encryption-key
const namespace = 'http://www.marketo.com/mktows/';

function createClient(url, options) {
  return new Promise((resolve, reject) => {
    soap.createClient(url, options, (error, client) => (error ? reject(error) : resolve(client)));
  });
}

async function main() {
  const client = await createClient(`${endpoint}?WSDL`, { endpoint });

  async function call(operation, params) {
    const timestamp = new Date().toISOString();
    const signature = crypto.createHmac('sha1', key).update(timestamp + userId).digest('hex');
    const header = { mktowsUserId: userId, requestSignature: signature, requestTimestamp: timestamp };
    client.clearSoapHeaders();
    client.addSoapHeader(header, new QName(namespace, 'AuthenticationHeader'));
    const wrapper = `params${operation[0].toUpperCase()}${operation.slice(1)}`;
    const { result: answer } = await client[operation]({ [wrapper]: params });
    return answer.result ?? answer;   // getLeadActivity answers a leadActivityList in place of a result
  }

  const list = (value) => (Array.isArray(value) ? value : value == null ? [] : [value]);   // one is no list
  // An xsi:nil element is an object that carries the attribute.
  const nil = (value) => (value == null || value.$attributes?.['xsi:nil'] ? null : value);

  const attributes = (values) => ({
    attribute: Object.entries(values).map(([attrName, attrValue]) => ({ attrName, attrValue })),
  });
  const lead = (Email, values) => ({ Email, leadAttributeList: attributes(values) });
  const leadKey = (id) => ({ keyType: 'IDNUM', keyValue: id });

  async function onNewsletter(listOperation, ...ids) {
    const result = await call('listOperation', {
      listOperation,
      listKey: { keyType: 'MKTOLISTNAME', keyValue: 'Newsletter' },
      listMemberList: { leadKey: ids.map(leadKey) },
    });
    return {
      success: result.success,
      statuses: list(result.statusList.leadStatus).map(
        (item) => [item.leadKey.keyType, item.leadKey.keyValue, item.status],
      ),
    };
  }

  const steps = { objects: (await call('listMObjects', {})).objects };

  const { metadata } = await call('describeMObject', { objectName: 'LeadRecord' });
  const field = metadata.fieldList.field.find((item) => item.name === 'FirstName');
  steps.fields = [metadata.name, field.displayName, field.dataType, field.size];

  const { syncStatusList: { syncStatus } } = await call('syncMultipleLeads', {
    leadRecordList: {
      leadRecord: [
        lead('ann@example.com', { FirstName: 'Ann' }),
        lead('bob@example.com', { FirstName: 'Bob', City: 'Rome' }),
        lead('carol@example.com', { FirstName: 'Carol', Company: 'Lee & Co' }),
        lead('dan@example.com', { ShoeSize: '43' }),
      ],
    },
    dedupEnabled: true,
  });
  steps.synced = syncStatus.map(({ leadId, status, error }) => [leadId, status, nil(error)]);
  const [ann, bob, carol] = syncStatus.map((status) => status.leadId);

  steps.added = await onNewsletter('ADDTOLIST', ann, bob, carol, 999);
  steps.asked = await onNewsletter('ISMEMBEROFLIST', ann, 999);

  // A selector says its type: the WSDL declares an abstract one.
  const selector = { $attributes: { $xsiType: `{${namespace}}StaticListSelector` }, staticListName: 'Newsletter' };
  steps.members = [];
  for (let page = { leadSelector: selector }; page;) {
    const result = await call('getMultipleLeads', {
      ...page, batchSize: 3, includeAttributes: { stringItem: ['FirstName'] },
    });
    const records = list(result.leadRecordList.leadRecord);
    steps.members.push(records.map((record) => [record.Id, list(record.leadAttributeList.attribute)[0].attrValue]));
    page = result.remainingCount > 0 && { streamPosition: result.newStreamPosition };
  }

  const { campaignRecordList } = await call('getCampaignsForSource', { source: 'MKTOWS' });
  steps.campaigns = campaignRecordList.campaignRecord.map(({ id, name }) => [id, name]);

  const { success } = await call('requestCampaign', {
    source: 'MKTOWS',
    leadList: { leadKey: [leadKey(ann), leadKey(bob)] },
    programName: 'Welcome',
    campaignName: 'Send Letter',
    programTokenList: { attrib: [{ name: '{{my.subject}}', value: 'Hi Ann & Bob' }] },
  });
  steps.requested = success;

  // Dates come as Dates and nil members as objects: only what is there is sent back.
  const there = (position) => Object.fromEntries(
    Object.entries(position).filter(([, value]) => nil(value) !== null)
      .map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
  );

  steps.activity = [];
  for (let startPosition = {}; startPosition;) {
    const { leadActivityList: page } = await call('getLeadActivity', {
      leadKey: leadKey(ann), startPosition, batchSize: 2,
    });
    const records = list(page.activityRecordList.activityRecord);
    steps.activity.push(records.map(({ activityType, mktgAssetName }) => [activityType, mktgAssetName]));
    startPosition = page.remainingCount > 0 && there(page.newStartPosition);
  }

  steps.changes = [];
  for (let startPosition = { oldestCreatedAt: '2014-01-01T00:00:00Z' }; startPosition;) {
    const result = await call('getLeadChanges', {
      startPosition,
      activityFilter: { includeTypes: { activityType: ['AddToList', 'ChangeDataValue'] } },
      batchSize: 3,
    });
    steps.changes.push(list(result.leadChangeRecordList.leadChangeRecord).map(
      ({ mktPersonId, activityType, mktgAssetName }) => [mktPersonId, activityType, mktgAssetName],
    ));
    startPosition = result.remainingCount > 0 && there(result.newStartPosition);
  }

  const { mergeStatus } = await call('mergeLeads', {
    winningLeadKeyList: attributes({ IDNUM: ann }),
    losingLeadKeyLists: { keyList: [attributes({ IDNUM: bob }), attributes({ IDNUM: carol })] },
  });
  steps.merged = [mergeStatus.status, mergeStatus.winningLeadId, mergeStatus.losingLeadIdList.integerItem];

  const { leadRecordList: { leadRecord } } = await call('getLead', { leadKey: leadKey(ann) });
  const [found] = list(leadRecord);
  steps.found = {
    Id: found.Id,
    Email: found.Email,
    attributes: list(found.leadAttributeList.attribute).map(
      (item) => [item.attrName, item.attrType, item.attrValue],
    ),
  };

  try {
    await call('getLead', { leadKey: leadKey(bob) });
  } catch (error) {
    steps.gone = error.root.Envelope.Body.Fault.faultstring;
  }

  console.log(JSON.stringify(steps));
}

main();
