// Reads a node with viem as it comes from npm: a batch over HTTP, then a WebSocket until the next block. One line of JSON.
//
//   node nodereader.mjs http://127.0.0.1:8545

import { createPublicClient, http, webSocket } from "viem";

const url = process.argv[2];
const batching = createPublicClient({ transport: http(url, { batch: true }) });
const [block, chain] = await Promise.all([batching.getBlockNumber(), batching.getChainId()]);
const following = createPublicClient({ transport: webSocket(url.replace("http", "ws")) });
const next = await new Promise((done) => {
  const stop = following.watchBlockNumber({ onBlockNumber: (number) => (number > block ? (stop(), done(number)) : null) });
});
const unknown = await batching.request({ method: "eth_nonsense" }).catch((error) => error.code);
console.log(JSON.stringify({ block: Number(block), chain, next: Number(next), unknown }));
process.exit(0);
