// ethers, a client that knows nothing of us, sets up a market on a node and a deployment of ours and trades in it.
// Prints a line per check; the first that fails ends the run with exit code 1.
// Usage: node ethers.mjs <url> <deployment.json> <folder of compiled contracts> <private key of the deployment's owner> <WebSocket url>
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  Contract, ContractFactory, JsonRpcProvider, MaxUint256, NonceManager, Wallet, WebSocketProvider, ZeroAddress, ZeroHash, concat, dataLength,
  getCreate2Address, getCreateAddress, hexlify, keccak256, parseEther, randomBytes, toBeHex, zeroPadValue,
} from "ethers";

const [url, deploymentFile, compiled, key, socketUrl] = process.argv.slice(2);
assert(socketUrl, "usage: node ethers.mjs <url> <deployment.json> <folder of compiled contracts> <private key> <WebSocket url>");

const deployment = JSON.parse(readFileSync(deploymentFile, "utf8"));
const artefact = (name) => JSON.parse(readFileSync(join(compiled, `${name}.json`), "utf8"));
// No cache: a read after a write must see it.
const node = new JsonRpcProvider(url, undefined, { cacheTimeout: -1, pollingInterval: 20, staticNetwork: true });
const wallet = new Wallet(key, node);
const owner = wallet.address;
const ours = (program, name) => new Contract(deployment.contracts[program].address, artefact(name).abi, wallet);
const house = ours("clearing-house", "IClearingHouse");
const vault = ours("collateral-vault", "ICollateralVault");
const factory = ours("series-factory", "ISeriesFactory");
const adapter = ours("oracle-adapter", "IOracleAdapter");
const surface = ours("volatility-surface", "IVolatilitySurface");

const DAY = 86_400n;
const WAD = 10n ** 18n;
const USD = 10n ** 6n;

async function check(name, test) {
  try {
    console.log(`ok   ${name}: ${await test()}`);
  } catch (error) {
    console.log(`FAIL ${name}: ${error.stack}`);
    process.exit(1);
  }
}

// A promise that a callback must keep within ten seconds.
function within(name, start) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name}: nothing in ten seconds`)), 10_000);
    start((value) => (clearTimeout(timer), resolve(value)));
  });
}

async function deploy(name, args, overrides = {}) {
  const { abi, bytecode } = artefact(name);
  const contract = await new ContractFactory(abi, bytecode, wallet).deploy(...args, overrides);
  return contract.waitForDeployment();
}

// Tries, so that the result is known; then sends.
async function send(contract, method, ...args) {
  const result = await contract[method].staticCall(...args);
  return { result, receipt: await (await contract[method](...args)).wait() };
}

// Runs what must be refused; returns the exception.
async function exception(action) {
  const error = await action().then(() => assert.fail("was not refused"), (error) => error);
  assert.equal(error.code, "CALL_EXCEPTION", error.stack);
  return error;
}

// Runs what `contract` must refuse; returns name and arguments of its error. Of estimates ethers gives the data alone.
async function refusal(contract, action) {
  const error = await exception(action);
  const { name, args } = error.revert ?? contract.interface.parseError(error.data);
  return [name, ...args];
}

let token;
await check("legacy, EIP-2930 and EIP-1559 transactions deploy a contract each", async () => {
  const accessList = [{ address: owner, storageKeys: [ZeroHash] }];
  for (const overrides of [{ type: 0 }, { type: 1, accessList }, { type: 2 }]) {
    const nonce = await node.getTransactionCount(owner);
    token = await deploy("TestToken", ["Dollar", "USD", 6], overrides);
    assert.equal(await token.getAddress(), getCreateAddress({ from: owner, nonce }));
    const { hash } = token.deploymentTransaction();
    const [sent, receipt] = [await node.getTransaction(hash), await node.getTransactionReceipt(hash)];
    assert.deepEqual([sent.type, sent.nonce, sent.from, sent.to, receipt.status], [overrides.type, nonce, owner, null, 1]);
    assert.equal(receipt.contractAddress, await token.getAddress());
    assert.equal(await token.symbol(), "USD");
  }
  return `the last at ${token.target}`;
});

await check("reads asked at once travel as one batch", async () => {
  const sizes = [];
  const watch = ({ action, payload }) => action === "sendRpcPayload" && sizes.push(Array.isArray(payload) ? payload.length : 1);
  node.on("debug", watch);
  const answers = await Promise.all([...Array(40).keys()].map((index) => (index % 2 ? token.decimals() : token.balanceOf(owner))));
  node.off("debug", watch);
  assert.deepEqual(answers, [...Array(40).keys()].map((index) => (index % 2 ? 6n : 0n)));
  assert(Math.max(...sizes) >= 40, `sizes of requests: ${sizes}`);
  return `requests of ${sizes.join(", ")} calls`;
});

await check("fees and gas are estimated so that both suffice and no gas is wasted", async () => {
  const [{ gasPrice, maxFeePerGas, maxPriorityFeePerGas }, { baseFeePerGas }] = [await node.getFeeData(), await node.getBlock("latest")];
  assert(gasPrice >= baseFeePerGas && maxFeePerGas >= baseFeePerGas + maxPriorityFeePerGas);
  await (await token.mint(owner, 50_000n * USD)).wait(); // the first pays for empty slots
  const estimate = await token.mint.estimateGas(owner, USD);
  const receipt = await (await token.mint(owner, USD, { gasLimit: estimate })).wait();
  assert(receipt.gasUsed <= estimate && receipt.gasPrice === baseFeePerGas);
  const history = await node.send("eth_feeHistory", ["0x2", "latest", [50]]);
  assert.equal(BigInt(history.baseFeePerGas.at(-1)), baseFeePerGas);
  return `estimated ${estimate}, used ${receipt.gasUsed}, at ${receipt.gasPrice} wei`;
});

await check("custom errors, reasons and panics are decoded; a mined failure says so", async () => {
  const pingPong = await deploy("PingPong", []);
  assert.deepEqual(await refusal(pingPong, () => pingPong.refuse()), ["Error", "not today"]);
  assert.deepEqual(await refusal(pingPong, () => pingPong.divide(0)), ["Panic", 0x12]);
  await (await pingPong.setLimit(0)).wait();
  assert.deepEqual(await refusal(pingPong, () => pingPong.ping(ZeroAddress, 0)), ["Stopped", 0n]);
  assert.deepEqual(await refusal(pingPong, () => pingPong.ping.estimateGas(ZeroAddress, 0)), ["Stopped", 0n]);
  const sent = await pingPong.ping(ZeroAddress, 0, { gasLimit: 100_000n });
  const { receipt } = await exception(() => sent.wait());
  assert.deepEqual([receipt.status, receipt.logs.length], [0, 0]);
  return `Stopped(0), block ${receipt.blockNumber}`;
});

await check("ten transactions sent without waiting are mined in order", async () => {
  const managed = token.connect(new NonceManager(wallet));
  const first = await node.getTransactionCount(owner);
  const sent = [];
  for (let index = 1n; index <= 10n; index += 1n) sent.push(await managed.transfer(toBeHex(0xdeadn + index, 20), index));
  const receipts = await Promise.all(sent.map((transaction) => transaction.wait()));
  assert.deepEqual(sent.map(({ nonce }) => nonce), [...Array(10).keys()].map((index) => first + index));
  const blocks = receipts.map(({ blockNumber, index }) => blockNumber * 1_000 + index);
  assert.deepEqual(blocks, blocks.toSorted((a, b) => a - b));
  const [from, to] = [receipts[0].blockNumber, receipts.at(-1).blockNumber];
  const logs = await token.queryFilter(token.filters.Transfer(owner), from, to);
  assert.deepEqual(logs.map(({ args }) => args.value), [...Array(10).keys()].map((index) => BigInt(index + 1)));
  return `blocks ${from} to ${to}`;
});

await check("an event is noticed by polling over HTTP", async () => {
  const recipient = Wallet.createRandom().address;
  const noticed = within("polling", (done) => token.on(token.filters.Transfer(null, recipient), done));
  // The filter must stand before the event: ethers sets it up when the listener's first poll runs.
  await new Promise((resolve) => setTimeout(resolve, 200));
  const { hash } = await token.transfer(recipient, 77n);
  const { args, log } = await noticed;
  await token.removeAllListeners();
  assert.deepEqual([...args, log.transactionHash], [owner, recipient, 77n, hash]);
  return `block ${log.blockNumber}`;
});

await check("blocks and events are pushed over WebSocket", async () => {
  const socket = new WebSocketProvider(socketUrl);
  const pushed = token.connect(socket);
  const recipient = Wallet.createRandom().address;
  const block = within("block subscription", (done) => socket.once("block", done));
  const event = within("log subscription", (done) => pushed.once(pushed.filters.Transfer(null, recipient), done));
  await socket.send("eth_chainId", []); // answered after the subscriptions before it
  await new Promise((resolve) => setTimeout(resolve, 200));
  const { blockNumber } = await (await token.transfer(recipient, 5n)).wait();
  const { args, log } = await event;
  assert.deepEqual([...args, log.blockNumber, await block], [owner, recipient, 5n, blockNumber, blockNumber]);
  await socket.destroy();
  return `block ${blockNumber}`;
});

await check("the CREATE2 factory of every chain deploys to the address of its salt", async () => {
  const salt = hexlify(randomBytes(32));
  const { bytecode } = artefact("PingPong");
  const factoryAddress = "0x4e59b44847b379578588920cA78FbF26c0B4956C";
  const address = getCreate2Address(factoryAddress, salt, keccak256(bytecode));
  assert.equal(await node.getCode(address), "0x");
  await (await wallet.sendTransaction({ to: factoryAddress, data: concat([salt, bytecode]) })).wait();
  const code = await node.getCode(address);
  assert(dataLength(code) > 100);
  assert.equal(await new Contract(address, artefact("PingPong").abi, node).limit(), MaxUint256);
  return `${dataLength(code)} bytes at ${address}`;
});

let pool, series, long, short, expiry;
await check("the owner lists a feed of three Solidity sources, a pool and a series; OpenZeppelin's token is deposited", async () => {
  const feed = keccak256(token.target); // another in every run: feeds are listed once
  const { timestamp } = await node.getBlock("latest");
  expiry = (BigInt(timestamp) / DAY + 7n) * DAY;
  const sources = [];
  for (const name of ["one", "two", "three"]) {
    const { target } = await deploy("PriceAggregator", [owner, 8, name, 2_000n * 10n ** 8n]);
    sources.push({ account: target, kind: 0, maxAge: 7_200, origin: zeroPadValue(target, 32), id: ZeroHash });
  }
  const rules = {
    minPrice: WAD, maxPrice: 1_000_000n * WAD, quorum: 2,
    warnBps: 100, haltBps: 200, jumpBps: 1_000, jumpDelay: 60, confidenceBps: 100, twapBps: 300,
  };
  await send(adapter, "listFeed", feed, sources, rules);
  await send(surface, "listSurface", feed, [owner], 1, 172_800, 2n * WAD, 0);
  await send(surface, "publishVolatility", feed, [expiry], [(8n * WAD) / 10n]);
  const terms = [token.target, ZeroAddress, feed, 1, DAY, 0, 30n * DAY, 100_000_000n, 1_000_000n * WAD];
  pool = (await send(factory, "listPool", ...terms)).result;
  series = (await send(factory, "listSeries", pool, expiry, 190_000_000_000n, 1)).result;
  const id = (index) => (BigInt(owner) << 96n) | (pool << 64n) | index;
  [long, short] = [id(0n), id(1n)];
  await send(token, "approve", vault.target, MaxUint256);
  for (const [account, dollars] of [[long, 500n], [short, 700n]]) {
    const { receipt } = await send(vault, "deposit", account, token.target, dollars * USD);
    const [deposited] = receipt.logs.map((log) => vault.interface.parseLog(log)).filter((log) => log?.name === "CollateralDeposited");
    assert.deepEqual(deposited.args.toArray(), [account, owner, token.target, dollars * USD]);
  }
  return `pool ${pool}, series ${toBeHex(series)}`;
});

await check("a trade moves premium and positions, and is found by its indexed topics", async () => {
  const { result, receipt } = await send(house, "trade", long, short, series, WAD, 50n * USD, expiry, 1n);
  const found = await house.queryFilter(house.filters.Traded(result), receipt.blockNumber, receipt.blockNumber);
  assert.deepEqual(found.map(({ transactionHash }) => transactionHash), [receipt.hash]);
  const [ofLong, ofShort] = [await house.accountState(long), await house.accountState(short)];
  assert.deepEqual([ofLong.cash, ofShort.cash], [450n * USD, 750n * USD]);
  assert.deepEqual([ofLong.legs.length, ofShort.legs.length], [1, 1]);
  const [initial, maintenance, mark] = await house.health(short);
  assert(0n < initial && initial < maintenance && maintenance < mark);
  return `gas ${receipt.gasUsed}`;
});

await check("what margin holds is refused with its typed error, the rest is paid out", async () => {
  const stranger = Wallet.createRandom().connect(node);
  await (await wallet.sendTransaction({ to: stranger.address, value: parseEther("1") })).wait();
  const foreign = house.connect(stranger).withdraw.staticCall(short, token.target, 1n, owner);
  assert.deepEqual(await refusal(house, () => foreign), ["NotAuthorized", short, stranger.address]);
  const [name, account, balance] = await refusal(house, () => house.withdraw(short, token.target, 740n * USD, owner));
  assert.deepEqual([name, account], ["InsufficientInitialMargin", short]);
  assert(balance < 0n);
  const before = await token.balanceOf(owner);
  await send(house, "withdraw", short, token.target, 10n * USD, owner);
  assert.equal(await token.balanceOf(owner), before + 10n * USD);
  return `short of ${-balance}, then 10 of 750 paid`;
});
node.destroy();
