# A lead's whole life with Savon 2: ten operations. Prints one JSON object: what each step was answered.
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

def call(operation, message = {})
  timestamp = Time.now.iso8601
  header = {
    'ns1:AuthenticationHeader' => {
      'mktowsUserId' => USER_ID,
      'requestSignature' => OpenSSL::HMAC.hexdigest('SHA1', KEY, timestamp + USER_ID),
      'requestTimestamp' => timestamp
    }
  }
  answer = CLIENT.call(operation, message: message, soap_header: header).body[:"success_#{operation}"]
  answer[:result] || answer     # get_lead_activity answers a lead_activity_list in place of a result
end

# One of a kind is a Hash in Nori, several are an Array, none is nil.
def list(value)
  value.is_a?(Array) ? value : [value].compact
end

def attributes(values)
  { attribute: values.map { |name, value| { attr_name: name, attr_value: value } } }
end

def lead(email, values)
  { 'Email' => email, lead_attribute_list: attributes(values) }
end

def key(id)
  { key_type: 'IDNUM', key_value: id }
end

def on_newsletter(operation, *ids)
  result = call(
    :list_operation,
    list_operation: operation,
    list_key: { key_type: 'MKTOLISTNAME', key_value: 'Newsletter' },
    list_member_list: { lead_key: ids.map { |id| key(id) } }
  )
  statuses = list(result[:status_list][:lead_status]).map do |item|
    [item[:lead_key][:key_type], item[:lead_key][:key_value], item[:status]]
  end
  { success: result[:success], statuses: statuses }
end

# Only the members that are not nil are sent back; Nori reads a dateTime as a DateTime.
def there(position)
  present = position.select { |name, value| value && !name.to_s.start_with?('@') }
  present.transform_values { |value| value.respond_to?(:iso8601) ? value.iso8601 : value }
end

steps = { objects: call(:list_m_objects)[:objects] }

metadata = call(:describe_m_object, object_name: 'LeadRecord')[:metadata]
field = metadata[:field_list][:field].find { |item| item[:name] == 'FirstName' }
steps[:fields] = [metadata[:name], field[:display_name], field[:data_type], field[:size].to_i]

statuses = call(
  :sync_multiple_leads,
  lead_record_list: {
    lead_record: [
      lead('ann@example.com', 'FirstName' => 'Ann'),
      lead('bob@example.com', 'FirstName' => 'Bob', 'City' => 'Rome'),
      lead('carol@example.com', 'FirstName' => 'Carol', 'Company' => 'Lee & Co'),
      lead('dan@example.com', 'ShoeSize' => '43')
    ]
  },
  dedup_enabled: true
)[:sync_status_list][:sync_status]
steps[:synced] = statuses.map { |item| [item[:lead_id].to_i, item[:status], item[:error]] }
ann, bob, carol = statuses.map { |item| item[:lead_id].to_i }

steps[:added] = on_newsletter('ADDTOLIST', ann, bob, carol, 999)
steps[:asked] = on_newsletter('ISMEMBEROFLIST', ann, 999)

# A selector says its type: the WSDL declares an abstract one.
page = { lead_selector: { :'@xsi:type' => 'ns1:StaticListSelector', static_list_name: 'Newsletter' } }
steps[:members] = []
while page
  result = call(:get_multiple_leads, page.merge(batch_size: 3, include_attributes: { string_item: 'FirstName' }))
  steps[:members] << list(result[:lead_record_list][:lead_record]).map do |record|
    [record[:id].to_i, record[:lead_attribute_list][:attribute][:attr_value]]
  end
  page = result[:remaining_count].to_i.positive? && { stream_position: result[:new_stream_position] }
end

campaigns = call(:get_campaigns_for_source, source: 'MKTOWS')[:campaign_record_list][:campaign_record]
steps[:campaigns] = campaigns.map { |campaign| [campaign[:id].to_i, campaign[:name]] }

steps[:requested] = call(
  :request_campaign,
  source: 'MKTOWS',
  lead_list: { lead_key: [key(ann), key(bob)] },
  program_name: 'Welcome',
  campaign_name: 'Send Letter',
  program_token_list: { attrib: { name: '{{my.subject}}', value: 'Hi Ann & Bob' } }
)[:success]

steps[:activity] = []
position = {}
while position
  activities = call(:get_lead_activity, lead_key: key(ann), start_position: position, batch_size: 2)[:lead_activity_list]
  steps[:activity] << list(activities[:activity_record_list][:activity_record]).map do |item|
    [item[:activity_type], item[:mktg_asset_name]]
  end
  position = activities[:remaining_count].to_i.positive? && there(activities[:new_start_position])
end

steps[:changes] = []
position = { oldest_created_at: '2014-01-01T00:00:00Z' }
while position
  result = call(
    :get_lead_changes,
    start_position: position,
    activity_filter: { include_types: { activity_type: %w[AddToList ChangeDataValue] } },
    batch_size: 3
  )
  steps[:changes] << list(result[:lead_change_record_list][:lead_change_record]).map do |item|
    [item[:mkt_person_id], item[:activity_type], item[:mktg_asset_name]]
  end
  position = result[:remaining_count].to_i.positive? && there(result[:new_start_position])
end

merged = call(
  :merge_leads,
  winning_lead_key_list: attributes('IDNUM' => ann),
  losing_lead_key_lists: { key_list: [attributes('IDNUM' => bob), attributes('IDNUM' => carol)] }
)[:merge_status]
losers = list(merged[:losing_lead_id_list][:integer_item])
steps[:merged] = [merged[:status], merged[:winning_lead_id].to_i, losers.map(&:to_i)]

found = call(:get_lead, lead_key: key(ann))[:lead_record_list][:lead_record]
steps[:found] = {
  Id: found[:id].to_i,
  Email: found[:email],
  attributes: found[:lead_attribute_list][:attribute].map { |item| item.values_at(:attr_name, :attr_type, :attr_value) }
}

begin
  call(:get_lead, lead_key: key(bob))
rescue Savon::SOAPFault => e
  steps[:gone] = e.to_hash[:fault][:faultstring]
end

puts JSON.generate(steps)
