// Drives @polymarket/clob-client-v2 as it comes from npm: requests on stdin, answers on stdout, a line of JSON each.
//
//   {"id": 1, "open": {"name": "alice", "host": "http://…", "key": "0x…", "creds": {…}, "throwOnError": false}}
//   {"id": 2, "name": "alice", "method": "getOk", "args": []}
//   {"id": 3, "methods": true}
//
// An answer is {"id", "result"} or {"id", "error": {"message", "status"}}; requests run at the same time.

import { createInterface } from "node:readline";
import { Wallet } from "@ethersproject/wallet";
import { ClobClient } from "@polymarket/clob-client-v2";

console.error = () => {}; // the client prints what it throws
const clients = new Map();

function open({ name, host, key, ...more }) {
  clients.set(name, new ClobClient({ host, chain: 137, signer: new Wallet(key), ...more }));
  return null;
}

async function answer(request) {
  if (request.open) return open(request.open);
  if (request.methods) return Object.getOwnPropertyNames(ClobClient.prototype);
  return await clients.get(request.name)[request.method](...(request.args ?? []));
}

createInterface({ input: process.stdin }).on("line", async (line) => {
  const request = JSON.parse(line);
  let told;
  try {
    told = { id: request.id, result: (await answer(request)) ?? null };
  } catch (error) {
    told = { id: request.id, error: { message: String(error.message), status: error.status ?? null } };
  }
  process.stdout.write(JSON.stringify(told) + "\n");
});
