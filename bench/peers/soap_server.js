// A SOAP server of node `soap` over the double's own document: what a hand-written fake in Node costs.
"use strict";

const http = require("http");
const fs = require("fs");
const soap = require("soap");

const [port, wsdl] = process.argv.slice(2);
const known = new Map();

function syncLead(args) {
  const email = args.leadRecord.Email;
  const status = known.has(email) ? "UPDATED" : "CREATED";
  if (!known.has(email)) known.set(email, 1001 + known.size);
  const leadId = known.get(email);
  return { result: { leadId, syncStatus: { leadId, status } } };
}

function getLead(args) {
  const email = args.leadKey.keyValue;
  return { result: { count: 1, leadRecordList: { leadRecord: [{ Id: known.get(email), Email: email }] } } };
}

const operations = { syncLead, getLead };
const server = http.createServer((request, response) => response.end());
server.keepAliveTimeout = 60000;
server.listen(Number(port), "127.0.0.1", () => {
  const services = { MktMktowsApiService: { MktowsApiSoapPort: operations } };
  soap.listen(server, "/soap/mktows/3_1", services, fs.readFileSync(wsdl, "utf8"));
});
