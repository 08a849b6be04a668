<?php
// syncLead and getLead with PHP's own SoapClient. Prints one JSON object: what each step was answered.

const NS = 'http://www.marketo.com/mktows/';

$endpoint = getenv('MARKETO_SOAP_ENDPOINT');       // http://127.0.0.1:6586/soap/mktows/3_1
$userId = getenv('MARKETO_USER_ID');          // mockmkto
$key = getenv('MARKETO_ENCRYPTION_KEY');      // mockmkto-encryption-key

function authentication(string $userId, string $key): SoapHeader
{
    $timestamp = (new DateTime('now', new DateTimeZone('America/Los_Angeles')))->format(DATE_W3C);
    return new SoapHeader(NS, 'AuthenticationHeader', (object) [
        'mktowsUserId' => $userId,
        'requestSignature' => hash_hmac('sha1', $timestamp . $userId, $key),
        'requestTimestamp' => $timestamp,
    ]);
}

$client = new SoapClient($endpoint . '?WSDL', [
    'location' => $endpoint,
    'cache_wsdl' => WSDL_CACHE_NONE,                // PHP keeps a WSDL for a day otherwise, under its address
    'features' => SOAP_SINGLE_ELEMENT_ARRAYS,       // one attribute is a list of one, too
    'connection_timeout' => 20,
]);

// $lead: Email, ForeignSysPersonId ... as in the WSDL; $attributes: name => value.
$sync = function (array $lead, array $attributes, bool $return = false, ?string $workspace = null, ?string $with = null)
    use ($client, $userId, $key): array {
    $list = [];
    foreach ($attributes as $name => $value) {
        $list[] = (object) ['attrName' => $name, 'attrValue' => $value];
    }
    $record = (object) $lead;
    $record->leadAttributeList = (object) ['attribute' => $list];
    $headers = [authentication($userId, $with ?? $key)];
    if ($workspace !== null) {
        $headers[] = new SoapHeader(NS, 'MktowsContextHeader', (object) ['targetWorkspace' => $workspace]);
    }
    $params = (object) ['leadRecord' => $record, 'returnLead' => $return];
    $result = $client->__soapCall('syncLead', ['paramsSyncLead' => $params], null, $headers)->result;
    return [
        'leadId' => $result->leadId,
        'syncStatus' => $result->syncStatus,
        'leadRecord' => $result->leadRecord === null ? null : record($result->leadRecord),
    ];
};

function record(object $lead): array
{
    $attributes = [];
    foreach ($lead->leadAttributeList->attribute ?? [] as $attribute) {
        $attributes[] = [$attribute->attrName, $attribute->attrType, $attribute->attrValue];
    }
    return [
        'Id' => $lead->Id,
        'Email' => $lead->Email,
        'ForeignSysPersonId' => $lead->ForeignSysPersonId,
        'ForeignSysType' => $lead->ForeignSysType,
        'attributes' => $attributes,
    ];
}

function fault(callable $call): array
{
    try {
        return $call();
    } catch (SoapFault $fault) {
        $exception = $fault->detail->serviceException;
        return [
            'faultcode' => $fault->faultcode,
            'faultstring' => $fault->faultstring,
            'name' => $exception->name,
            'message' => $exception->message,
            'code' => $exception->code,
        ];
    }
}

$steps = [];

preg_match_all('/^\S+ (\w+)\(/m', implode("\n", $client->__getFunctions()), $functions);
$steps['operations'] = $functions[1];

$ann = ['Email' => 'ann@example.com'];
$steps['created'] = $sync($ann, ['FirstName' => 'Ann']);
$steps['updated'] = $sync($ann, ['FirstName' => 'Ann']);

$crm = ['ForeignSysPersonId' => 'CRM-1', 'ForeignSysType' => 'CUSTOM'];
$steps['linked'] = $sync($ann + $crm, ['LastName' => 'Lee']);
$steps['moved'] = $sync(['Email' => 'ann.lee@example.com'] + $crm, [], true);

$steps['workspace'] = $sync(['Email' => 'kenji@example.com'], ['FirstName' => 'Kenji'], false, 'EMEA');

$steps['record'] = $sync(['Email' => 'ann.lee@example.com'], [
    'Company' => 'Lee & Co',
    'DoNotCall' => 'true',
    'LeadScore' => '7',
    'AnnualRevenue' => '28970000',
    'DateofBirth' => '1971-11-30',
], true);

$found = $client->__soapCall(
    'getLead',
    ['paramsGetLead' => (object) ['leadKey' => (object) ['keyType' => 'EMAIL', 'keyValue' => 'ann.lee@example.com']]],
    null,
    authentication($userId, $key)
)->result;
$steps['found'] = ['count' => $found->count, 'leads' => array_map('record', $found->leadRecordList->leadRecord)];

$steps['texts'] = $sync(['Email' => 'texts@example.com'], [
    'FirstName' => 'Zoë 由紀 🕓',
    'LastName' => '<O\'Neil & "Sons">',
    'Address' => "first line\nsecond line",
    'Title' => "one\r\ntwo",
], true);

$steps['wrong_key'] = fault(fn() => $sync($ann, [], false, null, 'not the key'));
$steps['unknown_attribute'] = fault(fn() => $sync($ann, ['ShoeSize' => '43']));

echo json_encode($steps, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES), "\n";
