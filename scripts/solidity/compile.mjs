// Compiles src/*.sol and our interfaces with the locked solc into <out>/<Contract>.json {abi, bytecode}; an interface has no bytecode.
// Does nothing when no source changed.
// Usage: node compile.mjs [out directory]
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const out = resolve(process.argv[2] ?? join(root, "target/solidity"));
const interfaces = join(root, "contracts/interfaces/solidity");
const listOf = (folder) => readdirSync(folder).filter((name) => name.endsWith(".sol")).sort();

// cancun: transient storage and MCOPY exist on every Arbitrum chain; the optimizer keeps the gas figures of the demo honest.
const settings = {
  evmVersion: "cancun",
  optimizer: { enabled: true, runs: 200 },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
};

const sources = listOf(join(here, "src"));
const hash = createHash("sha256").update(JSON.stringify(settings));
for (const path of [
  ...sources.map((name) => join(here, "src", name)),
  ...listOf(interfaces).map((name) => join(interfaces, name)),
  join(here, "package-lock.json"),
  fileURLToPath(import.meta.url),
]) hash.update(path.slice(root.length)).update("\0").update(readFileSync(path)).update("\0");
const digest = hash.digest("hex");
const stamp = join(out, "sources.sha256");
if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) process.exit(0);

// Loaded only now: solc takes a second to start.
const solc = createRequire(import.meta.url)("solc");

function find(path) {
  const file = path.startsWith("interfaces/")
    ? join(interfaces, path.slice("interfaces/".length))
    : join(here, "node_modules", path);
  return existsSync(file) ? { contents: readFileSync(file, "utf8") } : { error: `not found: ${file}` };
}

const input = {
  language: "Solidity",
  sources: Object.fromEntries([
    ...sources.map((name) => [name, { content: readFileSync(join(here, "src", name), "utf8") }]),
    ...listOf(interfaces).map((name) => [`interfaces/${name}`, { content: readFileSync(join(interfaces, name), "utf8") }]),
  ]),
  settings,
};
const output = JSON.parse(solc.compile(JSON.stringify(input), { import: find }));
const problems = output.errors ?? [];
for (const { formattedMessage } of problems) console.error(formattedMessage);
if (problems.some(({ severity }) => severity === "error")) process.exit(1);

mkdirSync(out, { recursive: true });
let written = 0;
for (const name of Object.keys(input.sources)) {
  for (const [contract, { abi, evm }] of Object.entries(output.contracts[name] ?? {})) {
    const bytecode = evm.bytecode.object ? `0x${evm.bytecode.object}` : undefined;
    writeFileSync(join(out, `${contract}.json`), JSON.stringify({ abi, bytecode }, null, 1));
    written += 1;
  }
}
writeFileSync(stamp, digest);
console.log(`compiled ${written} Solidity contracts into ${out}`);
