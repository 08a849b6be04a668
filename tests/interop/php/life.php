<?php
// A lead's whole life with PHP's own SoapClient: ten operations. Prints one JSON object: what each step was answered.

const NS = 'http://www.marketo.com/mktows/';

$endpoint = getenv('MARKETO_SOAP_ENDPOINT');       // http://127.0.0.1:6586/soap/mktows/3_1
$userId = getenv('MARKETO_USER_ID');          // mockmkto
$key = getenv('MARKETO_ENCRYPTION_KEY');      // mockmkto-encryption-key

$client = new SoapClient($endpoint . '?WSDL', [
    'location' => $endpoint,
    'cache_wsdl' => WSDL_CACHE_NONE,
    'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
]);

$call = function (string $operation, array $params = []) use ($client, $userId, $key): object {
    $timestamp = (new DateTime('now', new DateTimeZone('America/Los_Angeles')))->format(DATE_W3C);
    $header = new SoapHeader(NS, 'AuthenticationHeader', [
        'mktowsUserId' => $userId,
        'requestSignature' => hash_hmac('sha1', $timestamp . $userId, $key),
        'requestTimestamp' => $timestamp,
    ]);
    $answer = $client->__soapCall($operation, ['params' . ucfirst($operation) => $params], null, $header);
    return $answer->result ?? $answer;      // getLeadActivity answers a leadActivityList in place of a result
};

function attributes(array $values): array
{
    $list = [];
    foreach ($values as $name => $value) {
        $list[] = ['attrName' => $name, 'attrValue' => $value];
    }
    return ['attribute' => $list];
}

function lead(string $email, array $values): array
{
    return ['Email' => $email, 'leadAttributeList' => attributes($values)];
}

function key_of(int $id): array
{
    return ['keyType' => 'IDNUM', 'keyValue' => $id];
}

$onNewsletter = function (string $operation, int ...$ids) use ($call): array {
    $result = $call('listOperation', [
        'listOperation' => $operation,
        'listKey' => ['keyType' => 'MKTOLISTNAME', 'keyValue' => 'Newsletter'],
        'listMemberList' => ['leadKey' => array_map('key_of', $ids)],
    ]);
    $statuses = array_map(
        fn($status) => [$status->leadKey->keyType, $status->leadKey->keyValue, $status->status],
        $result->statusList->leadStatus ?? [],
    );
    return ['success' => $result->success, 'statuses' => $statuses];
};

$steps = ['objects' => $call('listMObjects')->objects];

$metadata = $call('describeMObject', ['objectName' => 'LeadRecord'])->metadata;
foreach ($metadata->fieldList->field as $field) {
    if ($field->name === 'FirstName') {
        $steps['fields'] = [$metadata->name, $field->displayName, $field->dataType, $field->size];
    }
}

$statuses = $call('syncMultipleLeads', [
    'leadRecordList' => ['leadRecord' => [
        lead('ann@example.com', ['FirstName' => 'Ann']),
        lead('bob@example.com', ['FirstName' => 'Bob', 'City' => 'Rome']),
        lead('carol@example.com', ['FirstName' => 'Carol', 'Company' => 'Lee & Co']),
        lead('dan@example.com', ['ShoeSize' => '43']),
    ]],
    'dedupEnabled' => true,
])->syncStatusList->syncStatus;
$steps['synced'] = array_map(fn($status) => [$status->leadId, $status->status, $status->error], $statuses);
[$ann, $bob, $carol] = array_column($statuses, 'leadId');

$steps['added'] = $onNewsletter('ADDTOLIST', $ann, $bob, $carol, 999);
$steps['asked'] = $onNewsletter('ISMEMBEROFLIST', $ann, 999);

// A selector says its type: the WSDL declares an abstract one.
$selector = new SoapVar(['staticListName' => 'Newsletter'], SOAP_ENC_OBJECT, 'StaticListSelector', NS);
$page = ['leadSelector' => $selector];
do {
    $more = ['batchSize' => 3, 'includeAttributes' => ['stringItem' => ['FirstName']]];
    $result = $call('getMultipleLeads', $page + $more);
    $steps['members'][] = array_map(
        fn($lead) => [$lead->Id, $lead->leadAttributeList->attribute[0]->attrValue],
        $result->leadRecordList->leadRecord,
    );
    $page = ['streamPosition' => $result->newStreamPosition];
} while ($result->remainingCount);

$campaigns = $call('getCampaignsForSource', ['source' => 'MKTOWS'])->campaignRecordList->campaignRecord;
$steps['campaigns'] = array_map(fn($campaign) => [$campaign->id, $campaign->name], $campaigns);

$steps['requested'] = $call('requestCampaign', [
    'source' => 'MKTOWS',
    'leadList' => ['leadKey' => [key_of($ann), key_of($bob)]],
    'programName' => 'Welcome',
    'campaignName' => 'Send Letter',
    'programTokenList' => ['attrib' => [['name' => '{{my.subject}}', 'value' => 'Hi Ann & Bob']]],
])->success;

$position = null;
do {
    $list = $call('getLeadActivity', ['leadKey' => key_of($ann), 'startPosition' => $position, 'batchSize' => 2])
        ->leadActivityList;
    $steps['activity'][] = array_map(
        fn($activity) => [$activity->activityType, $activity->mktgAssetName],
        $list->activityRecordList->activityRecord,
    );
    $position = $list->newStartPosition;
} while ($list->remainingCount);

$position = ['oldestCreatedAt' => '2014-01-01T00:00:00Z'];
do {
    $result = $call('getLeadChanges', [
        'startPosition' => $position,
        'activityFilter' => ['includeTypes' => ['activityType' => ['AddToList', 'ChangeDataValue']]],
        'batchSize' => 3,
    ]);
    $steps['changes'][] = array_map(
        fn($change) => [$change->mktPersonId, $change->activityType, $change->mktgAssetName],
        $result->leadChangeRecordList->leadChangeRecord,
    );
    $position = $result->newStartPosition;
} while ($result->remainingCount);

$merged = $call('mergeLeads', [
    'winningLeadKeyList' => attributes(['IDNUM' => $ann]),
    'losingLeadKeyLists' => ['keyList' => [attributes(['IDNUM' => $bob]), attributes(['IDNUM' => $carol])]],
])->mergeStatus;
$steps['merged'] = [$merged->status, $merged->winningLeadId, $merged->losingLeadIdList->integerItem];

[$lead] = $call('getLead', ['leadKey' => key_of($ann)])->leadRecordList->leadRecord;
$steps['found'] = ['Id' => $lead->Id, 'Email' => $lead->Email, 'attributes' => array_map(
    fn($attribute) => [$attribute->attrName, $attribute->attrType, $attribute->attrValue],
    $lead->leadAttributeList->attribute,
)];

try {
    $call('getLead', ['leadKey' => key_of($bob)]);
} catch (SoapFault $fault) {
    $steps['gone'] = $fault->faultstring;
}

echo json_encode($steps, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES), "\n";
