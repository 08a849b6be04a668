# syncLead with a message of symbols alone, :Email among them, which Savon sends as <email>: prints what came of it.
require 'openssl'
require 'savon'
require 'time'

endpoint = ENV.fetch('MARKETO_SOAP_ENDPOINT')
user_id = ENV.fetch('MARKETO_USER_ID')
timestamp = Time.now.iso8601

client = Savon.client(
  wsdl: "#{endpoint}?WSDL",
  endpoint: endpoint,
  namespace_identifier: :ns1,
  env_namespace: 'SOAP-ENV',
  soap_header: {
    'ns1:AuthenticationHeader' => {
      'mktowsUserId' => user_id,
      'requestSignature' => OpenSSL::HMAC.hexdigest('SHA1', ENV.fetch('MARKETO_ENCRYPTION_KEY'), timestamp + user_id),
      'requestTimestamp' => timestamp
    }
  }
)

# Two attributes in one Hash: :attribute! is a second <attribute>, for Gyoku takes the ! off.
message = {
  lead_record: {
    Email: 'ann@example.com',
    lead_attribute_list: {
      attribute: { attr_name: 'FirstName', attr_value: 'Ann' },
      attribute!: { attr_name: 'LastName', attr_value: 'Lee' }
    }
  },
  return_lead: 'false'
}

begin
  puts client.call(:sync_lead, message: message).body[:success_sync_lead][:result][:sync_status][:status]
rescue Savon::SOAPFault => e
  puts e.to_hash[:fault][:detail][:service_exception][:code]
end
