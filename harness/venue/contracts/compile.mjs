// Compiles the venue's contracts into artefacts.json beside this file: `make setup` runs it.
import { createRequire } from "node:module";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const solc = createRequire(import.meta.url)("solc");
const names = readdirSync(here).filter((name) => name.endsWith(".sol")).sort();
const sources = Object.fromEntries(names.map((name) => [name, { content: readFileSync(join(here, name), "utf8") }]));
const settings = {
  evmVersion: "cancun",
  viaIR: true,
  optimizer: { enabled: true, runs: 200 },
  metadata: { bytecodeHash: "none", appendCBOR: false },
  outputSelection: { "*": { "*": ["evm.deployedBytecode.object", "evm.deployedBytecode.immutableReferences", "evm.methodIdentifiers"] } },
};
const output = JSON.parse(solc.compile(JSON.stringify({ language: "Solidity", sources, settings })));
const faults = (output.errors ?? []).filter((error) => error.severity !== "info");
if (faults.length > 0) {
  for (const fault of faults) console.error(fault.formattedMessage);
  process.exit(1);
}

const artefacts = {};
for (const file of Object.keys(output.contracts).sort()) {
  for (const [name, { evm }] of Object.entries(output.contracts[file]).sort()) {
    if (!evm.deployedBytecode.object) continue; // an interface or an abstract contract
    artefacts[name] = { runtime: "0x" + evm.deployedBytecode.object, selectors: evm.methodIdentifiers };
  }
}
writeFileSync(join(here, "artefacts.json"), JSON.stringify(artefacts, null, 1) + "\n");
console.log(`contracts: ${Object.keys(artefacts).join(", ")} compiled with solc ${solc.version()}`);
