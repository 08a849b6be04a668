// Loaded by NODE_OPTIONS into every Node of `mockmkto exec --intercept`: its http, https and fetch know no proxy of
// the environment (before Node 24), so what they connect to is changed where all of them connect.
"use strict";

const net = require("net");

const { hosts, domains, ports } = JSON.parse(process.env.MOCKMKTO_INTERCEPT);
const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d+){3}|::1|\[::1\])$/;
const connect = net.Socket.prototype.connect;

function isMeant(host) {
  const name = host.toLowerCase().replace(/\.$/, "");
  return hosts.includes(name) || domains.some((domain) => name.endsWith(`.${domain}`));
}

net.Socket.prototype.connect = function (...words) {
  // Node's own modules hand over [options, callback], everybody else options, or port and host.
  const normalized = Array.isArray(words[0]) ? words[0] : null;
  let options = normalized ? normalized[0] : words[0];
  if (typeof options !== "object" || options === null) {
    options = { port: Number(words[0]), host: typeof words[1] === "string" ? words[1] : "localhost" };
    if (Number.isNaN(options.port)) return connect.apply(this, words); // a path
    words = [options, ...words.slice(1).filter((word) => typeof word === "function")];
  }
  const host = options.host;
  if (options.path || typeof host !== "string" || LOOPBACK.test(host.toLowerCase())) return connect.apply(this, words);
  if (!isMeant(host)) {
    const text = `mockmkto answers the vendor's hosts alone, and lets nothing out to ${host}`;
    process.nextTick(() => this.destroy(Object.assign(new Error(text), { code: "ECONNREFUSED" })));
    return this;
  }
  const port = { 80: ports.http, 443: ports.https }[Number(options.port)];
  if (port === undefined) {
    const text = `${host} answers on the ports 80 and 443 here, not on ${options.port}`;
    process.nextTick(() => this.destroy(Object.assign(new Error(text), { code: "ECONNREFUSED" })));
    return this;
  }
  const changed = { ...options, host: "127.0.0.1", port };
  delete changed.lookup;
  if (normalized) {
    const copy = normalized.slice();
    for (const symbol of Object.getOwnPropertySymbols(normalized)) copy[symbol] = normalized[symbol];
    copy[0] = changed;
    return connect.call(this, copy);
  }
  return connect.call(this, changed, ...words.slice(1));
};
