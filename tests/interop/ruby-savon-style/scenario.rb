# syncLead and getLead with Savon 2. Prints one JSON object: what each step was answered.
require 'json'
require 'openssl'
require 'savon'
require 'time'

ENDPOINT = ENV.fetch('MARKETO_SOAP_ENDPOINT')     # http://127.0.0.1:6586/soap/mktows/3_1
USER_ID = ENV.fetch('MARKETO_USER_ID')       # mockmkto
KEY = ENV.fetch('MARKETO_ENCRYPTION_KEY')    # mockmkto-encryption-key

CLIENT = Savon.client(
  wsdl: "#{ENDPOINT}?WSDL",
  endpoint: ENDPOINT,
  namespace_identifier: :ns1,
  env_namespace: 'SOAP-ENV'
)

def headers(key = KEY, workspace = nil)
  timestamp = Time.now.iso8601
  headers = {
    'ns1:AuthenticationHeader' => {
      'mktowsUserId' => USER_ID,
      'requestSignature' => OpenSSL::HMAC.hexdigest('SHA1', key, timestamp + USER_ID),
      'requestTimestamp' => timestamp
    }
  }
  headers['ns1:MktowsContextHeader'] = { 'targetWorkspace' => workspace } if workspace
  headers
end

# The keys of a lead are strings: a symbol :Email is sent as <email>, which is not <Email>.
def sync(lead, attributes, return_lead: false, workspace: nil, key: KEY)
  pairs = attributes.map { |name, value| { attr_name: name, attr_value: value } }
  message = {
    lead_record: lead.merge(lead_attribute_list: { attribute: pairs }),
    return_lead: return_lead
  }
  response = CLIENT.call(:sync_lead, message: message, soap_header: headers(key, workspace))
  result = response.body[:success_sync_lead][:result]
  status = result[:sync_status]
  {
    leadId: result[:lead_id].to_i,
    syncStatus: { leadId: status[:lead_id].to_i, status: status[:status], error: status[:error] },
    leadRecord: result[:lead_record] && record(result[:lead_record])
  }
end

# One of a kind is a Hash in Nori, several are an Array, none is nil.
def list(value)
  value.is_a?(Array) ? value : [value].compact
end

def record(lead)
  listed = list((lead[:lead_attribute_list] || {})[:attribute])
  {
    Id: lead[:id].to_i,
    Email: lead[:email],
    ForeignSysPersonId: lead[:foreign_sys_person_id],
    ForeignSysType: lead[:foreign_sys_type],
    # Nori reads a text that looks like a date as a Date.
    attributes: listed.map { |item| [item[:attr_name], item[:attr_type], item[:attr_value].to_s] }
  }
end

def fault
  yield
rescue Savon::SOAPFault => e
  fault = e.to_hash[:fault]
  exception = fault[:detail][:service_exception]
  {
    faultcode: fault[:faultcode],
    faultstring: fault[:faultstring],
    name: exception[:name],
    message: exception[:message],
    code: exception[:code]
  }
end

steps = { operations: CLIENT.operations.map { |name| name.to_s.gsub(/_(\w)/) { $1.upcase } }.sort }

ann = { 'Email' => 'ann@example.com' }
steps[:created] = sync(ann, { 'FirstName' => 'Ann' })
steps[:updated] = sync(ann, { 'FirstName' => 'Ann' })

crm = { 'ForeignSysPersonId' => 'CRM-1', 'ForeignSysType' => 'CUSTOM' }
steps[:linked] = sync(ann.merge(crm), { 'LastName' => 'Lee' })
steps[:moved] = sync({ 'Email' => 'ann.lee@example.com' }.merge(crm), {}, return_lead: true)

steps[:workspace] = sync({ 'Email' => 'kenji@example.com' }, { 'FirstName' => 'Kenji' }, workspace: 'EMEA')

several = {
  'Company' => 'Lee & Co',
  'DoNotCall' => 'true',
  'LeadScore' => '7',
  'AnnualRevenue' => '28970000',
  'DateofBirth' => '1971-11-30'
}
steps[:record] = sync({ 'Email' => 'ann.lee@example.com' }, several, return_lead: true)

found = CLIENT.call(
  :get_lead,
  message: { lead_key: { key_type: 'EMAIL', key_value: 'ann.lee@example.com' } },
  soap_header: headers
).body[:success_get_lead][:result]
steps[:found] = { count: found[:count].to_i, leads: list(found[:lead_record_list][:lead_record]).map { |lead| record(lead) } }

texts = {
  'FirstName' => 'Zoë 由紀 🕓',
  'LastName' => '<O\'Neil & "Sons">',
  'Address' => "first line\nsecond line",
  'Title' => "one\r\ntwo"
}
steps[:texts] = sync({ 'Email' => 'texts@example.com' }, texts, return_lead: true)

steps[:wrong_key] = fault { sync(ann, {}, key: 'not the key') }
steps[:unknown_attribute] = fault { sync(ann, { 'ShoeSize' => '43' }) }

puts JSON.generate(steps)
