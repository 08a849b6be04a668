# syncLead and getLead with SOAP::Lite. Prints one JSON object: what each step was answered.
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

# SOAP::Lite's WSDL reader writes rpc calls; the operations are document/literal, so the call is built by hand and only
# the names are taken from the document.
my $wsdl       = SOAP::Lite->service("$endpoint?WSDL");
my @operations = grep { $wsdl->can($_) } qw(
    deleteCustomObjects deleteMObjects describeMObject getCampaignsForSource getChannels getCustomObjects
    getImportToListStatus getLead getLeadActivity getLeadChanges getMObjects getMultipleLeads getTags importToList
    listMObjects listOperation mergeLeads requestCampaign scheduleCampaign syncCustomObjects syncLead syncMObjects
    syncMultipleLeads
);

my $soap = SOAP::Lite->proxy($endpoint)->readable(0);
$soap->on_action(sub { '"' . $ns . lcfirst($_[1] =~ s/^params//r) . '"' });
$soap->autotype(0);
$soap->serializer->register_ns($ns, 'ns1');
$soap->on_fault(sub { die $_[1] });             # the fault as a SOAP::SOM; a text when the transport failed

# Only a text that is called a string is escaped.
sub text { my ($name, $value) = @_; return SOAP::Data->name($name)->type(string => $value) }

sub authentication {
    my $secret    = shift // $key;
    my $timestamp = strftime('%Y-%m-%dT%H:%M:%SZ', gmtime);
    return SOAP::Header->name('ns1:AuthenticationHeader' => \SOAP::Data->value(
        text(mktowsUserId     => $user_id),
        text(requestSignature => hmac_sha1_hex($timestamp . $user_id, $secret)),
        text(requestTimestamp => $timestamp),
    ));
}

sub call {
    my ($operation, @params_and_headers) = @_;
    my $answer = $soap->call(SOAP::Data->name("ns1:params\u$operation"), @params_and_headers);
    return $answer->body->{"success\u$operation"}{result};
}

# $lead: [Email => ..., ForeignSysPersonId => ...]; $attributes: [name => value, ...].
sub sync_lead {
    my ($lead, $attributes, %more) = @_;
    my @pairs = @$attributes;
    my (@keys, @attributes) = ();
    for (my $i = 0; $i < @$lead; $i += 2) { push @keys, text(@$lead[$i, $i + 1]) }
    while (my ($name, $value) = splice @pairs, 0, 2) {
        push @attributes,
            SOAP::Data->name(attribute => \SOAP::Data->value(text(attrName => $name), text(attrValue => $value)));
    }
    my $list = SOAP::Data->name('leadAttributeList' => @attributes ? \SOAP::Data->value(@attributes) : '');
    my @headers = authentication($more{secret});
    push @headers, SOAP::Header->name('ns1:MktowsContextHeader' => \text(targetWorkspace => $more{workspace}))
        if $more{workspace};
    my $result = call(
        'syncLead',
        SOAP::Data->name(leadRecord => \SOAP::Data->value(@keys, $list)),
        SOAP::Data->name(returnLead => $more{return_lead} ? 'true' : 'false'),
        @headers
    );
    my $status = $result->{syncStatus};
    return {
        leadId     => 0 + $result->{leadId},
        syncStatus => { leadId => 0 + $status->{leadId}, status => $status->{status}, error => $status->{error} },
        leadRecord => $result->{leadRecord} && record($result->{leadRecord}),
    };
}

sub list { my $value = shift; ref $value eq 'ARRAY' ? @$value : $value ? ($value) : () }    # one is no list in SOAP::Lite

sub record {
    my $lead = shift;
    my @attributes = list(ref $lead->{leadAttributeList} && $lead->{leadAttributeList}{attribute});
    return {
        Id => 0 + $lead->{Id},
        (map { $_ => $lead->{$_} } qw(Email ForeignSysPersonId ForeignSysType)),
        attributes => [map { [@{$_}{qw(attrName attrType attrValue)}] } @attributes],
    };
}

sub fault {
    my $call = shift;
    my $answer = eval { $call->() };
    return $answer unless my $fault = $@;
    die $fault unless ref $fault;
    my $exception = $fault->faultdetail->{serviceException};
    return {
        faultcode   => $fault->faultcode,
        faultstring => $fault->faultstring,
        map { $_ => $exception->{$_} } qw(name message code),
    };
}

my %steps = (operations => \@operations);

my @ann = (Email => 'ann@example.com');
$steps{created} = sync_lead(\@ann, [FirstName => 'Ann']);
$steps{updated} = sync_lead(\@ann, [FirstName => 'Ann']);

my @crm = (ForeignSysPersonId => 'CRM-1', ForeignSysType => 'CUSTOM');
$steps{linked} = sync_lead([@ann, @crm], [LastName => 'Lee']);
$steps{moved} = sync_lead([Email => 'ann.lee@example.com', @crm], [], return_lead => 1);

$steps{workspace} = sync_lead([Email => 'kenji@example.com'], [FirstName => 'Kenji'], workspace => 'EMEA');

$steps{record} = sync_lead(
    [Email => 'ann.lee@example.com'],
    [
        Company       => 'Lee & Co',
        DoNotCall     => 'true',
        LeadScore     => '7',
        AnnualRevenue => '28970000',
        DateofBirth   => '1971-11-30',
    ],
    return_lead => 1
);

my $lead_key = SOAP::Data->name(
    leadKey => \SOAP::Data->value(text(keyType => 'EMAIL'), text(keyValue => 'ann.lee@example.com')));
my $found = call('getLead', $lead_key, authentication());
$steps{found} = { count => 0 + $found->{count}, leads => [map { record($_) } list($found->{leadRecordList}{leadRecord})] };

$steps{texts} = sync_lead(
    [Email => 'texts@example.com'],
    [
        FirstName => 'Zoë 由紀 🕓',
        LastName  => q{<O'Neil & "Sons">},
        Address   => "first line\nsecond line",
        Title     => "one\r\ntwo",
    ],
    return_lead => 1
);

$steps{wrong_key} = fault(sub { sync_lead(\@ann, [], secret => 'not the key') });
$steps{unknown_attribute} = fault(sub { sync_lead(\@ann, [ShoeSize => '43']) });

print JSON::PP->new->utf8->canonical->encode(\%steps), "\n";
