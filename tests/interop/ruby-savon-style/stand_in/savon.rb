# A stand-in for Savon 2, for machines that have Savon's parts (Gyoku, Nori, Nokogiri) but not Savon.
#
# It does what Savon's documentation says of the few options that scenario.rb and lower_cased.rb use: hashes become XML
# through Gyoku, whose symbols turn lowerCamelCase, in an envelope with Savon's namespaces; answers become hashes with
# snake_case symbols through Nori; a fault is raised as Savon::SOAPFault. Nothing of Savon's code is in here.

require 'gyoku'
require 'net/http'
require 'nokogiri'
require 'nori'

module Savon
  ENVELOPE = 'http://schemas.xmlsoap.org/soap/envelope/'.freeze
  WSDL = { 'w' => 'http://schemas.xmlsoap.org/wsdl/', 's' => 'http://schemas.xmlsoap.org/wsdl/soap/' }.freeze

  def self.client(options)
    Client.new(options)
  end

  def self.snake_case(name)
    name.gsub(/([A-Z]+)([A-Z][a-z])/, '\1_\2').gsub(/([a-z\d])([A-Z])/, '\1_\2').tr('-', '_').downcase.to_sym
  end

  class SOAPFault < StandardError
    def initialize(fault)
      @fault = fault
      super("(#{fault[:faultcode]}) #{fault[:faultstring]}")
    end

    def to_hash
      { fault: @fault }
    end
  end

  class Response
    attr_reader :http, :body

    def initialize(http, body)
      @http = http
      @body = body
    end

    def to_s
      http.body
    end
  end

  class Client
    NORI = Nori.new(
      strip_namespaces: true,
      convert_tags_to: ->(tag) { Savon.snake_case(tag) },
      advanced_typecasting: true,
      parser: :nokogiri
    )

    def initialize(options)
      @options = options
      @wsdl = Nokogiri::XML(Net::HTTP.get(URI(options.fetch(:wsdl))))
      @elements = {}
      @wsdl.xpath('//w:portType/w:operation', WSDL).each do |operation|
        message = operation.at_xpath('w:input/@message', WSDL).value.split(':').last
        element = @wsdl.at_xpath("//w:message[@name='#{message}']/w:part/@element", WSDL).value.split(':').last
        @elements[Savon.snake_case(operation['name'])] = [operation['name'], element]
      end
    end

    def operations
      @elements.keys
    end

    def call(operation, locals = {})
      name, element = @elements.fetch(operation)
      headers = (@options[:soap_header] || {}).merge(locals[:soap_header] || {})
      answer = post(name, envelope(element, headers, locals.fetch(:message)))
      body = NORI.parse(answer.body).fetch(:envelope).fetch(:body)
      raise SOAPFault, body[:fault] if body.key?(:fault)

      Response.new(answer, body)
    end

    private

    def envelope(element, headers, message)
      env = @options.fetch(:env_namespace, :env)
      prefix = @options.fetch(:namespace_identifier, :tns)
      keys = { key_converter: :lower_camelcase }
      namespaces = {
        xsd: 'http://www.w3.org/2001/XMLSchema',
        xsi: 'http://www.w3.org/2001/XMLSchema-instance',
        prefix => @wsdl.root['targetNamespace'],
        env => ENVELOPE
      }.map { |name, uri| %( xmlns:#{name}="#{uri}") }.join
      '<?xml version="1.0" encoding="UTF-8"?>' \
        "<#{env}:Envelope#{namespaces}><#{env}:Header>#{Gyoku.xml(headers, keys)}</#{env}:Header>" \
        "<#{env}:Body><#{prefix}:#{element}>#{Gyoku.xml(message, keys)}</#{prefix}:#{element}></#{env}:Body>" \
        "</#{env}:Envelope>"
    end

    def post(name, xml)
      uri = URI(@options.fetch(:endpoint) { @wsdl.at_xpath('//s:address/@location', WSDL).value })
      Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == 'https') do |http|
        http.post(uri.request_uri, xml, 'SOAPAction' => "\"#{@wsdl.root['targetNamespace']}#{name}\"",
                                        'Content-Type' => 'text/xml;charset=UTF-8')
      end
    end
  end
end
