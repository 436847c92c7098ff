// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

interface IArbWasm {
    function codehashAsmSize(bytes32 codehash) external view returns (uint32);
}

interface IArbWasmCache {
    function cacheProgram(address program) external;
    function evictCodehash(bytes32 codehash) external;
    function codehashIsCached(bytes32 codehash) external view returns (bool);
}

/// A cache manager for local chains, where the devnode's own does nothing. Programs share a fixed number of compiled bytes; the cheapest make
/// room for a dearer one. It answers what `cargo stylus cache` asks. Bids are kept, and do not decay.
contract ProgramCache {
    error AsmTooLarge(uint256 asm, uint256 queueSize, uint256 cacheSize);
    error AlreadyCached(bytes32 codehash);
    error BidTooSmall(uint192 bid, uint192 min);
    error ProgramNotActivated();

    struct Entry {
        bytes32 codehash;
        uint64 size;
        uint192 bid;
    }

    IArbWasm private constant ARB_WASM = IArbWasm(address(0x71));
    IArbWasmCache private constant ARB_WASM_CACHE = IArbWasmCache(address(0x72));

    /// Compiled bytes that fit.
    uint64 public immutable cacheSize;
    /// Compiled bytes in use.
    uint64 public queueSize;
    Entry[] private entries;

    constructor(uint64 cacheSize_) {
        cacheSize = cacheSize_;
    }

    function isPaused() external pure returns (bool) {
        return false;
    }

    /// Least bid for `size` bytes: more than each program that would make room, nothing while there is room.
    function getMinBid(uint64 size) public view returns (uint192 min) {
        if (size > cacheSize) revert AsmTooLarge(size, queueSize, cacheSize);
        uint64 free = cacheSize - queueSize;
        // Entries are sorted, dearest first.
        for (uint256 index = entries.length; free < size; index--) {
            free += entries[index - 1].size;
            min = entries[index - 1].bid + 1;
        }
    }

    function getMinBid(address program) external view returns (uint192) {
        return getMinBid(sizeOf(program.codehash));
    }

    function placeBid(address program) external payable {
        bytes32 codehash = program.codehash;
        if (ARB_WASM_CACHE.codehashIsCached(codehash)) revert AlreadyCached(codehash);
        uint64 size = sizeOf(codehash);
        uint192 bid = uint192(msg.value);
        uint192 min = getMinBid(size);
        if (bid < min) revert BidTooSmall(bid, min);
        while (cacheSize - queueSize < size) {
            Entry memory cheapest = entries[entries.length - 1];
            entries.pop();
            queueSize -= cheapest.size;
            ARB_WASM_CACHE.evictCodehash(cheapest.codehash);
        }
        entries.push();
        uint256 at = entries.length - 1;
        for (; at > 0 && entries[at - 1].bid < bid; at--) entries[at] = entries[at - 1];
        entries[at] = Entry(codehash, size, bid);
        queueSize += size;
        ARB_WASM_CACHE.cacheProgram(program);
    }

    function sizeOf(bytes32 codehash) private view returns (uint64) {
        try ARB_WASM.codehashAsmSize(codehash) returns (uint32 size) {
            return size;
        } catch {
            revert ProgramNotActivated();
        }
    }
}
