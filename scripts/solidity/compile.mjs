// Compiles src/*.sol and our interfaces with the locked solc into <out>/<Contract>.json {abi, bytecode}; an interface has no bytecode.
// Puts contracts nobody here wrote beside them: from the sources their npm packages ship, or as shipped.
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

// Real code of others, at the versions of the lock file.
const foreign = ["@pythnetwork/pyth-sdk-solidity/MockPyth.sol", "@pythnetwork/pyth-sdk-solidity/PythAggregatorV3.sol"];
// Chainlink's proxies on the chains are of this compiler; nothing newer accepts their sources.
const elder = {
  compiler: "solc-0.6.6",
  evmVersion: "istanbul",
  sources: ["FluxAggregator", "EACAggregatorProxy"].map((name) => `@chainlink/contracts/src/v0.6/${name}.sol`),
};
const logic = ["Supply", "Borrow", "Liquidation", "EMode", "Bridge", "Pool", "FlashLoan", "Configurator"];
const shipped = [
  ["@uniswap/v3-core/artifacts/contracts", ["UniswapV3Factory"]],
  ["@aave/core-v3/artifacts/contracts/misc", ["AaveOracle"]],
  ["@aave/core-v3/artifacts/contracts/protocol/configuration", ["PoolAddressesProvider", "ACLManager"]],
  ["@aave/core-v3/artifacts/contracts/protocol/libraries/logic", logic.map((name) => `${name}Logic`)],
  ["@aave/core-v3/artifacts/contracts/protocol/pool", ["Pool", "PoolConfigurator", "DefaultReserveInterestRateStrategy"]],
  ["@aave/core-v3/artifacts/contracts/protocol/tokenization", ["AToken", "StableDebtToken", "VariableDebtToken"]],
].flatMap(([folder, names]) => names.map((name) => `${folder}/${name}.sol/${name}.json`));

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

/// Compiles `sources` {name: {content}}; returns contracts by source. What others' sources are warned of is their business.
function compile(compiler, sources, settings) {
  const input = { language: "Solidity", sources, settings };
  const output = JSON.parse(compiler.compile(JSON.stringify(input), { import: find }));
  const ours = ({ severity, sourceLocation }) => severity === "error" || !sourceLocation?.file.startsWith("@");
  const problems = (output.errors ?? []).filter(ours);
  for (const { formattedMessage } of problems) console.error(formattedMessage);
  if (problems.some(({ severity }) => severity === "error")) process.exit(1);
  return output.contracts;
}

const named = (names) => Object.fromEntries(names.map((name) => [name, { content: find(name).contents }]));
const compiled = compile(solc, {
  ...Object.fromEntries(sources.map((name) => [name, { content: readFileSync(join(here, "src", name), "utf8") }])),
  ...named(listOf(interfaces).map((name) => `interfaces/${name}`)),
  ...named(foreign),
}, settings);
const elders = compile(
  createRequire(import.meta.url)(elder.compiler),
  named(elder.sources),
  { ...settings, evmVersion: elder.evmVersion },
);

mkdirSync(out, { recursive: true });
let written = 0;
function write(contract, abi, bytecode, links) {
  writeFileSync(join(out, `${contract}.json`), JSON.stringify({ abi, bytecode, links }, null, 1));
  written += 1;
}
// Imported sources come along in the output; only what was asked for is kept.
const asked = (name) => !name.startsWith("@") || foreign.includes(name) || elder.sources.includes(name);
for (const contracts of [elders, compiled]) {
  for (const name of Object.keys(contracts).filter(asked)) {
    for (const [contract, { abi, evm }] of Object.entries(contracts[name])) {
      const bytecode = evm.bytecode.object ? `0x${evm.bytecode.object}` : undefined;
      write(contract, abi, bytecode);
    }
  }
}
for (const path of shipped) {
  const { contractName, abi, bytecode, linkReferences } = JSON.parse(find(path).contents);
  // Where the address of a library belongs: by name, byte offsets into the code, which has zeros there.
  const libraries = Object.values(linkReferences ?? {}).flatMap(Object.entries);
  const links = libraries.map(([library, places]) => [library, places.map(({ start }) => start)]);
  write(contractName, abi, bytecode.replaceAll(/__\$[0-9a-f]{34}\$__/g, "0".repeat(40)), Object.fromEntries(links));
}
writeFileSync(stamp, digest);
console.log(`compiled ${written} Solidity contracts into ${out}`);
