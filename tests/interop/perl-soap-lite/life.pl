# A lead's whole life with SOAP::Lite: ten operations. Prints one JSON object: what each step was answered.
use strict;
use warnings;
use utf8;

use Digest::SHA qw(hmac_sha1_hex);
use JSON::PP;
use POSIX qw(strftime);
use SOAP::Lite;

my $endpoint = $ENV{MARKETO_SOAP_ENDPOINT};          # http://127.0.0.1:6586/soap/mktows/3_1
my $user_id  = $ENV{MARKETO_USER_ID};           # mockmkto
my $key      = $ENV{MARKETO_ENCRYPTION_KEY};    # mockmkto-encryption-key
my $ns       = 'http://www.marketo.com/mktows/';

my $soap = SOAP::Lite->proxy($endpoint)->readable(0);
$soap->on_action(sub { '"' . $ns . lcfirst($_[1] =~ s/^params//r) . '"' });
$soap->autotype(0);
$soap->serializer->register_ns($ns, 'ns1');
$soap->on_fault(sub { die $_[1] });             # the fault as a SOAP::SOM; a text when the transport failed

# [name => text or members, ...] as elements, in their order; only a text that is called a string is escaped. What is an
# element already stays.
sub elements {
    my @members = @{ +shift };
    my @elements;
    while (defined(my $name = shift @members)) {
        push @elements, ref $name ? $name : element($name, shift @members);
    }
    return @elements;
}

sub element {
    my ($name, $value) = @_;
    my $element = SOAP::Data->name($name);
    return ref $value ? $element->value(\SOAP::Data->value(elements($value))) : $element->type(string => $value);
}

sub call {
    my ($operation, @params) = @_;
    my $timestamp = strftime('%Y-%m-%dT%H:%M:%SZ', gmtime);
    my @header = elements([
        mktowsUserId     => $user_id,
        requestSignature => hmac_sha1_hex($timestamp . $user_id, $key),
        requestTimestamp => $timestamp,
    ]);
    my $answer = $soap->call(
        SOAP::Data->name("ns1:params\u$operation"),
        elements(\@params),
        SOAP::Header->name('ns1:AuthenticationHeader' => \SOAP::Data->value(@header))
    )->body->{"success\u$operation"};
    return $answer->{result} // $answer;        # getLeadActivity answers a leadActivityList in place of a result
}

sub list { my $value = shift; ref $value eq 'ARRAY' ? @$value : $value ? ($value) : () }    # one is no list in SOAP::Lite

sub attributes { my %values = @_; map { (attribute => [attrName => $_, attrValue => $values{$_}]) } sort keys %values }
sub lead { my ($email, %values) = @_; return (leadRecord => [Email => $email, leadAttributeList => [attributes(%values)]]) }
sub key { return [keyType => 'IDNUM', keyValue => shift] }
sub keys_of { return [map { (leadKey => key($_)) } @_] }
sub true_or_false { return shift eq 'true' ? JSON::PP::true : JSON::PP::false }

sub on_newsletter {
    my ($operation, @ids) = @_;
    my $result = call(
        'listOperation',
        listOperation  => $operation,
        listKey        => [keyType => 'MKTOLISTNAME', keyValue => 'Newsletter'],
        listMemberList => keys_of(@ids)
    );
    my @statuses = map { [@{ $_->{leadKey} }{qw(keyType keyValue)}, true_or_false($_->{status})] }
        list($result->{statusList}{leadStatus});
    return { success => true_or_false($result->{success}), statuses => \@statuses };
}

# The members of a position that are not nil, in the order of the type.
sub there {
    my $position = shift;
    return [map { $position->{$_} ? ($_ => $position->{$_}) : () } qw(latestCreatedAt oldestCreatedAt offset)];
}

my %steps = (objects => call('listMObjects')->{objects});

my $metadata = call(describeMObject => objectName => 'LeadRecord')->{metadata};
my ($field) = grep { $_->{name} eq 'FirstName' } list($metadata->{fieldList}{field});
$steps{fields} = [$metadata->{name}, @{$field}{qw(displayName dataType)}, 0 + $field->{size}];

my @statuses = list(call(
    'syncMultipleLeads',
    leadRecordList => [
        lead('ann@example.com',   FirstName => 'Ann'),
        lead('bob@example.com',   FirstName => 'Bob', City => 'Rome'),
        lead('carol@example.com', FirstName => 'Carol', Company => 'Lee & Co'),
        lead('dan@example.com',   ShoeSize  => '43'),
    ],
    dedupEnabled => 'true'
)->{syncStatusList}{syncStatus});
$steps{synced} = [map { [0 + $_->{leadId}, @{$_}{qw(status error)}] } @statuses];
my ($ann, $bob, $carol) = map { $_->{leadId} } @statuses;

$steps{added} = on_newsletter('ADDTOLIST', $ann, $bob, $carol, 999);
$steps{asked} = on_newsletter('ISMEMBEROFLIST', $ann, 999);

# A selector says its type: the WSDL declares an abstract one.
my $newsletter = SOAP::Data->name('leadSelector')->attr({'xsi:type' => 'ns1:StaticListSelector'})
    ->value(\SOAP::Data->value(elements([staticListName => 'Newsletter'])));
my $page = $newsletter;
while ($page) {
    my $result = call('getMultipleLeads', $page, batchSize => 3, includeAttributes => [stringItem => 'FirstName']);
    push @{ $steps{members} },
        [map { [0 + $_->{Id}, $_->{leadAttributeList}{attribute}{attrValue}] } list($result->{leadRecordList}{leadRecord})];
    $page = $result->{remainingCount} && element(streamPosition => $result->{newStreamPosition});
}

my $campaigns = call(getCampaignsForSource => source => 'MKTOWS')->{campaignRecordList}{campaignRecord};
$steps{campaigns} = [map { [0 + $_->{id}, $_->{name}] } list($campaigns)];

$steps{requested} = true_or_false(call(
    'requestCampaign',
    source           => 'MKTOWS',
    leadList         => keys_of($ann, $bob),
    programName      => 'Welcome',
    campaignName     => 'Send Letter',
    programTokenList => [attrib => [name => '{{my.subject}}', value => 'Hi Ann & Bob']]
)->{success});

my @position = ();
while (1) {
    my $list = call('getLeadActivity', leadKey => key($ann), @position, batchSize => 2)->{leadActivityList};
    push @{ $steps{activity} },
        [map { [@{$_}{qw(activityType mktgAssetName)}] } list($list->{activityRecordList}{activityRecord})];
    last unless $list->{remainingCount};
    @position = (startPosition => there($list->{newStartPosition}));
}

my $position = [oldestCreatedAt => '2014-01-01T00:00:00Z'];
my $only = [includeTypes => [activityType => 'AddToList', activityType => 'ChangeDataValue']];
while ($position) {
    my $result = call('getLeadChanges', startPosition => $position, activityFilter => $only, batchSize => 3);
    push @{ $steps{changes} }, [map { [@{$_}{qw(mktPersonId activityType mktgAssetName)}] }
            list($result->{leadChangeRecordList}{leadChangeRecord})];
    $position = $result->{remainingCount} && there($result->{newStartPosition});
}

my $merged = call(
    'mergeLeads',
    winningLeadKeyList => [attributes(IDNUM => $ann)],
    losingLeadKeyLists => [keyList => [attributes(IDNUM => $bob)], keyList => [attributes(IDNUM => $carol)]]
)->{mergeStatus};
my @losers = map { 0 + $_ } list($merged->{losingLeadIdList}{integerItem});
$steps{merged} = [$merged->{status}, 0 + $merged->{winningLeadId}, \@losers];

my $found = call(getLead => leadKey => key($ann))->{leadRecordList}{leadRecord};
$steps{found} = {
    Id         => 0 + $found->{Id},
    Email      => $found->{Email},
    attributes => [map { [@{$_}{qw(attrName attrType attrValue)}] } list($found->{leadAttributeList}{attribute})],
};

eval { call(getLead => leadKey => key($bob)) };
$steps{gone} = $@->faultstring;

print JSON::PP->new->utf8->canonical->encode(\%steps), "\n";
