<?php
// What an integration asks of the REST API, with PHP's curl. Prints one JSON object: what each step was answered.

class MarketoError extends Exception
{
}

class Marketo
{
    private ?string $token = null;

    public function __construct(private string $host, private string $clientId, private string $clientSecret)
    {
    }

    public function call(string $method, string $path, array $query = [], ?array $body = null): array
    {
        $this->token ??= $this->newToken();
        $answer = $this->send($method, $path, $query, $body, ["Authorization: Bearer {$this->token}"]);
        if (!$answer['success'] && in_array($answer['errors'][0]['code'], ['601', '602'])) {
            $this->token = $this->newToken();
            $answer = $this->send($method, $path, $query, $body, ["Authorization: Bearer {$this->token}"]);
        }
        if (!$answer['success']) {
            throw new MarketoError($answer['errors'][0]['message'], (int) $answer['errors'][0]['code']);
        }
        return $answer;
    }

    private function newToken(): string
    {
        $query = [
            'grant_type' => 'client_credentials',
            'client_id' => $this->clientId,
            'client_secret' => $this->clientSecret,
        ];
        return $this->send('GET', '/identity/oauth/token', $query, null, [])['access_token'];
    }

    private function send(string $method, string $path, array $query, ?array $body, array $headers): array
    {
        $curl = curl_init($this->host . $path . ($query ? '?' . http_build_query($query) : ''));
        curl_setopt($curl, CURLOPT_CUSTOMREQUEST, $method);
        curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
        curl_setopt($curl, CURLOPT_ENCODING, '');
        if ($body !== null) {
            curl_setopt($curl, CURLOPT_POSTFIELDS, json_encode($body));
            $headers[] = 'Content-Type: application/json';
        }
        curl_setopt($curl, CURLOPT_HTTPHEADER, $headers);
        $answer = curl_exec($curl);
        if ($answer === false) {
            throw new RuntimeException(curl_error($curl));
        }
        return json_decode($answer, true, 512, JSON_THROW_ON_ERROR);
    }
}

function outcomes(array $result): array
{
    return array_map(
        fn ($item) => [$item['id'] ?? null, $item['status'], ...array_column($item['reasons'] ?? [], 'code')],
        $result
    );
}

function ids(int ...$ids): array
{
    return ['input' => array_map(fn ($id) => ['id' => $id], $ids)];
}

$marketo = new Marketo(
    'https://123-ABC-456.mktorest.com',
    getenv('MARKETO_CLIENT_ID'),
    getenv('MARKETO_CLIENT_SECRET')
);
$steps = [];

foreach ($marketo->call('GET', '/rest/v1/leads/describe.json')['result'] as $field) {
    if ($field['rest']['name'] === 'firstName') {
        $steps['described'] = [$field['dataType'], $field['length'], $field['soap']['name']];
    }
}

$result = $marketo->call('POST', '/rest/v1/leads.json', [], [
    'action' => 'createOrUpdate',
    'lookupField' => 'email',
    'input' => [
        ['email' => 'ann@example.com', 'firstName' => 'Ann'],
        ['email' => 'bob@example.com', 'firstName' => 'Bob', 'city' => 'Zürich'],
        ['email' => 'carol@example.com', 'firstName' => 'Carol', 'annualRevenue' => 34.66],
        ['email' => 'dan@example.com', 'numberOfEmployees' => 'many'],
    ],
])['result'];
$steps['synced'] = outcomes($result);
[$ann, $bob, $carol] = array_column($result, 'id');

$found = $marketo->call('GET', '/rest/v1/leads.json', [
    'filterType' => 'email',
    'filterValues' => 'bob@example.com,ann@example.com,nobody@example.com',
    'fields' => 'email,city',
])['result'];
$steps['found'] = array_map(fn ($lead) => [$lead['id'], $lead['email'], $lead['city']], $found);

[$newsletter] = $marketo->call('GET', '/rest/v1/lists.json', ['name' => 'Newsletter'])['result'];
$steps['list'] = [$newsletter['id'], $newsletter['name']];
$members = '/rest/v1/lists/1001/leads.json';
$steps['added'] = outcomes($marketo->call('POST', $members, [], ids($ann, $bob, $carol, 999))['result']);
$asked = $marketo->call('GET', '/rest/v1/lists/1001/leads/ismember.json', ['id' => "$ann,999"]);
$steps['asked'] = outcomes($asked['result']);

$steps['pages'] = [];
$query = ['batchSize' => 2];
do {
    $page = $marketo->call('GET', $members, $query);
    $steps['pages'][] = array_column($page['result'], 'id');
    $query['nextPageToken'] = $page['nextPageToken'] ?? null;
} while ($query['nextPageToken'] !== null);

$steps['removed'] = outcomes($marketo->call('DELETE', $members, [], ids($bob, 1005))['result']);

// Here the token expires: another one is asked for, and the call sent again.
[$campaign] = $marketo->call('GET', '/rest/v1/campaigns.json', ['name' => 'Send Letter'])['result'];
$steps['campaign'] = [$campaign['id'], $campaign['type']];
$steps['requested'] = $marketo->call('POST', "/rest/v1/campaigns/{$campaign['id']}/trigger.json", [], [
    'input' => [
        'leads' => [['id' => $ann], ['id' => $bob]],
        'tokens' => [['name' => '{{my.subject}}', 'value' => 'Hi Ann & Bob']],
    ],
])['result'];

$since = ['sinceDatetime' => date('Y-m-d\TH:i:sP', time() - 24 * 3600)];
$activities = $marketo->call('GET', '/rest/v1/activities.json', [
    'nextPageToken' => $marketo->call('GET', '/rest/v1/activities/pagingtoken.json', $since)['nextPageToken'],
    'activityTypeIds' => '12,24',
    'leadIds' => "$ann,$bob",
])['result'];
$steps['activities'] = array_map(fn ($item) => [$item['leadId'], $item['activityTypeId']], $activities);

try {
    $marketo->call('GET', '/rest/v1/leads.json', ['filterType' => 'firstName', 'filterValues' => 'Ann']);
} catch (MarketoError $error) {
    $steps['refused'] = (string) $error->getCode();
}

echo json_encode($steps), "\n";
