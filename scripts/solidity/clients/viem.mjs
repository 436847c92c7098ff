// viem, a client that knows nothing of us, sets up a market on a node and a deployment of ours and trades in it.
// Prints a line per check; the first that fails ends the run with exit code 1.
// Usage: node viem.mjs <url> <deployment.json> <folder of compiled contracts> <private key of the deployment's owner> <WebSocket url>
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  BaseError, ContractFunctionRevertedError, createPublicClient, createWalletClient, defineChain, encodeAbiParameters, getAddress,
  getContractAddress, http, keccak256, maxUint256, pad, parseEther, parseEventLogs, toHex, webSocket,
} from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

const [url, deploymentFile, compiled, key, socketUrl] = process.argv.slice(2);
assert(socketUrl, "usage: node viem.mjs <url> <deployment.json> <folder of compiled contracts> <private key> <WebSocket url>");

const deployment = JSON.parse(readFileSync(deploymentFile, "utf8"));
const artefact = (name) => JSON.parse(readFileSync(join(compiled, `${name}.json`), "utf8"));
const ours = (program, name) => ({ address: deployment.contracts[program].address, abi: artefact(name).abi });
const house = ours("clearing-house", "IClearingHouse");
const vault = ours("collateral-vault", "ICollateralVault");
const factory = ours("series-factory", "ISeriesFactory");
const adapter = ours("oracle-adapter", "IOracleAdapter");
const surface = ours("volatility-surface", "IVolatilitySurface");
const lens = ours("risk-lens", "IRiskLens");

const chain = defineChain({
  id: deployment.chainId,
  name: "local",
  nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
  rpcUrls: { default: { http: [url] } },
});
const account = privateKeyToAccount(key);
const node = createPublicClient({ chain, transport: http(), pollingInterval: 20 });
const wallet = createWalletClient({ account, chain, transport: http() });
const owner = account.address;

const DAY = 86_400n;
const WAD = 10n ** 18n;
// One unit of the settlement token, and what turns its amounts into WAD.
const USD = 10n ** 6n;
const TO_WAD = WAD / USD;

async function check(name, test) {
  try {
    console.log(`ok   ${name}: ${await test()}`);
  } catch (error) {
    console.log(`FAIL ${name}: ${error.stack}`);
    process.exit(1);
  }
}

async function mined(hash) {
  const receipt = await node.waitForTransactionReceipt({ hash });
  assert.equal(receipt.status, "success", `transaction ${hash}`);
  return receipt;
}

async function deploy(name, args, fees = {}) {
  const { abi, bytecode } = artefact(name);
  const receipt = await mined(await wallet.deployContract({ abi, bytecode, args, ...fees }));
  return { address: getAddress(receipt.contractAddress), abi, receipt };
}

const read = ({ address, abi }, functionName, args = [], more = {}) => node.readContract({ address, abi, functionName, args, ...more });

// Simulates, so that a refusal is thrown as its typed error and the result is known; then sends.
async function send({ address, abi }, functionName, args) {
  const { request, result } = await node.simulateContract({ account, address, abi, functionName, args });
  return { result, receipt: await mined(await wallet.writeContract(request)) };
}

// Runs what must be refused; returns name and arguments of the error.
async function refusal(action) {
  const error = await action().then(() => assert.fail("was not refused"), (error) => error);
  const revert = error instanceof BaseError && error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  if (!revert) throw error;
  return [revert.data?.errorName, ...(revert.data?.args ?? [])];
}

let token;
await check("legacy, EIP-2930 and EIP-1559 transactions deploy a contract each", async () => {
  const listed = { address: owner, storageKeys: [toHex(0, { size: 32 })] };
  for (const fees of [{ type: "legacy" }, { type: "eip2930", accessList: [listed] }, { type: "eip1559" }]) {
    const nonce = await node.getTransactionCount({ address: owner });
    token = await deploy("TestToken", ["Dollar", "USD", 6], fees);
    assert.equal(token.receipt.type, fees.type);
    assert.equal(token.address, getContractAddress({ from: owner, nonce: BigInt(nonce) }));
    const sent = await node.getTransaction({ hash: token.receipt.transactionHash });
    assert.deepEqual([sent.type, sent.nonce, sent.from, sent.to], [fees.type, nonce, owner.toLowerCase(), null]);
    assert.equal(sent.accessList?.length ?? 0, fees.accessList?.length ?? 0);
    assert.equal(await read(token, "symbol"), "USD");
  }
  return `the last at ${token.address}`;
});

await check("state overrides change a call, not the chain", async () => {
  const balance = keccak256(encodeAbiParameters([{ type: "address" }, { type: "uint256" }], [owner, 0n]));
  const stateDiff = [{ slot: balance, value: toHex(777n, { size: 32 }) }];
  const pretended = await read(token, "balanceOf", [owner], { stateOverride: [{ address: token.address, stateDiff }] });
  assert.equal(pretended, 777n);
  assert.equal(await read(token, "balanceOf", [owner]), 0n);
  const [code, elsewhere] = [await node.getCode({ address: token.address }), privateKeyToAccount(generatePrivateKey()).address];
  const there = { ...token, address: elsewhere };
  assert.equal(await read(there, "decimals", [], { stateOverride: [{ address: elsewhere, code }] }), 6);
  assert.equal(await node.getCode({ address: elsewhere }), undefined);
  return `balance of ${pretended} where there is none, token where there is no code`;
});

await check("an estimate suffices, and one gas less than was used does not", async () => {
  const mint = { ...token, account, functionName: "mint", args: [owner, 50_000n * USD] };
  const minted = async (gas) => node.waitForTransactionReceipt({ hash: await wallet.writeContract({ ...mint, gas }) });
  await minted(await node.estimateContractGas(mint)); // the first pays for empty slots
  const estimate = await node.estimateContractGas(mint);
  const { status, gasUsed, effectiveGasPrice } = await minted(estimate);
  assert.equal(status, "success");
  assert(gasUsed <= estimate && effectiveGasPrice > 0n);
  assert.equal((await minted(gasUsed - 1n)).status, "reverted");
  return `estimated ${estimate}, used ${gasUsed}`;
});

await check("logs are found by event and topic, blocks by number and hash", async () => {
  const { address, abi, receipt } = token;
  const query = { address, abi, eventName: "Transfer", fromBlock: receipt.blockNumber };
  const [log, ...more] = await node.getContractEvents({ ...query, args: { to: owner } });
  assert.deepEqual([log.args.value, more.length], [50_000n * USD, 1]);
  assert.deepEqual(await node.getContractEvents({ ...query, args: { from: owner } }), []);
  const block = await node.getBlock({ blockNumber: log.blockNumber, includeTransactions: true });
  assert.deepEqual([block.hash, block.transactions.map(({ hash }) => hash)], [log.blockHash, [log.transactionHash]]);
  const parent = await node.getBlock({ blockHash: block.parentHash });
  assert.equal(parent.number, block.number - 1n);
  assert(parent.timestamp <= block.timestamp && block.baseFeePerGas > 0n);
  return `block ${block.number}, ${block.hash}`;
});

await check("blocks, hashes of transactions and events are pushed over WebSocket", async () => {
  const socket = createPublicClient({ chain, transport: webSocket(socketUrl) });
  const recipient = privateKeyToAccount(generatePrivateKey()).address;
  const pushed = { blocks: [], hashes: [], events: [] };
  const onError = (error) => console.log(`FAIL subscription: ${error.stack ?? JSON.stringify(error)}`) ?? process.exit(1);
  const stop = [
    socket.watchBlocks({ onBlock: (block) => pushed.blocks.push(block), onError }),
    socket.watchPendingTransactions({ onTransactions: (hashes) => pushed.hashes.push(...hashes), onError }),
    socket.watchContractEvent({ ...token, eventName: "Transfer", args: { to: recipient }, onLogs: (logs) => pushed.events.push(...logs), onError }),
  ];
  await new Promise((resolve) => setTimeout(resolve, 200)); // until the node has acknowledged all three
  const other = await send(token, "transfer", [owner, 1n]);
  const { receipt } = await send(token, "transfer", [recipient, 5n]);
  for (let wait = 0; wait < 200 && !(pushed.events.length && pushed.blocks.length > 1 && pushed.hashes.length > 1); wait += 1) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  stop.forEach((end) => end());
  (await socket.transport.getRpcClient()).close();
  const sent = [other.receipt, receipt];
  assert.deepEqual(pushed.blocks.map(({ hash }) => hash), sent.map(({ blockHash }) => blockHash));
  assert.deepEqual(pushed.hashes, sent.map(({ transactionHash }) => transactionHash));
  assert.deepEqual(pushed.events.map(({ args, transactionHash }) => [args.value, transactionHash]), [[5n, receipt.transactionHash]]);
  return `blocks ${pushed.blocks.map(({ number }) => number).join(" and ")}`;
});

await check("reads asked at once travel as one batch", async () => {
  const sizes = [];
  const onFetchRequest = async (request) => void sizes.push((await request.clone().json()).length ?? 1);
  const batching = createPublicClient({ chain, transport: http(url, { batch: { batchSize: 100, wait: 5 }, onFetchRequest }) });
  const asked = [...Array(40).keys()]; // forty accounts: viem asks the same question once
  const answers = await Promise.all(asked.map((index) => batching.getBalance({ address: index ? toHex(0xbeef_0000 + index, { size: 20 }) : owner })));
  assert(answers[0] > 0n && answers.slice(1).every((balance) => balance === 0n));
  assert.equal(Math.max(...sizes), 40);
  return `requests of ${sizes.join(", ")} calls`;
});

let feed, pool, series, long, short, expiry;
await check("the owner lists a feed of three Solidity sources, a pool and a series", async () => {
  feed = keccak256(token.address); // another in every run: feeds are listed once
  const now = (await node.getBlock()).timestamp;
  expiry = Number((now / DAY + 7n) * DAY);
  const sources = [];
  for (const name of ["one", "two", "three"]) {
    const { address } = await deploy("PriceAggregator", [owner, 8, name, 2_000n * 10n ** 8n]);
    sources.push({ account: address, kind: 0, maxAge: 7_200, origin: pad(address), id: pad("0x00") });
  }
  const rules = {
    minPrice: WAD, maxPrice: 1_000_000n * WAD, quorum: 2,
    warnBps: 100, haltBps: 200, jumpBps: 1_000, jumpDelay: 60, confidenceBps: 100, twapBps: 300,
  };
  await send(adapter, "listFeed", [feed, sources, rules]);
  await send(surface, "listSurface", [feed, [owner], 1, 172_800, 2n * WAD, 0]);
  await send(surface, "publishVolatility", [feed, [expiry], [(8n * WAD) / 10n]]);
  const nothing = "0x0000000000000000000000000000000000000000";
  const terms = [token.address, nothing, feed, 1, Number(DAY), 0, 30 * Number(DAY), 100_000_000n, 1_000_000n * WAD];
  pool = (await send(factory, "listPool", terms)).result;
  series = (await send(factory, "listSeries", [pool, expiry, 190_000_000_000n, 1])).result;
  const id = (index) => (BigInt(owner) << 96n) | (BigInt(pool) << 64n) | index;
  [long, short] = [id(0n), id(1n)];
  const [mid, , , , valid] = await read(adapter, "spot", [feed]);
  assert.deepEqual([mid, valid], [2_000n * WAD, 3]);
  return `pool ${pool}, series ${toHex(series)}`;
});

let reader;
await check("deposited collateral is health, as a Solidity contract reads it", async () => {
  await send(token, "approve", [vault.address, maxUint256]);
  for (const [account, dollars] of [[long, 500n], [short, 700n]]) {
    const { receipt } = await send(vault, "deposit", [account, token.address, dollars * USD]);
    const [{ args }] = parseEventLogs({ abi: vault.abi, eventName: "CollateralDeposited", logs: receipt.logs });
    assert.deepEqual(args, { account, caller: owner, asset: token.address, assets: dollars * USD });
  }
  reader = await deploy("PortfolioReader", [lens.address]);
  const health = await read(reader, "health", [long]);
  assert.deepEqual(health, Array(3).fill(500n * WAD));
  return `initial, maintenance, mark ${health.join(", ")}`;
});

await check("a trade is seen by a filter over WebSocket, in its receipt, and in both healths", async () => {
  const socket = createPublicClient({ chain, transport: webSocket(socketUrl) });
  const filter = await socket.createContractEventFilter({ ...house, eventName: "Traded" });
  const deadline = BigInt(expiry);
  const { result, receipt } = await send(house, "trade", [long, short, series, WAD, 50n * USD, deadline, 1n]);
  const events = (eventName) => parseEventLogs({ abi: house.abi, eventName, logs: receipt.logs }).map(({ args }) => args);
  const terms = { tradeHash: result, buyer: long, seller: short, seriesId: series, contracts: WAD, premium: 50n * USD };
  assert.deepEqual(events("Traded"), [terms]);
  assert.deepEqual(events("PositionChanged").map(({ account, contracts }) => [account, contracts]), [[long, WAD], [short, -WAD]]);
  const found = await socket.getFilterChanges({ filter });
  assert.deepEqual(found.map(({ args, transactionHash }) => [args, transactionHash]), [[terms, receipt.transactionHash]]);
  (await socket.transport.getRpcClient()).close();

  const [ofLong, ofShort] = [await read(reader, "health", [long]), await read(reader, "health", [short])];
  assert.deepEqual(ofShort, (await read(house, "health", [short])).slice(0, 3));
  const lost = 1_200n * WAD - ofLong[2] - ofShort[2];
  assert(lost >= 0n && lost < TO_WAD, `marks of both sides fall short of their collateral by ${lost}`);
  assert(0n < ofShort[0] && ofShort[0] < ofShort[1] && ofShort[1] < ofShort[2], `the writer's health ${ofShort}`);
  return `marks ${ofLong[2]} and ${ofShort[2]}`;
});

await check("a refusal of the clearing house decodes to its typed error", async () => {
  const stranger = privateKeyToAccount(generatePrivateKey());
  await mined(await wallet.sendTransaction({ to: stranger.address, value: parseEther("1") }));
  const withdraw = (assets) => ({ ...house, functionName: "withdraw", args: [short, token.address, assets, owner] });
  const unauthorized = ["NotAuthorized", short, stranger.address];
  assert.deepEqual(await refusal(() => node.simulateContract({ ...withdraw(1n), account: stranger })), unauthorized);
  assert.deepEqual(await refusal(() => node.estimateContractGas({ ...withdraw(1n), account: stranger })), unauthorized);
  const [name, account_, balance] = await refusal(() => node.simulateContract({ ...withdraw(740n * USD), account }));
  assert.deepEqual([name, account_], ["InsufficientInitialMargin", short]);
  assert(balance < 0n);
  // Mined all the same, it fails and leaves no log.
  const hash = await wallet.writeContract({ ...withdraw(1n), account: stranger, gas: 3_000_000n });
  const { status, logs } = await node.waitForTransactionReceipt({ hash });
  assert.deepEqual([status, logs], ["reverted", []]);
  return `${unauthorized[0]}(${toHex(short)}, ${stranger.address}); ${name}(…, ${balance})`;
});

await check("what margin does not hold is paid out", async () => {
  const before = await read(token, "balanceOf", [owner]);
  await send(house, "withdraw", [short, token.address, 10n * USD, owner]);
  assert.equal(await read(token, "balanceOf", [owner]), before + 10n * USD);
  assert.equal((await read(house, "accountState", [short])).cash, 740n * USD);
  return "10 of 750";
});
